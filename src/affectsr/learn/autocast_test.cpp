#include "affectsr/learn/autocast.h"
#include "affectsr/learn/libtorch.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

at::ScalarType type_of_a_product() {
    return torch::matmul(torch::ones({2, 2}), torch::ones({2, 2})).scalar_type();
}

TEST(Autocast, ComputesInBfloat16OnlyInItsScope) {
    EXPECT_EQ(type_of_a_product(), at::kFloat);
    {
        const Autocast outer(true);
        EXPECT_EQ(type_of_a_product(), at::kBFloat16);
        { const Autocast inner(true); }
        EXPECT_EQ(type_of_a_product(), at::kBFloat16);
    }
    EXPECT_EQ(type_of_a_product(), at::kFloat);
}

TEST(Autocast, DoesNothingWhenDisabled) {
    const Autocast disabled(false);
    EXPECT_EQ(type_of_a_product(), at::kFloat);
}

}  // namespace
}  // namespace affectsr
