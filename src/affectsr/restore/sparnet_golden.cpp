// Golden runner of sparnet: the authors' PyTorch version.
#include "affectsr/restore/sparnet.h"
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
    SparnetOptions options;
    options.features = golden_case.config.at("max_ch");
    options.least_features = golden_case.config.at("min_ch");
    options.blocks = golden_case.config.at("res_depth");
    options.attention = golden_case.config.at("att_name") == "spar" ? "face" : "channels";
    options.output_px = golden_case.config.at("out_size");
    PlanCase made{sparnet_plan(options), with_channels(repeated_input(golden_case), to_plan)};
    const std::map<std::string, std::string> stages = {{"encoder", "stage.encoder_strided"},
                                                       {"res_layers", "stage.res_layers_strided"},
                                                       {"last_attention", "stage.last_att_map_strided"}};
    std::map<std::string, std::vector<std::int64_t>> kept;
    for (const auto& [mark, stage] : stages) {
        made.plan.output_mark(mark);
        kept[stage] = golden_case.tensors.at(stage).shape();
    }
    made.finish = [=, y = golden_case.tensors.at("output.y").shape()](const std::map<std::string, HostTensor>& values) {
        const HostTensor picture = with_channels(values.at("out"), to_reference);
        Outputs outputs{{"output.y", strided(picture, y)}, {"output.y_mean_std", mean_and_deviation(picture)}};
        for (const auto& [mark, stage] : stages) outputs[stage] = strided(values.at(mark), kept.at(stage));
        return outputs;
    };
    return made;
}

const bool kRegistered = register_plan("sparnet", describe);

}  // namespace
}  // namespace affectsr::golden
