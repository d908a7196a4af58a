#include "affectsr/restore/srcnn.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "affectsr/base/error.h"
#include "affectsr/image/resize.h"
#include "affectsr/learn/test_parity.h"
#include "affectsr/restore/matlab_bicubic.h"

namespace affectsr {
namespace {

TEST(Srcnn, HasTheParametersOfItsPaper) {
    EXPECT_EQ(srcnn_plan({1, 1}).parameter_count(), 8'129);
    EXPECT_EQ(srcnn_plan({5, 1}).parameter_count(), 57'281);
    EXPECT_EQ(srcnn_plan({5, 3}).parameter_count(), 69'251);
    EXPECT_THROW(srcnn_plan({2, 1}), UsageError);
    EXPECT_THROW(srcnn_plan({5, 2}), UsageError);
}

/// Weights that hand the picture's values on unchanged, times `gain`.
void make_identity(Srcnn& network, double gain) {
    const torch::NoGradGuard no_grad;
    auto parameters = network.named_parameters();
    for (auto& item : parameters) item.value().zero_();
    for (int c = 0; c < parameters["conv3.bias"].size(0); ++c) {
        parameters["conv1.weight"][c][c][4][4] = 1;
        parameters["conv2.weight"][c][c][2][2] = 1;
        parameters["conv3.weight"][c][c][2][2] = gain;
    }
}

TEST(Srcnn, ThatChangesNothingIsTheBicubicEnlargement) {
    torch::manual_seed(2);
    const Tensor lr = torch::rand({2, 3, 6, 5}) * 0.5 + 0.25;
    for (const int channels : {1, 3})
        for (const int scale : {2, 3, 4}) {
            Srcnn network({5, channels, scale});
            make_identity(network, 1);
            const torch::NoGradGuard no_grad;
            const Tensor expected = matlab_bicubic(lr, 6 * scale, 5 * scale);
            EXPECT_LT((network.forward({lr}).sr - expected).abs().max().item<double>(), 1e-5);
        }
}

TEST(Srcnn, ChangesLumaOnlyAndKeepsTheColourDifferences) {
    Srcnn network({5, 1, 2});
    make_identity(network, 1.2);
    const torch::NoGradGuard no_grad;
    const Tensor lr = torch::rand({1, 3, 4, 4}) * 0.2 + 0.4;
    const Tensor change = network.forward({lr}).sr - matlab_bicubic(lr, 8, 8);
    EXPECT_GT(change.min().item<double>(), 0.01) << "a brighter luma";
    EXPECT_LT((change - change.mean(1, true)).abs().max().item<double>(), 1e-5) << "all three colours alike";
}

TEST(Srcnn, EnlargesByTheScaleThatIsAsked) {
    Srcnn network({1, 3, 4});
    const torch::NoGradGuard no_grad;
    SrInput input{torch::rand({1, 3, 4, 6})};
    EXPECT_EQ(network.forward(input).sr.size(3), 24);
    input.scale = 3;
    EXPECT_EQ(network.forward(input).sr.size(3), 18);
}

TEST(Srcnn, BothPlayersAgree) {
    for (const int middle_kernel : {1, 5})
        for (const Precision precision : {Precision::f32, Precision::bf16})
            expect_parity(srcnn_plan({middle_kernel, 1}), {2, 17, 12}, precision);
}

}  // namespace
}  // namespace affectsr
