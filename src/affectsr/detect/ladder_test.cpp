#include "affectsr/detect/ladder.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(Ladder, GoesDownByTheStepUntilALevelIsTooSmall) {
    LadderOptions options;
    options.least_side_px = 24;
    const std::vector<Level> levels = ladder({200, 100}, options);
    ASSERT_EQ(levels.size(), 3U);  // 100, 50, 25; 12.5 is less than 24
    EXPECT_EQ(levels[0].size, (ImageSize{200, 100}));
    EXPECT_EQ(levels[1].size, (ImageSize{100, 50}));
    EXPECT_EQ(levels[2].size, (ImageSize{50, 25}));
    EXPECT_DOUBLE_EQ(levels[2].scale, 0.25);
}

TEST(Ladder, BeginsTwiceAsLargeWhenAsked) {
    LadderOptions options;
    options.finest_scale = 2;
    EXPECT_EQ(ladder({40, 30}, options).front().size, (ImageSize{80, 60}));
}

TEST(Ladder, EvenTheTiniestPhotoHasOneLevel) {
    ASSERT_EQ(ladder({1, 1}, {}).size(), 1U);
    ASSERT_EQ(ladder({3000, 1}, {}).size(), 1U);
}

TEST(Ladder, EveryPixelBelongsToExactlyOneTile) {
    LadderOptions options;
    options.tile_px = 50;
    options.margin_px = 7;
    for (const Level& level : ladder({173, 101}, options)) {
        for (int y = 0; y < level.size.height; ++y) {
            for (int x = 0; x < level.size.width; ++x) {
                int owners = 0;
                for (const Tile& tile : level.tiles) owners += tile.owns(x + 0.5, y + 0.5);
                ASSERT_EQ(owners, 1) << "at " << x << ", " << y;
            }
        }
    }
}

TEST(Ladder, TilesLookBeyondTheirOwnPartButNotBeyondThePhoto) {
    LadderOptions options;
    options.tile_px = 50;
    options.margin_px = 7;
    const Level level = ladder({100, 50}, options).front();
    ASSERT_EQ(level.tiles.size(), 2U);
    EXPECT_EQ(level.tiles[0].left, 0);
    EXPECT_EQ(level.tiles[0].width, 57);
    EXPECT_EQ(level.tiles[1].left, 43);
    EXPECT_EQ(level.tiles[1].width, 57);
    EXPECT_EQ(level.tiles[1].height, 50);
}

TEST(Ladder, TilesStaySmallHoweverLargeThePhoto) {
    const LadderOptions options;
    for (const Level& level : ladder({16384, 3000}, options)) {
        for (const Tile& tile : level.tiles) {
            EXPECT_LE(tile.width, options.tile_px + 2 * options.margin_px);
            EXPECT_LE(tile.height, options.tile_px + 2 * options.margin_px);
        }
    }
}

TEST(Ladder, RefusesAPhotoWithoutPixels) {
    EXPECT_THROW(ladder({0, 10}, {}), Bug);
}

}  // namespace
}  // namespace affectsr
