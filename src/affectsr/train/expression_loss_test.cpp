#include <torch/optim/adam.h>

#include "affectsr/train/expression_loss.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/train/test_restored_faces.h"

namespace affectsr {
namespace {

TEST(ExpressionLoss, HasTheValueAndTheGradientOfTheHistograms) {
    torch::manual_seed(3);
    for (const char* kernel : {"triangular", "sigmoid"}) {
        SoftHistogramOptions options;
        options.kernel = kernel;
        const at::Tensor hr = torch::randn({6, 7}).softmax(1);
        const at::Tensor sr = torch::randn({6, 7}).softmax(1).requires_grad_(true);
        const auto numbers = [](const at::Tensor& x) {
            return std::span<const float>(x.data_ptr<float>(), static_cast<std::size_t>(x.numel()));
        };
        std::vector<double> gradient;
        const double expected = soft_histogram_distance(numbers(sr), numbers(hr), 7, options, &gradient);
        const at::Tensor loss = histogram_loss(sr, hr, options) * 20;
        EXPECT_NEAR(loss.item<double>(), 20 * expected, 1e-4);
        loss.backward();
        EXPECT_TRUE(
            torch::allclose(sr.grad().flatten().to(at::kDouble), 20 * torch::tensor(gradient, at::kDouble), 1e-4, 1e-5))
            << kernel;
    }
}

TEST(ExpressionLoss, IsNothingForEqualFacesAndTeachesOthers) {
    TestLossSetting test;
    const auto loss = make_expression_loss({}, test.setting);
    RestoredFaces faces = noisy_faces(4);
    const at::Tensor apart = loss->of(faces);
    EXPECT_GT(apart.item<double>(), 0);
    apart.backward();
    EXPECT_GT(faces.sr.grad().abs().sum().item<double>(), 0);
    RestoredFaces equal = with_restored(faces, faces.hr);
    EXPECT_EQ(loss->of(equal).item<double>(), 0);
    EXPECT_EQ(loss->stands_on()["name"], "small_net");
}

TEST(ExpressionLoss, FacesThatLearnFromItAreReadMoreAndMoreAsTheTrueOnes) {
    TestLossSetting test;
    const auto loss = make_expression_loss({}, test.setting);
    RestoredFaces faces = noisy_faces(4);
    torch::optim::Adam adam({faces.sr}, 3e-4);
    const double before = loss->of(faces).item<double>();
    for (int step = 0; step < 20; ++step) {
        adam.zero_grad();
        loss->of(faces).backward();
        adam.step();
    }
    EXPECT_LT(loss->of(faces).item<double>(), 0.7 * before);
}

TEST(ReadingLoss, IsTheDivergenceOfWhatIsReadInEachFace) {
    const at::Tensor hr = torch::tensor({{std::log(0.9F), std::log(0.1F)}, {0.0F, 0.0F}});
    const at::Tensor sr = torch::tensor({{std::log(0.5F), std::log(0.5F)}, {3.0F, 3.0F}}).requires_grad_(true);
    const at::Tensor loss = reading_loss(sr, hr);
    EXPECT_NEAR(loss.item<double>(), (0.9 * std::log(0.9 / 0.5) + 0.1 * std::log(0.1 / 0.5)) / 2, 1e-6)
        << "the second face is read as the true one";
    loss.backward();
    EXPECT_NEAR(sr.grad()[0][0].item<double>(), (0.5 - 0.9) / 2, 1e-6);
    EXPECT_NEAR(sr.grad()[1][0].item<double>(), 0, 1e-6);
}

TEST(ReadingLoss, FacesThatLearnFromItAreReadMoreAndMoreAsTheTrueOnes) {
    TestLossSetting test;
    const auto loss = make_reading_loss({}, test.setting);
    RestoredFaces faces = noisy_faces(4);
    torch::optim::Adam adam({faces.sr}, 3e-4);
    const double before = loss->of(faces).item<double>();
    EXPECT_GT(before, 0);
    for (int step = 0; step < 20; ++step) {
        adam.zero_grad();
        loss->of(faces).backward();
        adam.step();
    }
    EXPECT_LT(loss->of(faces).item<double>(), 0.5 * before);
    EXPECT_EQ(loss->stands_on()["name"], "small_net");
}

TEST(ExpressionLoss, WantsAJudgeOfExpressions) {
    TestLossSetting test;
    RestorationLossOptions options;
    options.model = "landmark_net";
    EXPECT_THROW(make_expression_loss(options, test.setting), UsageError);
    options = {};
    options.layers = {"stage1"};
    EXPECT_THROW(make_expression_loss(options, test.setting), UsageError);
    options = {};
    options.model = "nobody";
    EXPECT_THROW(make_expression_loss(options, test.setting), ModelError);
}

}  // namespace
}  // namespace affectsr
