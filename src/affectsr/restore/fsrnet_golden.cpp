// Golden runner of fsrnet: cs-giung's PyTorch version.
#include "affectsr/restore/fsrnet.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

/// The reference counts from −1 to 1, the plan from 0 to 1.
float to_plan(float value, std::size_t) {
    return value / 2 + 0.5f;
}
float to_reference(float value, std::size_t) {
    return 2 * value - 1;
}

PlanCase describe(const Case& golden_case) {
    FsrnetOptions options;
    options.landmarks = golden_case.config.at("hmaps_ch");
    options.parsing = golden_case.config.at("pmaps_ch");
    options.tied = golden_case.config.at("tied");
    const SrNetwork network = fsrnet(options);
    PlanCase made{network.plan, with_channels(repeated_input(golden_case), to_plan)};
    made.rename = network.rename_published;
    for (const char* mark : {"prior", "encoder_features", "prior_features"}) made.plan.output_mark(mark);
    std::map<std::string, std::vector<std::int64_t>> kept;
    for (const auto& [name, tensor] : golden_case.tensors) kept[name] = tensor.shape();
    made.finish = [kept](const std::map<std::string, HostTensor>& values) {
        const HostTensor picture = with_channels(values.at("out"), to_reference);
        const HostTensor coarse = with_channels(values.at("coarse"), to_reference);
        Outputs outputs{{"output.y", strided(picture, kept.at("output.y"))},
                        {"output.y_mean_std", mean_and_deviation(picture)},
                        {"output.coarse", strided(coarse, kept.at("output.coarse"))},
                        {"output.prior", strided(values.at("prior"), kept.at("output.prior"))}};
        for (const std::string mark : {"encoder_features", "prior_features"}) {
            const std::string stage = "stage." + mark + "_strided";
            outputs[stage] = strided(values.at(mark), kept.at(stage));
        }
        return outputs;
    };
    return made;
}

const bool kRegistered = register_plan("fsrnet", describe);

}  // namespace
}  // namespace affectsr::golden
