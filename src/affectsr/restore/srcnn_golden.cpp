// Golden runner of srcnn: yjn870/SRCNN-pytorch.
#include "affectsr/restore/srcnn.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

PlanCase describe(const Case& golden_case) {
    SrcnnOptions options;
    options.middle_kernel = golden_case.config.at("kernels").at(1);
    options.channels = golden_case.config.at("num_channels");
    PlanCase made{srcnn_plan(options), golden_case.input("x")};
    made.finish = [](const std::map<std::string, HostTensor>& values) {
        return Outputs{{"output.y", values.at("out")}};
    };
    return made;
}

const bool kRegistered = register_plan("srcnn", describe);

}  // namespace
}  // namespace affectsr::golden
