#include "affectsr/classify/xception.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "affectsr/checkpoint/published.h"
#include "affectsr/classify/import_classifier.h"
#include "affectsr/classify/test_softmax.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

TEST(Xception, HasThePublishedNumbers) {
    EXPECT_EQ(mini_xception({}).plan.parameter_count(), 56'951);
    EXPECT_EQ(big_xception({}).plan.parameter_count(), 206'375);  // and 2,496 running statistics: 208,871
}

TEST(Xception, NamesTheConvolutionThatGivesItsLogits) {
    EXPECT_EQ(mini_xception({}).head_parameters("expression"),
              (std::vector<std::string>{"conv2d_7.weight", "conv2d_7.bias"}));
    EXPECT_EQ(big_xception({}).head_parameters("expression"),
              (std::vector<std::string>{"conv2d_5.weight", "conv2d_5.bias"}));
}

TEST(Xception, PicturesOfEverySideAreHalvedAlike) {
    for (const int px : {32, 33, 48, 63, 64}) {
        const ExpressionNetwork mini = mini_xception({px, 2}), big = big_xception({px, 2});
        EXPECT_NO_THROW(mini.plan.shapes(px, px)) << px;
        EXPECT_NO_THROW(big.plan.shapes(px, px)) << px;
    }
}

TEST(Xception, KerasNamesAreRenamed) {
    TensorMap published;
    const HostTensor number = HostTensor::from_floats(std::vector<float>{1}, {1});
    for (const char* name :
         {"conv2d_1.kernel", "separable_conv2d_1.depthwise_kernel", "conv2d_7.bias",
          "separable_conv2d_1.pointwise_kernel", "batch_normalization_1.gamma", "batch_normalization_1.beta",
          "batch_normalization_1.moving_mean", "batch_normalization_1.moving_variance"})
        published[name] = number;
    const TensorMap named = mini_xception({}).renamed(published), known = first_weights(mini_xception({}).plan, 1);
    EXPECT_EQ(named.size(), published.size());
    for (const auto& [name, tensor] : named) EXPECT_TRUE(known.contains(name)) << name;
}

/// Of the published file of ../shared/weights/oarriaga_fer: what the plan with its weights says to the input of the
/// stored answer, and that answer.
struct Published {
    std::vector<float> answer, stored;
};

Published published(const std::filesystem::path& weights, const std::string& name, const ExpressionNetwork& network) {
    const std::filesystem::path file = weights / "oarriaga_fer" / (name + ".converted.pth");
    const TensorMap tensors = adopt(network.plan, network.renamed(read_published(file).tensors), file.string());
    const PlanEngine engine(network.plan, tensors, Precision::f32);
    constexpr int kPx = 64;
    std::vector<float> picture, logits(kExpressionClasses);
    for (int y = 0; y < kPx; ++y)
        for (int x = 0; x < kPx; ++x) picture.push_back(static_cast<float>(0.5 + 0.5 * std::sin(0.05 * y + 0.03 * x)));
    engine.run({1, kPx, kPx}, picture, {{"expression", logits}});
    std::ifstream stream(weights / "GOLDEN.json");
    const Json golden = Json::parse(stream).at("models").at("oarriaga_fer/" + name).at("outputs").at(0);
    return {softmax_rows(HostTensor::from_floats(logits, {1, kExpressionClasses})).floats(), golden.at("first16")};
}

TEST(Xception, PublishedWeightsGiveTheirPublishedAnswers) {
    const auto weights = std::filesystem::path(AFFECTSR_SOURCE_DIR) / "../shared/weights";
    if (!std::filesystem::exists(weights / "GOLDEN.json")) GTEST_SKIP() << "no published weights in ../shared/weights";
    for (const Published& one : {published(weights, "fer2013_mini_XCEPTION.102-0.66", mini_xception({})),
                                 published(weights, "fer2013_big_XCEPTION.54-0.66", big_xception({}))}) {
        ASSERT_EQ(one.answer.size(), one.stored.size());
        for (std::size_t c = 0; c < one.answer.size(); ++c) EXPECT_NEAR(one.answer[c], one.stored[c], 2e-6) << c;
    }
}

}  // namespace
}  // namespace affectsr
