// Golden runner of vgg_discriminator: BasicSR's VGGStyleDiscriminator.
#include "affectsr/restore/vgg_discriminator.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

PlanCase describe(const Case& golden_case) {
    VggDiscriminatorOptions options;
    options.features = golden_case.config.at("num_feat");
    options.input_px = golden_case.config.at("input_size");
    PlanCase made{vgg_discriminator_plan(options), repeated_input(golden_case)};
    for (const char* mark : {"bn1_1", "bn4_1", "linear1"}) made.plan.output_mark(mark);
    std::map<std::string, std::vector<std::int64_t>> kept;
    for (const std::string stage : {"bn1_1", "bn4_1"})
        kept[stage] = golden_case.tensors.at("stage." + stage + "_strided").shape();
    made.finish = [kept](const std::map<std::string, HostTensor>& values) {
        Outputs outputs{{"output.y", values.at("out")}, {"stage.linear1", values.at("linear1")}};
        for (const auto& [stage, shape] : kept)
            outputs["stage." + stage + "_strided"] = strided(values.at(stage), shape);
        return outputs;
    };
    return made;
}

const bool kRegistered = register_plan("vgg_discriminator", describe);

}  // namespace
}  // namespace affectsr::golden
