#include "affectsr/checkpoint/tflite_outputs.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(TfliteOutputs, AreTheirPartsOneBehindTheOtherWithChannelsLast) {
    const TfliteOutput output{"scores", {1, 5, 2}, {{"1.0", {2, 2, 2}}, {"1.1", {2, 1, 1}}}};
    std::vector<float> first = {0, 2, 4, 6, 1, 3, 5, 7}, second = {8, 9};
    EXPECT_EQ(published_order(output, {{"1.0", first}, {"1.1", second}}),
              (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    EXPECT_THROW(published_order(output, {{"1.0", first}}), Bug);
    EXPECT_THROW(published_order(output, {{"1.0", second}, {"1.1", second}}), Bug);
}

}  // namespace
}  // namespace affectsr
