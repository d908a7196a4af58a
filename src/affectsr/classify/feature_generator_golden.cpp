// Golden runner of fsrfer_generator: nanfangAlan/FSRFER's Generator.
#include "affectsr/classify/feature_generator.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

PlanCase describe(const Case& golden_case) {
    FeatureGeneratorOptions options;
    options.features = golden_case.config.at("filters");
    options.growth = golden_case.config.at("growth");
    options.blocks = golden_case.config.at("blocks");
    options.norm = golden_case.config.at("bn");
    PlanCase made{feature_generator_plan(options), golden_case.input("x")};
    made.plan.output_mark("first_conv");
    for (int i = 0; i < options.blocks; ++i) made.plan.output_mark("rrdb" + std::to_string(i));
    const std::vector<std::int64_t> kept = golden_case.tensors.at("stage.first_conv").shape();
    made.finish = [options, kept](const std::map<std::string, HostTensor>& values) {
        std::vector<float> means;  // [blocks, features]
        for (int i = 0; i < options.blocks; ++i)
            for (const float mean : spatial_mean(values.at("rrdb" + std::to_string(i))).floats()) means.push_back(mean);
        return Outputs{{"output.y", values.at("out")},
                       {"stage.rrdb_means", HostTensor::from_floats(means, {options.blocks, options.features})},
                       {"stage.first_conv", strided(first_channels(values.at("first_conv"), kept.at(1)), kept)}};
    };
    return made;
}

const bool kRegistered = register_plan("fsrfer_generator", describe);

}  // namespace
}  // namespace affectsr::golden
