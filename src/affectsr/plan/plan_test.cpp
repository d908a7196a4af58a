#include "affectsr/plan/plan.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(Plan, CountsParametersAndOperationsAsByHand) {
    PlanBuilder p;
    auto x = p.input(3);
    x = p.relu(p.batch_norm("norm", p.conv("conv", x, 8, {.kernel = 3, .stride = 2})));
    const Plan plan = p.finish(p.linear("fc", p.flatten(p.global_avg_pool(x)), 5));
    EXPECT_EQ(plan.parameter_count(), 8 * 3 * 9 + 8 + 2 * 8 + 5 * 8 + 5);
    EXPECT_EQ(plan.flops(16, 12), 2 * (8 * 6) * 8 * 3 * 9 + 2 * 8 * 5);
    ASSERT_EQ(plan.outputs.size(), 1u);
    EXPECT_EQ(plan.outputs[0].name, "out");
}

TEST(Plan, GroupedConvolutionsHaveFewerWeights) {
    PlanBuilder p;
    const auto x = p.input(8);
    EXPECT_EQ(p.finish(p.conv("depthwise", x, 8, {.kernel = 3, .groups = 8, .bias = false})).parameter_count(), 8 * 9);
}

TEST(Plan, RefusesAPictureThatIsTooSmallForItsSteps) {
    PlanBuilder p;
    const auto x = p.input(1);
    const Plan plan = p.finish(p.conv("wide", x, 4, {.kernel = 7, .padding = 0}));
    EXPECT_NO_THROW((void)plan.flops(7, 7));
    EXPECT_THROW((void)plan.flops(6, 7), UsageError);
}

TEST(Plan, AddsOnlyValuesOfEqualChannels) {
    PlanBuilder p;
    const auto x = p.input(1);
    EXPECT_THROW(p.add(x, p.conv("a", x, 2)), Bug);
}

TEST(Plan, NeedsAnOutput) {
    PlanBuilder p;
    p.input(1);
    EXPECT_THROW(p.finish(), Bug);
}

TEST(Plan, EveryStepSaysTheShapeOfItsValue) {
    PlanBuilder p;
    auto x = p.input(4);                                                         // 6 × 5
    x = p.pad(x, {.left = 1, .right = 2, .top = 0, .bottom = 1});                // 7 × 8
    x = p.conv_transpose("up", x, 8, {.kernel = 4, .stride = 2, .padding = 1});  // 14 × 16
    x = p.concat({x, p.slice(x, 2, 6)});                                         // 12 channels
    x = p.pixel_shuffle(x, 2);                                                   // 3 × 28 × 32
    x = p.enlarge_bicubic(p.pixel_unshuffle(x, 4), 3);                           // 48 × 21 × 24
    x = p.avg_pool(x, 2, 2);                                                     // 10 × 12
    const Plan plan = p.finish(p.flatten(p.adaptive_avg_pool(x, 2, 3), 6));
    const std::vector<ValueShape> shapes = plan.shapes(6, 5);
    EXPECT_EQ(shapes[1], (ValueShape{4, 7, 8}));
    EXPECT_EQ(shapes[2], (ValueShape{8, 14, 16}));
    EXPECT_EQ(shapes[4], (ValueShape{12, 14, 16}));
    EXPECT_EQ(shapes[5], (ValueShape{3, 28, 32}));
    EXPECT_EQ(shapes[7], (ValueShape{48, 21, 24}));
    EXPECT_EQ(shapes[8], (ValueShape{48, 10, 12}));
    EXPECT_EQ(shapes.back(), (ValueShape{288, 1, 1}));
    EXPECT_EQ(plan.flops(6, 5), 2 * 7 * 8 * 4 * 8 * 16);
    EXPECT_EQ(plan.parameter_count(), 4 * 8 * 16 + 8);
}

TEST(Plan, NamesTheStepThatAPictureDoesNotFit) {
    PlanBuilder p;
    const Plan plan = p.finish(p.linear("fc", p.flatten(p.conv("c", p.input(3), 4), 9), 2));
    EXPECT_NO_THROW((void)plan.shapes(3, 3));
    try {
        (void)plan.shapes(4, 3);
        FAIL();
    } catch (const UsageError& error) {
        EXPECT_NE(std::string(error.what()).find("flatten"), std::string::npos) << error.what();
    }
}

TEST(Plan, AMarkedStageCanBecomeAnOutput) {
    PlanBuilder p;
    const auto x = p.mark("stem", p.relu(p.conv("c", p.input(3), 4)));
    Plan plan = p.finish(p.conv("d", x, 1));
    plan.output_mark("stem");
    ASSERT_EQ(plan.outputs.size(), 2u);
    EXPECT_EQ(plan.outputs[1].step, x.step);
    EXPECT_THROW(plan.output_mark("leaf"), UsageError);
}

TEST(Plan, NamesItsTensorsAsPublishedCheckpointsDo) {
    PlanBuilder p;
    const auto x = p.batch_norm("norm", p.conv("conv", p.input(3), 4, {.bias = false}));
    const Plan plan = p.finish(p.conv_transpose("up", x, 2, {.kernel = 2, .stride = 2, .padding = 0}));
    std::vector<std::string> names;
    for (const Parameter& parameter : plan.parameters()) names.push_back(parameter.name);
    EXPECT_EQ(names,
              (std::vector<std::string>{"conv.weight", "norm.weight", "norm.bias", "norm.running_mean",
                                        "norm.running_var", "norm.num_batches_tracked", "up.weight", "up.bias"}));
    EXPECT_EQ(plan.parameters().front().shape, (std::vector<std::int64_t>{4, 3, 3, 3}));
    EXPECT_EQ(plan.parameters()[6].shape, (std::vector<std::int64_t>{4, 2, 2, 2}));
    EXPECT_EQ(plan.parameter_count(), 4 * 3 * 9 + 2 * 4 + 4 * 2 * 4 + 2);
}

TEST(Plan, HasInputsOfDifferentSizesByName) {
    PlanBuilder p;
    const auto picture = p.input(3, "picture"), weights = p.input(3, "weights");
    EXPECT_THROW(p.input(1, "picture"), Bug);
    const Plan plan = p.finish(p.mul(picture, p.global_avg_pool(weights)));
    EXPECT_EQ(plan.inputs(), (std::vector<int>{0, 1}));
    EXPECT_EQ(plan.shapes(std::vector<InputSize>{{8, 6}, {2, 2}}).back(), (ValueShape{3, 8, 6}));
    EXPECT_THROW((void)plan.shapes(std::vector<InputSize>{{8, 6}}), UsageError);
    EXPECT_THROW((void)plan.shapes(std::vector<InputSize>{{8, 6}, {2, 2}, {2, 2}}), UsageError);
}

TEST(Plan, ShiftsAndScalesByOneNumberOrOneForEachChannel) {
    PlanBuilder p;
    const auto x = p.input(3);
    EXPECT_THROW(p.shift(x, std::vector<float>{1, 2}), Bug);
    EXPECT_THROW(p.scale(x, std::vector<float>{1, 2, 3, 4}), Bug);
    EXPECT_EQ(p.finish(p.scale(p.shift(x, -0.5), {1, 2, 3})).shapes(2, 4).back(), (ValueShape{3, 2, 4}));
}

TEST(Plan, SplitsChannelsIntoWholeGroups) {
    PlanBuilder p;
    const auto x = p.input(6);
    EXPECT_THROW(p.conv("odd", x, 6, {.groups = 4}), Bug);
}

TEST(Plan, KnowsInputsThatAlwaysMeasureTheSame) {
    PlanBuilder p;
    const auto picture = p.input(3), landmarks = p.input(3, "landmarks", {5, 1});
    const Plan plan = p.finish(p.splat(landmarks, landmarks, picture));
    EXPECT_EQ(plan.shapes(6, 8).back(), (ValueShape{3, 6, 8}));
    EXPECT_EQ(plan.input_sizes({6, 8}), (std::vector<InputSize>{{6, 8}, {5, 1}}));
    EXPECT_THROW((void)plan.shapes(std::vector<InputSize>{{6, 8}, {6, 1}}), UsageError);
}

TEST(Plan, PlacesOnlyPointsThatHaveAPlaceEach) {
    PlanBuilder p;
    const auto picture = p.input(3);
    EXPECT_THROW(p.splat(picture, p.conv("c", picture, 2), picture), Bug) << "places are fed, not computed";
    EXPECT_THROW(p.splat(picture, p.input(1, "depths"), picture), Bug) << "of two coordinates or three";
    PlanBuilder q;
    const auto points = q.input(3);
    const Plan plan = q.finish(q.splat(points, q.input(2, "places"), points));
    EXPECT_NO_THROW((void)plan.shapes(std::vector<InputSize>{{6, 8}, {6, 8}}));
    EXPECT_THROW((void)plan.shapes(std::vector<InputSize>{{6, 8}, {5, 8}}), UsageError);
}

TEST(Plan, MixesOnlyThePositionsThatThereAre) {
    PlanBuilder p;
    const auto x = p.input(2);
    EXPECT_THROW(p.mix_positions(x, 4, {{4, 0, 1}}), Bug);
    EXPECT_THROW(p.mix_positions(x, 4, {{0, -1, 1}}), Bug);
    const Plan plan = p.finish(p.mix_positions(x, 4, {{3, 0, 1}, {0, 1, 2}}));
    EXPECT_EQ(plan.steps.back().as<step::MixPositions>()->links.front().to, 0) << "in the order of where they lead";
    EXPECT_EQ(plan.shapes(2, 2).back(), (ValueShape{2, 2, 2}));
    EXPECT_THROW((void)plan.shapes(2, 3), UsageError);
}

TEST(Plan, TakesASoftmaxOverEqualStretches) {
    PlanBuilder p;
    const auto x = p.input(6);
    EXPECT_THROW(p.softmax(x, 4), Bug);
    EXPECT_EQ(p.finish(p.softmax(x, 6)).steps.back().as<step::Softmax>()->parts, 0)
        << "one channel each: over them all";
}

TEST(Plan, StepsOfOneNameShareTheirParameters) {
    PlanBuilder p;
    auto x = p.conv("c", p.input(4), 4);
    x = p.conv("c", x, 4);
    const Plan plan = p.finish(x);
    EXPECT_EQ(plan.parameters().size(), 2u);
    EXPECT_EQ(plan.parameter_count(), 4 * 4 * 9 + 4);
    EXPECT_EQ(plan.flops(2, 2), 2 * 2 * 4 * 4 * 4 * 9) << "but each is played";
    PlanBuilder q;
    x = q.conv("c", q.input(4), 8);
    x = q.conv("c", x, 4);
    EXPECT_THROW(q.finish(x), Bug) << "of another shape";
}

TEST(Plan, KnowsWhichStepsNoOutputNeeds) {
    PlanBuilder p;
    const auto x = p.relu(p.input(3));
    p.input(3, "unused");
    p.mark("aside", p.sigmoid(p.tanh(x)));
    Plan plan = p.finish(p.scale(x, 2));
    EXPECT_EQ(plan.needed_steps(), (std::vector<bool>{true, true, true, false, false, true}));
    plan.output_mark("aside");
    EXPECT_EQ(plan.needed_steps(), std::vector<bool>(6, true));
}

TEST(Plan, MirrorsOnlyWhatAPictureHas) {
    PlanBuilder p;
    const Plan plan = p.finish(p.pad_reflected(p.input(3), {.left = 1, .right = 2, .top = 0, .bottom = 1}));
    EXPECT_EQ(plan.shapes(2, 3).back(), (ValueShape{3, 3, 6}));
    EXPECT_THROW((void)plan.shapes(1, 3), UsageError);
    EXPECT_THROW((void)plan.shapes(2, 2), UsageError);
}

TEST(Plan, MultipliesByValuesOfAsManyChannelsOrOne) {
    PlanBuilder p;
    const auto x = p.input(3), map = p.input(1, "map"), two = p.input(2, "two");
    EXPECT_THROW(p.mul(x, two), Bug);
    const Plan plan = p.finish(p.mul(x, map));
    EXPECT_EQ(plan.shapes(std::vector<InputSize>{{4, 5}, {4, 5}, {1, 1}}).back(), (ValueShape{3, 4, 5}));
    EXPECT_THROW((void)plan.shapes(std::vector<InputSize>{{4, 5}, {5, 4}, {1, 1}}), UsageError);
}

TEST(Plan, AnOutputPaddingGivesBackWhatAStrideCutOff) {
    PlanBuilder p;
    const auto x = p.input(3);
    EXPECT_THROW(p.conv_transpose("c", x, 3, {.stride = 2, .output_padding = 2}), Bug);
    EXPECT_EQ(p.finish(p.conv_transpose("c", x, 3, {.stride = 2, .output_padding = 1})).shapes(4, 5).back(),
              (ValueShape{3, 8, 10}));
}

TEST(Plan, MakesAMatrixOfEveryPicture) {
    PlanBuilder p;
    Value x = p.covariance(p.input(6), 1e-4);
    EXPECT_THROW(p.covariance(x, -1), Bug);
    EXPECT_THROW(p.congruence("w", x, 6, 7), Bug) << "it would not be positive definite";
    EXPECT_THROW(p.map_eigenvalues(x, 0, 1, true), Bug) << "the logarithm of 0";
    EXPECT_THROW(p.map_eigenvalues(p.input(2, "two"), 1, 2, true), Bug) << "one matrix";
    PlanBuilder q;
    x = q.map_eigenvalues(q.congruence("w", q.covariance(q.input(6), 1e-4), 6, 4), 1e-4, 1e4, true);
    const Plan plan = q.finish(x);
    const std::vector<ValueShape> shapes = plan.shapes(2, 5);
    EXPECT_EQ(shapes[1], (ValueShape{1, 6, 6}));
    EXPECT_EQ(shapes[2], (ValueShape{1, 4, 4}));
    EXPECT_EQ(shapes[3], (ValueShape{1, 4, 4}));
    EXPECT_EQ(plan.parameters().front().shape, (std::vector<std::int64_t>{6, 4}));
    EXPECT_EQ(plan.flops(2, 5), 2 * 6 * 6 * 10 + 2 * (6 * 6 * 4 + 6 * 4 * 4) + 11 * 4 * 4 * 4);
    EXPECT_THROW((void)plan.shapes(1, 1), UsageError) << "one position has no covariance";
}

TEST(Plan, TakesMatricesOnlyWhereTheyAreSquareAndOfTheRightSide) {
    PlanBuilder p;
    const Plan reduced = p.finish(p.congruence("w", p.input(1), 4, 2));
    EXPECT_NO_THROW((void)reduced.shapes(4, 4));
    EXPECT_THROW((void)reduced.shapes(5, 5), UsageError);
    PlanBuilder q;
    const Plan mapped = q.finish(q.map_eigenvalues(q.input(1), 1, 2, true));
    EXPECT_NO_THROW((void)mapped.shapes(4, 4));
    EXPECT_THROW((void)mapped.shapes(4, 5), UsageError);
}

TEST(Plan, KeepsExactWhatOnlyMatrixStepsRead) {
    PlanBuilder p;
    const auto features = p.relu(p.input(6));
    const auto covariance = p.covariance(features, 1e-4), other = p.input(1, "matrix", {6, 6});
    const auto log = p.map_eigenvalues(covariance, 1e-4, 1e4, true);
    p.output("other", p.map_eigenvalues(other, 1e-4, 1e4, true));
    const Plan plan = p.finish(p.flatten(log, 36));
    //                                     in, relu, covariance, matrix, log, other, flatten
    EXPECT_EQ(plan.exact_steps(), (std::vector<bool>{false, false, true, true, false, true, false}));
}

}  // namespace
}  // namespace affectsr
