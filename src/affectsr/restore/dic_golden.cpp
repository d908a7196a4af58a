// Golden runner of dic: the authors' PyTorch version.
#include "affectsr/restore/dic.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

constexpr float kMeanColour[] = {0.509f, 0.424f, 0.378f};  // the reference counts about it

float to_plan(float value, std::size_t channel) {
    return value + kMeanColour[channel];
}
float to_reference(float value, std::size_t channel) {
    return value - kMeanColour[channel];
}

PlanCase describe(const Case& golden_case) {
    DicOptions options;
    options.features = golden_case.config.at("num_features");
    options.groups = golden_case.config.at("num_groups");
    options.steps = golden_case.config.at("num_steps");
    options.landmark_features = golden_case.config.at("hg_num_feature");
    options.landmarks = golden_case.config.at("hg_num_keypoints");
    options.fusion_blocks = golden_case.config.at("num_fusion_block");
    PlanCase made{dic_plan(options), with_channels(golden_case.input("x"), to_plan)};
    for (int t = 0; t < options.steps; ++t) made.plan.output_mark("heatmap" + std::to_string(t));
    std::map<std::string, std::vector<std::int64_t>> kept;
    for (const auto& [name, tensor] : golden_case.tensors) kept[name] = tensor.shape();
    made.finish = [kept, last = options.steps - 1](const std::map<std::string, HostTensor>& values) {
        Outputs outputs;
        for (int t = 0; t <= last; ++t) {
            const std::string number = std::to_string(t), sr = "output.sr" + number;
            const HostTensor& picture = values.at(t == last ? "out" : "sr" + number);
            outputs[sr] = strided(with_channels(picture, to_reference), kept.at(sr));
            const std::string heatmap = "output.heatmap" + number;
            outputs[heatmap] = strided(values.at("heatmap" + number), kept.at(heatmap));
        }
        return outputs;
    };
    return made;
}

const bool kRegistered = register_plan("dic", describe);

}  // namespace
}  // namespace affectsr::golden
