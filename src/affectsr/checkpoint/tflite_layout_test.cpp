#include "affectsr/checkpoint/tflite_layout.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

TEST(TfliteLayout, PutsChannelsFirst) {
    EXPECT_EQ(channels_first({0, 1, 2, 3, 4, 5}, 1, 3, 2), (std::vector<float>{0, 2, 4, 1, 3, 5}));
    EXPECT_EQ(channels_first({0, 1, 2, 3}, 2, 1, 2), (std::vector<float>{0, 1, 2, 3}));
}

TEST(TfliteLayout, ShufflesChannels) {
    // Two channels of two pixels: new channel 0 takes old 0 and 2, new channel 1 takes 1 and 3.
    EXPECT_EQ(shuffling_weight(2, 2), (std::vector<float>{1, 0, 0, 0,  //
                                                          0, 0, 1, 0,  //
                                                          0, 1, 0, 0,  //
                                                          0, 0, 0, 1}));
}

TEST(TfliteLayout, PlacesWindowsAsTensorFlowDoes) {
    // tf.nn.conv2d's documentation: the odd pixel of a "SAME" border is behind.
    EXPECT_EQ(window_places(8, 3, 1, true), (WindowPlaces{1, 1, 8}));
    EXPECT_EQ(window_places(8, 3, 2, true), (WindowPlaces{0, 1, 4}));
    EXPECT_EQ(window_places(7, 3, 2, true), (WindowPlaces{1, 1, 4}));
    EXPECT_EQ(window_places(128, 5, 2, true), (WindowPlaces{1, 2, 64}));
    EXPECT_EQ(window_places(8, 2, 2, true), (WindowPlaces{0, 0, 4}));
    EXPECT_EQ(window_places(5, 1, 3, true), (WindowPlaces{0, 0, 2}));
    EXPECT_EQ(window_places(8, 3, 2, false), (WindowPlaces{0, 0, 3}));
    EXPECT_EQ(window_places(2, 3, 1, false), (WindowPlaces{0, 0, 0}));
}

}  // namespace
}  // namespace affectsr
