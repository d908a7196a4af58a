// Golden runners of vgg16_fer and vgg19_fer, torchvision's layout.
#include "affectsr/classify/imagenet.h"
#include "affectsr/classify/test_softmax.h"
#include "affectsr/classify/vgg.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

/// The references see normalised colours, the plans normalise them.
HostTensor without_norms(const HostTensor& normalised) {
    return with_channels(normalised, [](float value, std::size_t channel) {
        return value * kImagenetDeviation[channel] + kImagenetMean[channel];
    });
}

PlanCase describe(int depth, const std::vector<std::string>& pools, const Case& golden_case) {
    PlanCase made{vgg_plan(depth, {}), without_norms(golden_case.input("x"))};
    for (const std::string& pool : pools) made.plan.output_mark(pool);
    for (const char* mark : {"avgpool", "classifier.0"}) made.plan.output_mark(mark);
    made.finish = [pools](const std::map<std::string, HostTensor>& values) {
        Outputs outputs{{"output.logits", values.at("expression")},
                        {"output.probabilities", softmax_rows(values.at("expression"))},
                        {"stage.avgpool", first_channels(values.at("avgpool"), 16)},
                        {"stage.fc6", first_channels(values.at("classifier.0"), 256)}};
        for (const std::string& pool : pools) outputs["stage." + pool + "_mean"] = spatial_mean(values.at(pool));
        return outputs;
    };
    return made;
}

PlanCase describe_vgg16(const Case& golden_case) {
    return describe(16, {"features.4", "features.9", "features.16", "features.23", "features.30"}, golden_case);
}

PlanCase describe_vgg19(const Case& golden_case) {
    return describe(19, {"features.4", "features.9", "features.18", "features.27", "features.36"}, golden_case);
}

const bool kVgg16 = register_plan("vgg16_fer", describe_vgg16);
const bool kVgg19 = register_plan("vgg19_fer", describe_vgg19);

}  // namespace
}  // namespace affectsr::golden
