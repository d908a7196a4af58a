// Golden runner of fsrfer_discriminator: nanfangAlan/FSRFER's Discriminator.
#include "affectsr/classify/feature_critic.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

PlanCase describe(const Case& golden_case) {
    FeatureCriticOptions options;
    options.features = golden_case.config.at("filters");
    options.input_px = golden_case.config.at("size");
    PlanCase made{feature_critic_plan(options), golden_case.input("x")};
    for (int i = 0; i < 5; ++i) made.plan.output_mark("block" + std::to_string(i));
    made.loss_gradient = [](const std::string& name, const HostTensor& value) {  // of Σ D(x)
        return with_channels(value, [&name](float, std::size_t) { return name == "out" ? 1.0F : 0.0F; });
    };
    made.finish = [](const std::map<std::string, HostTensor>& values) {
        Outputs outputs{{"output.d", values.at("out")}};
        for (int i = 0; i < 5; ++i) {
            const std::string block = "block" + std::to_string(i);
            outputs["stage." + block + "_mean"] = spatial_mean(values.at(block));
        }
        if (const auto found = values.find("grad.in"); found != values.end()) outputs["output.grad_x"] = found->second;
        return outputs;
    };
    return made;
}

const bool kRegistered = register_plan("fsrfer_discriminator", describe);

}  // namespace
}  // namespace affectsr::golden
