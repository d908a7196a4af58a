#include "affectsr/face/overlap.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

TEST(Overlap, IsSharedAreaOverTheWholeOrOverTheSmaller) {
    EXPECT_DOUBLE_EQ(overlap_of({0, 0, 10, 10}, {5, 0, 10, 10}), 50.0 / 150);
    EXPECT_DOUBLE_EQ(overlap_of({0, 0, 10, 10}, {10, 0, 10, 10}), 0);
    EXPECT_DOUBLE_EQ(cover_of({0, 0, 10, 10}, {2, 2, 4, 4}), 1);
    EXPECT_DOUBLE_EQ(cover_of({0, 0, 10, 10}, {8, 0, 4, 10}), 0.5);
    EXPECT_DOUBLE_EQ(overlap_of({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
}

}  // namespace
}  // namespace affectsr
