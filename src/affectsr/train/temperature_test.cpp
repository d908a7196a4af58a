#include "affectsr/train/temperature.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

TEST(Temperature, FindsTheTemperatureThatLogitsWereMultipliedBy) {
    // Three of four faces are of the first class, so the honest logit is log 3.
    const at::Tensor target = at::tensor({1.0f, 0.0f, 1.0f, 0.0f, 1.0f, 0.0f, 0.0f, 1.0f}).view({4, 2});
    const auto honest = static_cast<float>(std::log(3.0));
    for (const double factor : {0.5, 1.0, 2.5}) {
        const at::Tensor logits = at::tensor({honest, 0.0f}).view({1, 2}).expand({4, 2}) * factor;
        EXPECT_NEAR(fit_temperature(logits, target), factor, 0.01);
    }
}

TEST(Temperature, LabelledRowsAreThoseWithATargetAndItsMostVotedClass) {
    const at::Tensor logits = at::arange(6).to(at::kFloat).view({3, 2});
    const at::Tensor target = at::tensor({0.4f, 0.6f, 0.0f, 0.0f, 0.9f, 0.1f}).view({3, 2});
    const auto [rows, sharp] = labelled_rows(logits, target);
    EXPECT_TRUE(at::equal(rows, at::tensor({0.0f, 1.0f, 4.0f, 5.0f}).view({2, 2})));
    EXPECT_TRUE(at::equal(sharp, at::tensor({0.0f, 1.0f, 1.0f, 0.0f}).view({2, 2})));
}

}  // namespace
}  // namespace affectsr
