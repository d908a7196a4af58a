// Golden runner of rrdbnet: BasicSR's RRDBNet.
#include "affectsr/restore/rrdb.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

PlanCase describe(const Case& golden_case) {
    RrdbOptions options;
    options.features = golden_case.config.at("num_feat");
    options.growth = golden_case.config.at("num_grow_ch");
    options.blocks = golden_case.config.at("num_block");
    options.scale = golden_case.config.at("scale");
    options.in_channels = golden_case.config.at("num_in_ch");
    PlanCase made{rrdb_plan(options), golden_case.input("x")};
    for (const char* stage : {"conv_first", "body0", "conv_body"}) made.plan.output_mark(stage);
    made.finish = [](const std::map<std::string, HostTensor>& values) {
        Outputs outputs{{"output.y", values.at("out")}};
        for (const auto& [name, value] : values) {
            if (name == "out") continue;
            outputs["stage." + name] = value;
            outputs["stage." + name + "_first4"] = first_channels(value, 4);
        }
        return outputs;
    };
    return made;
}

const bool kRegistered = register_plan("rrdbnet", describe);

}  // namespace
}  // namespace affectsr::golden
