// Golden runners of mini_xception and big_xception.
#include "affectsr/classify/test_softmax.h"
#include "affectsr/classify/xception.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

PlanCase describe(const ExpressionNetwork& network, const Case& golden_case) {
    PlanCase made{network.plan, golden_case.input("x")};
    made.finish = [](const std::map<std::string, HostTensor>& values) {
        return Outputs{{"output.logits", values.at("expression")},
                       {"output.probabilities", softmax_rows(values.at("expression"))}};
    };
    return made;
}

const bool kMini = register_plan("mini_xception", [](const Case& c) { return describe(mini_xception({}), c); });
const bool kBig = register_plan("big_xception", [](const Case& c) { return describe(big_xception({}), c); });

}  // namespace
}  // namespace affectsr::golden
