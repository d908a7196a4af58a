#include "affectsr/classify/small_net.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(SmallNet, KeepsItsPromisesOfSizeAndWork) {
    const Plan plan = small_net_plan({});
    EXPECT_LE(plan.flops(48, 48), 700'000'000);
    EXPECT_LE(plan.parameter_count() * 2, 6 << 20) << "in bf16";
}

TEST(SmallNet, HasTwoHeadsOverSevenClasses) {
    SmallNet net({});
    net.eval();
    const torch::NoGradGuard no_grad;
    const auto logits = net.logits(torch::rand({3, 1, 48, 48}));
    ASSERT_EQ(logits.size(), 2u);
    for (const std::string& head : net.heads())
        EXPECT_EQ(logits.at(head).sizes().vec(), (std::vector<std::int64_t>{3, 7}));
}

TEST(SmallNet, StagesMustAgree) {
    SmallNetOptions options;
    options.depths = {1, 1};
    EXPECT_THROW(small_net_plan(options), UsageError);
}

}  // namespace
}  // namespace affectsr
