#include "affectsr/metric/flip_rate.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

Judged read_as(Emotion on_hr, Emotion on_sr) {
    Judged face;
    face.in_hr = {{on_hr}, {1}};
    face.in_sr = {{on_sr}, {1}};
    return face;
}

TEST(FlipRate, CountsFacesWhoseLabelChanged) {
    FlipRate flips{FlipRateOptions{}};
    EXPECT_TRUE(std::isnan(flips.value()));
    for (int i = 0; i < 3; ++i) flips.add(read_as(Emotion::happiness, Emotion::happiness));
    flips.add(read_as(Emotion::happiness, Emotion::neutral));
    EXPECT_EQ(flips.value(), 0.25);
    EXPECT_EQ(flips.matrix().at(1, 0), 1) << "rows are the originals";
    EXPECT_EQ(flips.details()["matrix"][1][1], 3);
    EXPECT_EQ(flips.details()["labels"][1], "happiness");
}

TEST(FlipRate, ItsIntervalHoldsItAndIsTheSameForTheSameSeed) {
    FlipRateOptions options;
    FlipRate flips(options), again(options);
    for (int i = 0; i < 100; ++i) {
        const Judged face = read_as(Emotion::neutral, i % 5 == 0 ? Emotion::sadness : Emotion::neutral);
        flips.add(face), again.add(face);
    }
    EXPECT_LT(flips.interval().low, 0.2);
    EXPECT_GT(flips.interval().high, 0.2);
    EXPECT_EQ(flips.interval().low, again.interval().low);
    EXPECT_EQ(flips.details()["high"], flips.interval().high);
}

TEST(FlipRate, AFaceThatIsNotReadWhenRestoredHasFlipped) {
    FlipRate flips{FlipRateOptions{}};
    Judged lost = read_as(Emotion::fear, Emotion::fear), never = lost;
    lost.in_sr = {};
    never.in_hr = {};
    flips.add(read_as(Emotion::fear, Emotion::fear));
    flips.add(lost);
    flips.add(never);
    EXPECT_EQ(flips.value(), 0.5);
    EXPECT_EQ(flips.details()["faces"], 2);
    EXPECT_EQ(flips.details()["unanswered"][4], 1);
    EXPECT_EQ(flips.details()["unread"], 1);
}

}  // namespace
}  // namespace affectsr
