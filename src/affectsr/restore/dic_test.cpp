#include "affectsr/restore/dic.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

const DicOptions kSmall{8, 2, 3, 16, 68, 1};  // features, groups, steps, landmark_features, landmarks, fusion_blocks

TEST(Dic, HasTheParametersOfItsReference) {
    DicOptions options;
    EXPECT_EQ(dic_plan(options).parameter_count(), 21'803'849);
    options.landmarks = 194;
    EXPECT_EQ(dic_plan(options).parameter_count(), 21'836'231);
}

TEST(Dic, AFurtherIterationNeedsNoFurtherWeights) {
    DicOptions options = kSmall;
    const Plan three = dic_plan(options);
    options.steps = 2;
    const Plan two = dic_plan(options);
    EXPECT_EQ(three.parameter_count(), two.parameter_count());
    EXPECT_GT(three.flops(16, 16), two.flops(16, 16));
    EXPECT_NO_THROW(PlanEngine(three, first_weights(two, 1), Precision::f32));
}

TEST(Dic, EveryIterationMakesAPictureAndHeatMaps) {
    Plan plan = dic_plan(kSmall);
    for (const char* mark : {"heatmap0", "heatmap1", "heatmap2"}) plan.output_mark(mark);
    const std::vector<ValueShape> shapes = plan.shapes(16, 24);
    const auto shape_of = [&](const char* name) {
        return shapes[static_cast<std::size_t>(plan.outputs[plan.output_index(name)].step)];
    };
    for (const char* name : {"sr0", "sr1", "out"}) EXPECT_EQ(shape_of(name), (ValueShape{3, 128, 192})) << name;
    for (const char* name : {"heatmap0", "heatmap1", "heatmap2"})
        EXPECT_EQ(shape_of(name), (ValueShape{68, 32, 48})) << name;
}

TEST(Dic, WorksOnFacesOf16Px) {
    const SrNetwork network = dic(kSmall);
    EXPECT_EQ(network.needs.input_px, 16);
    EXPECT_EQ(network.needs.scale, 8);
    EXPECT_EQ(network.enlarged_first, 1);
}

TEST(Dic, BeginsWithTheBilinearEnlargement) {
    const Plan plan = dic_plan(kSmall);
    TensorMap weights = first_weights(plan, 1);
    for (const char* name : {"conv_out.0.weight", "conv_out.0.bias"})
        weights[name] =
            HostTensor::from_floats(std::vector<float>(weights[name].floats().size(), 0), weights[name].shape());
    const PlanEngine engine(plan, weights, Precision::f32);
    std::vector<float> face(3 * 16 * 16), sr(64 * face.size());
    for (std::size_t i = 0; i < face.size(); ++i) face[i] = static_cast<float>(i % 16) / 16;  // brighter to the right
    engine.run({1, 16, 16}, face, {{"out", sr}});
    for (std::size_t x = 4; x < 124; ++x)  // column x lies at (x + 1/2) / 8 − 1/2
        EXPECT_NEAR(sr[64 * 128 + x], (static_cast<float>(x) - 3.5f) / 128, 1e-6) << x;
}

TEST(Dic, KnowsThePartsOfThreeSetsOfLandmarks) {
    DicOptions options = kSmall;
    for (const int landmarks : {5, 68, 194}) {
        options.landmarks = landmarks;
        EXPECT_NO_THROW(dic_plan(options)) << landmarks;
    }
    options.landmarks = 98;
    EXPECT_THROW(dic_plan(options), UsageError);
    options = kSmall;
    options.landmark_features = 18;
    EXPECT_THROW(dic_plan(options), UsageError);
}

}  // namespace
}  // namespace affectsr
