#include "affectsr/train/reweighting.h"
#include "affectsr/learn/libtorch.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

TEST(Reweighting, FacesThatAreReadWronglyCountMore) {
    const at::Tensor logits = torch::tensor({{9.0F, 0.0F}, {0.0F, 9.0F}, {1.0F, 1.0F}, {9.0F, 0.0F}});
    const at::Tensor target = torch::tensor({{1.0F, 0.0F}, {1.0F, 0.0F}, {0.5F, 0.5F}, {0.0F, 0.0F}});
    const at::Tensor weights = face_weights(logits, target, {});
    EXPECT_NEAR(weights[0].item<double>(), 0.5, 1e-3) << "read as it is";
    EXPECT_NEAR(weights[1].item<double>(), 1.5, 1e-3) << "read as another";
    EXPECT_NEAR(weights[2].item<double>(), 1, 1e-6);
    EXPECT_EQ(weights[3].item<double>(), 1) << "nobody knows";
    ReweightingOptions off;
    off.on = false;
    EXPECT_TRUE(torch::equal(face_weights(logits, target, off), torch::ones({4})));
}

TEST(Reweighting, TeachesOnlyWhereItIsAskedTo) {
    const at::Tensor logits = torch::zeros({1, 2}).requires_grad_(true), target = torch::tensor({{1.0F, 0.0F}});
    EXPECT_FALSE(face_weights(logits, target, {}).requires_grad());
    ReweightingOptions published;
    published.slope = true;
    face_weights(logits, target, published).sum().backward();
    EXPECT_NEAR(logits.grad()[0][0].item<double>(), -0.25, 1e-6) << "raising p lowers the weight";
}

}  // namespace
}  // namespace affectsr
