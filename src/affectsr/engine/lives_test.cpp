#include "affectsr/engine/lives.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace affectsr::engine {
namespace {

/// Life of value number `home`, which lives in its own memory.
Life life(int home, int made, int last, std::size_t bytes) {
    Life life;
    life.home = home;
    life.made = made;
    life.last = last;
    life.bytes = bytes;
    return life;
}

TEST(Lives, GivesTheMemoryOfADeadValueToTheNext) {
    std::vector<Life> values{life(0, 0, 1, 64), life(1, 1, 2, 64), life(2, 2, 3, 64)};
    EXPECT_EQ(place(values, 0), 128u) << "the first is dead when the third is made";
    EXPECT_EQ(values[0].offset, values[2].offset);
    EXPECT_NE(values[0].offset, values[1].offset);
}

TEST(Lives, FillsAGapBetweenTwoThatLive) {
    std::vector<Life> values{life(0, 0, 9, 100), life(1, 0, 1, 60), life(2, 0, 9, 50), life(3, 2, 9, 40)};
    EXPECT_EQ(place(values, 0), 210u);
    EXPECT_EQ(values[3].offset, values[1].offset) << "the small one fits where the second was";
}

TEST(Lives, LeavesAloneWhatNobodyMakesAndWhatLiesBeforeTheBeginning) {
    std::vector<Life> values{life(0, -1, 5, 1000), life(1, 0, 1, 64)};
    EXPECT_EQ(place(values, 256), 320u);
    EXPECT_EQ(values[1].offset, 256u);
    std::vector<Life> none;
    EXPECT_EQ(place(none, 256), 256u);
}

TEST(Lives, AHomeIsAsLargeAsItsLargestGuestAndLivesAsLong) {
    // The second value lives in the first one's memory, is larger and dies later; the third is made meanwhile.
    std::vector<Life> values{life(0, 0, 1, 64), life(0, 1, 4, 96), life(2, 3, 5, 32)};
    EXPECT_EQ(place(values, 0), 128u);
    EXPECT_EQ(values[0].bytes, 96u);
    EXPECT_EQ(values[2].offset, 96u);
}

TEST(Lives, AValueThatNobodyReadsHasItsMemoryWhileItIsMade) {
    std::vector<Life> values{life(0, 0, 2, 64), life(1, 1, -1, 64)};
    EXPECT_EQ(place(values, 0), 128u);
}

TEST(Lives, NoTwoThatLiveAtOnceShareAByte) {
    std::mt19937 random(7);
    const auto up_to = [&random](int most) { return static_cast<int>(random() % static_cast<unsigned>(most + 1)); };
    for (int round = 0; round < 200; ++round) {
        std::vector<Life> values;
        for (int i = 0; i < 40; ++i) {
            const int made = up_to(30);
            values.push_back(life(i, made, made + up_to(8), static_cast<std::size_t>(64 * (1 + up_to(20)))));
        }
        std::size_t most_at_once = 0, all = 0;
        for (int now = 0; now <= 38; ++now) {
            std::size_t at_once = 0;
            for (const Life& value : values) at_once += value.made <= now && now <= value.last ? value.bytes : 0;
            most_at_once = std::max(most_at_once, at_once);
        }
        for (const Life& value : values) all += value.bytes;
        const std::size_t end = place(values, 0);
        EXPECT_GE(end, most_at_once);
        EXPECT_LT(end, all) << "nothing was shared";
        for (const Life& a : values) {
            EXPECT_LE(a.offset + a.bytes, end);
            for (const Life& b : values) {
                const bool meet = &a != &b && a.made <= b.last && b.made <= a.last;
                EXPECT_FALSE(meet && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes);
            }
        }
    }
}

}  // namespace
}  // namespace affectsr::engine
