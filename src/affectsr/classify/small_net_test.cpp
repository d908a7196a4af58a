#include "affectsr/classify/small_net.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(SmallNet, ItsStagesAreMarksForLossesToLookAt) {
    const Plan plan = small_net({}).plan;
    std::vector<std::string> channels;
    for (const Plan::Output& mark : plan.marks)
        channels.push_back(mark.name + " " +
                           std::to_string(plan.steps[static_cast<std::size_t>(mark.step)].out_channels));
    EXPECT_EQ(channels, (std::vector<std::string>{"stem 64", "stage1 64", "stage2 128", "stage3 256"}));
}

TEST(SmallNet, KeepsItsPromisesOfSizeAndWork) {
    const Plan plan = small_net({}).plan;
    EXPECT_LE(plan.flops(48, 48), 700'000'000);
    EXPECT_LE(plan.parameter_count() * 2, 6 << 20) << "in bf16";
}

TEST(SmallNet, HasTwoHeadsOverSevenClasses) {
    const ExpressionNetwork network = small_net({});
    EXPECT_EQ(network.heads, (std::vector<std::string>{"expression", "fer2013"}));
    const std::vector<ValueShape> shapes = network.plan.shapes(48, 48);
    for (const std::string& head : network.heads) {
        const auto output = static_cast<std::size_t>(network.plan.outputs[network.plan.output_index(head)].step);
        EXPECT_EQ(shapes[output], (ValueShape{7, 1, 1}));
        EXPECT_EQ(network.head_parameters(head),
                  (std::vector<std::string>{"head." + head + ".weight", "head." + head + ".bias"}));
    }
}

TEST(SmallNet, StagesMustAgree) {
    SmallNetOptions options;
    options.depths = {1, 1};
    EXPECT_THROW(small_net(options), UsageError);
}

TEST(SmallNet, KnowsTheNamesOfItsFirstModelFiles) {
    const HostTensor one = HostTensor::from_floats(std::vector<float>{1}, {1});
    const TensorMap named = small_net({}).renamed({{"net.stem.bn1.bias", one}, {"head.fer2013.bias", one}});
    EXPECT_TRUE(named.contains("stem.bn1.bias") && named.contains("head.fer2013.bias"));
}

}  // namespace
}  // namespace affectsr
