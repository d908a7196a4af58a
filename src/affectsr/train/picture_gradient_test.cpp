#include "affectsr/train/picture_gradient.h"
#include "affectsr/learn/libtorch.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

TEST(PictureGradient, IsTheSumOfAllLosses) {
    const at::Tensor x = torch::randn({3, 2, 4, 4}).requires_grad_(true);
    PictureGradient gradient(x);
    const at::Tensor seen = x.square();  // both look at it
    gradient.add(seen.sum(), 0);
    gradient.add(2 * seen.sum(), 0);
    EXPECT_TRUE(torch::allclose(gradient.sum(), 6 * x));
}

TEST(PictureGradient, FaceByFaceNoneOutweighsTheFirst) {
    const at::Tensor x = torch::zeros({2, 1, 2, 2}).requires_grad_(true);
    const at::Tensor wants = torch::tensor({1.0F, 100.0F}).view({2, 1, 1, 1}).expand({2, 1, 2, 2});
    PictureGradient gradient(x);
    gradient.add((x * 4).sum(), 0.5);      // norm 8 in each face
    gradient.add((x * wants).sum(), 0.5);  // norms 2 and 200
    EXPECT_FLOAT_EQ(gradient.sum()[0][0][0][0].item<float>(), 4 + 1) << "below the limit";
    EXPECT_FLOAT_EQ(gradient.sum()[1][0][0][0].item<float>(), 4 + 2) << "shortened to a norm of 4";
}

TEST(PictureGradient, LossesWithNothingToSayAddNothing) {
    const at::Tensor x = torch::zeros({2, 1, 2, 2}).requires_grad_(true);
    PictureGradient gradient(x);
    gradient.add(torch::zeros({}), 1);
    gradient.add((x * 0).sum(), 0);
    gradient.add(x.sum(), 0.5);
    EXPECT_EQ(gradient.sum().abs().sum().item<double>(), 0) << "a share of nothing is nothing";
}

}  // namespace
}  // namespace affectsr
