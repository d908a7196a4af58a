#include "affectsr/train/pixel_losses.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

double of(const std::string& name) {
    const at::Tensor sr = at::tensor({0.5f, 1.0f}).view({1, 1, 1, 2}), hr = at::tensor({0.1f, 1.2f}).view({1, 1, 1, 2});
    return find_pixel_loss(name).mean(sr, hr).item<double>();
}

TEST(PixelLosses, AreMeansAsByHand) {
    EXPECT_NEAR(of("l1"), (0.4 + 0.2) / 2, 1e-6);
    EXPECT_NEAR(of("l2"), (0.16 + 0.04) / 2, 1e-6);
    EXPECT_NEAR(of("charbonnier"), 0.3, 1e-6);
}

TEST(PixelLosses, HaveFiniteGradientsWherePicturesAreEqual) {
    for (const PixelLoss& loss : pixel_loss_catalog()) {
        at::Tensor sr = at::full({1, 1, 2, 2}, 0.5).requires_grad_(true);
        loss.mean(sr, at::full({1, 1, 2, 2}, 0.5)).backward();
        EXPECT_TRUE(at::isfinite(sr.grad()).all().item<bool>()) << loss.name;
    }
}

TEST(PixelLosses, AreFoundByName) {
    EXPECT_THROW(find_pixel_loss("hinge"), UsageError);
}

}  // namespace
}  // namespace affectsr
