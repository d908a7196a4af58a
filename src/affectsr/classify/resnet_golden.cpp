// Golden runners of resnet18_fer and resnet50_fer, torchvision's layout.
#include "affectsr/classify/imagenet.h"
#include "affectsr/classify/resnet.h"
#include "affectsr/classify/test_softmax.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

/// The references see normalised colours, the plans normalise them.
HostTensor without_norms(const HostTensor& normalised) {
    return with_channels(normalised, [](float value, std::size_t channel) {
        return value * kImagenetDeviation[channel] + kImagenetMean[channel];
    });
}

PlanCase describe(int depth, const Case& golden_case) {
    PlanCase made{resnet_plan(depth, {}), without_norms(golden_case.input("x"))};
    for (const char* mark : {"layer1", "layer2", "layer3", "layer4", "pooled"}) made.plan.output_mark(mark);
    made.finish = [](const std::map<std::string, HostTensor>& values) {
        Outputs outputs{{"output.logits", values.at("expression")},
                        {"output.pooled", values.at("pooled")},
                        {"output.probabilities", softmax_rows(values.at("expression"))}};
        for (const std::string layer : {"layer1", "layer2", "layer3", "layer4"})
            outputs["stage." + layer + "_mean"] = spatial_mean(values.at(layer));
        return outputs;
    };
    return made;
}

const bool kResnet18 = register_plan("resnet18_fer", [](const Case& c) { return describe(18, c); });
const bool kResnet50 = register_plan("resnet50_fer", [](const Case& c) { return describe(50, c); });

}  // namespace
}  // namespace affectsr::golden
