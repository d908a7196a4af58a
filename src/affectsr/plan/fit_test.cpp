#include "affectsr/plan/fit.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

Plan conv_and_norm() {
    PlanBuilder p;
    return p.finish(p.batch_norm("norm", p.conv("conv", p.input(1), 2)));
}

TEST(Fit, WeightsOfThePlanAreHandedOn) {
    const TensorMap weights = first_weights(conv_and_norm(), 1);
    EXPECT_EQ(fitting(conv_and_norm(), weights, "x").size(), weights.size());
    TensorMap uncounted = weights;
    uncounted.erase("norm.num_batches_tracked");
    EXPECT_NO_THROW(expect_fit(conv_and_norm(), uncounted, "x")) << "inference does not read counters";
}

TEST(Fit, WhatIsMissingExtraOrMisshapenIsNamed) {
    TensorMap weights = first_weights(conv_and_norm(), 1);
    weights.erase("conv.bias");
    weights["tail.bias"] = weights["norm.bias"];
    weights["norm.bias"] = HostTensor::from_floats(std::vector<float>{1}, {1});
    try {
        fitting(conv_and_norm(), weights, "x.safetensors");
        FAIL();
    } catch (const ModelError& error) {
        EXPECT_EQ(error.code(), "model_does_not_fit");
        EXPECT_STREQ(error.what(),
                     "x.safetensors does not fit the network; 1 missing: conv.bias [2]; 1 extra: \"tail.bias\" [2]; 1 "
                     "misshapen: norm.bias is [1], the network wants [2]. Another network or other options may fit");
    }
}

}  // namespace
}  // namespace affectsr
