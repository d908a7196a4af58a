#include "affectsr/image/border.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

TEST(Border, ShowsTheEdgeSampleTwiceOnBothSides) {
    constexpr int kExpected[] = {2, 2, 1, 0, 0, 1, 2, 2, 1, 0, 0};
    for (int i = 0; i < 11; ++i) EXPECT_EQ(mirrored(i - 4, 3), kExpected[i]) << i - 4;
}

TEST(Border, RepeatsForEverAndForASingleSample) {
    for (const int index : {-1'000'001, -7, -1, 0, 1, 12, 1'000'000}) {
        EXPECT_EQ(mirrored(index, 1), 0);
        EXPECT_EQ(mirrored(index, 5), mirrored(index + 10, 5));
        EXPECT_EQ(mirrored(-1 - index, 5), mirrored(index, 5)) << "the mirror lies between −1 and 0";
    }
}

}  // namespace
}  // namespace affectsr
