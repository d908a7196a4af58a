#include "affectsr/restore/sparnet.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

SparnetOptions small() {
    SparnetOptions options;
    options.features = 8;
    options.least_features = 4;
    options.blocks = 1;
    options.output_px = 64;
    return options;
}

TEST(Sparnet, HasTheParametersOfItsPaper) {
    SparnetOptions options;
    EXPECT_EQ(sparnet_plan(options).parameter_count(), 10'518'867);
    options.attention = "channels";
    EXPECT_EQ(sparnet_plan(options).parameter_count(), 11'562'083);
    options.blocks = 1;
    EXPECT_EQ(sparnet_plan(options).parameter_count(), 5'242'211) << "the light version";
}

TEST(Sparnet, WorksAtOneSizeBehindAnEnlargement) {
    for (const int output_px : {64, 128, 256}) {
        SparnetOptions options = small();
        options.output_px = output_px;
        options.scale = 4;
        const SrNetwork network = sparnet(options);
        EXPECT_EQ(network.needs.input_px, output_px / 4);
        EXPECT_EQ(network.needs.scale, 4);
        EXPECT_EQ(network.enlarged_first, 4);
        EXPECT_EQ(network.plan.shapes(output_px, output_px).back(), (ValueShape{3, output_px, output_px}));
    }
    EXPECT_THROW((void)sparnet_plan(small()).shapes(32, 32), UsageError) << "nothing is left to mirror";
}

TEST(Sparnet, RefusesShapesThatItHasNoBlocksFor) {
    SparnetOptions options = small();
    options.output_px = 96;
    EXPECT_THROW(sparnet_plan(options), UsageError);
    options = small();
    options.scale = 3;
    EXPECT_THROW(sparnet_plan(options), UsageError);
    options = small();
    options.least_features = 16;
    EXPECT_THROW(sparnet_plan(options), UsageError);
}

TEST(Sparnet, OneMapWeighsAllChannelsOrEachHasItsOwn) {
    SparnetOptions options = small();
    for (const auto& [attention, channels] : {std::pair("face", 1), std::pair("channels", 4)}) {
        options.attention = attention;
        Plan plan = sparnet_plan(options);
        plan.output_mark("last_attention");
        EXPECT_EQ(plan.shapes(64, 64)[static_cast<std::size_t>(plan.outputs.back().step)],
                  (ValueShape{channels, 64, 64}))
            << attention;
    }
}

TEST(Sparnet, MeasuresColoursFromMinusOneToOne) {
    const Plan plan = sparnet_plan(small());
    TensorMap weights = first_weights(plan, 1);
    std::vector<float> face(3 * 64 * 64, 0.3f), sr(face.size());
    for (auto& [name, tensor] : weights)
        if (!name.ends_with("num_batches_tracked") && !name.ends_with("running_var"))
            tensor = HostTensor::from_floats(std::vector<float>(tensor.floats().size(), 0), tensor.shape());
    weights["out_conv.conv2d.bias"] = HostTensor::from_floats(std::vector<float>{-1, 0, 1}, {3});
    const PlanEngine engine(plan, weights, Precision::f32);
    engine.run({1, 64, 64}, face, {{"out", sr}});
    for (std::size_t i = 0; i < sr.size(); ++i) EXPECT_EQ(sr[i], 0.5f * static_cast<float>(i / (64 * 64))) << i;
}

}  // namespace
}  // namespace affectsr
