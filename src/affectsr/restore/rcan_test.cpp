#include "affectsr/restore/rcan.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/edsr_ends.h"

namespace affectsr {
namespace {

const RcanOptions kSmall{8, 2, 2, 4, 4};  // features, groups, blocks, reduction, scale

TEST(Rcan, HasTheParametersOfItsPaper) {
    RcanOptions options;
    const auto parameters = [&](int scale) {
        options.scale = scale;
        return rcan_plan(options).parameter_count();
    };
    EXPECT_EQ(parameters(2), 15'444'643);
    EXPECT_EQ(parameters(3), 15'629'283);
    EXPECT_EQ(parameters(4), 15'592'355);
    EXPECT_EQ(parameters(8), 15'740'067);
}

TEST(Rcan, EnlargesByItsScale) {
    RcanOptions options = kSmall;
    for (const int scale : {2, 3, 4, 8}) {
        options.scale = scale;
        EXPECT_EQ(rcan_plan(options).shapes(7, 5).back(), (ValueShape{3, 7 * scale, 5 * scale}));
    }
    options.scale = 6;
    EXPECT_THROW(rcan_plan(options), UsageError);
    options = kSmall;
    options.reduction = 9;
    EXPECT_THROW(rcan_plan(options), UsageError);
}

TEST(Rcan, TakesBasicSrsNames) {
    const SrNetwork network = rcan(kSmall);
    const TensorMap state = first_weights(network.plan, 1);
    TensorMap published;
    for (const auto& [ours, tensor] : state) {
        std::string name = ours;
        for (const char* group : {"0", "1"}) {
            const std::string begin = std::string("body.") + group;
            replace_part(name, begin + ".body.2.weight", begin + ".conv.weight");
            replace_part(name, begin + ".body.2.bias", begin + ".conv.bias");
            for (const char* block : {"0", "1"})
                replace_part(name, begin + ".body." + block + ".body.", begin + ".residual_group." + block + ".rcab.");
        }
        replace_part(name, "conv_du.0", "attention.1");
        replace_part(name, "conv_du.2", "attention.3");
        if (name == "body.2.weight" || name == "body.2.bias") replace_part(name, "body.2", "conv_after_body");
        replace_part(name, "head.0", "conv_first");
        replace_part(name, "tail.0", "upsample");
        replace_part(name, "tail.1", "conv_last");
        published[name] = tensor;
    }
    EXPECT_TRUE(published.contains("body.1.residual_group.0.rcab.3.attention.3.weight"));
    EXPECT_TRUE(published.contains("body.0.conv.bias"));
    const TensorMap renamed = network.renamed(published);
    ASSERT_EQ(renamed.size(), state.size());
    for (const auto& [name, tensor] : state) {
        ASSERT_TRUE(renamed.contains(name)) << name;
        EXPECT_EQ(renamed.at(name).floats(), tensor.floats()) << name;
    }
}

}  // namespace
}  // namespace affectsr
