// Golden runners of edsr and rcan, the authors' PyTorch versions.
#include "affectsr/restore/edsr.h"
#include "affectsr/restore/edsr_ends.h"
#include "affectsr/restore/rcan.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

/// The references count from 0 to 255, the plans from 0 to 1.
HostTensor times(const HostTensor& tensor, double factor) {
    return with_channels(
        tensor, [factor](float value, std::size_t) { return static_cast<float>(static_cast<double>(value) * factor); });
}

PlanCase with_stages(Plan plan, const Case& golden_case) {
    PlanCase made{std::move(plan), times(golden_case.input("x"), 1 / kEdsrWhite)};
    for (const char* stage : {"head", "body0", "tail"}) made.plan.output_mark(stage);
    made.finish = [](const std::map<std::string, HostTensor>& values) {
        Outputs outputs{{"output.y", times(values.at("out"), kEdsrWhite)}, {"stage.tail", values.at("tail")}};
        for (const std::string stage : {"head", "body0"}) {
            outputs["stage." + stage] = values.at(stage);
            outputs["stage." + stage + "_first4"] = first_channels(values.at(stage), 4);
        }
        return outputs;
    };
    return made;
}

PlanCase describe_edsr(const Case& golden_case) {
    EdsrOptions options;
    options.features = golden_case.config.at("n_feats");
    options.blocks = golden_case.config.at("n_resblocks");
    options.residual_scale = golden_case.config.at("res_scale");
    options.scale = golden_case.config.at("scale");
    return with_stages(edsr_plan(options), golden_case);
}

PlanCase describe_rcan(const Case& golden_case) {
    RcanOptions options;
    options.features = golden_case.config.at("n_feats");
    options.groups = golden_case.config.at("n_resgroups");
    options.blocks = golden_case.config.at("n_resblocks");
    options.reduction = golden_case.config.at("reduction");
    options.scale = golden_case.config.at("scale");
    return with_stages(rcan_plan(options), golden_case);
}

const bool kEdsr = register_plan("edsr", describe_edsr);
const bool kRcan = register_plan("rcan", describe_rcan);

}  // namespace
}  // namespace affectsr::golden
