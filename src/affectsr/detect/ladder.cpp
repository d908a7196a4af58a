#include "affectsr/detect/ladder.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

/// The start of part `i` of `parts` nearly equal parts of `length`.
int start_of(int i, int parts, int length) {
    return static_cast<int>(static_cast<std::int64_t>(length) * i / parts);
}

std::vector<Tile> tiles_of(ImageSize level, const LadderOptions& options) {
    const int columns = (level.width + options.tile_px - 1) / options.tile_px;
    const int rows = (level.height + options.tile_px - 1) / options.tile_px;
    std::vector<Tile> tiles;
    for (int row = 0; row < rows; ++row) {
        for (int column = 0; column < columns; ++column) {
            Tile tile;
            tile.own_left = start_of(column, columns, level.width);
            tile.own_right = start_of(column + 1, columns, level.width);
            tile.own_top = start_of(row, rows, level.height);
            tile.own_bottom = start_of(row + 1, rows, level.height);
            tile.left = std::max(0, tile.own_left - options.margin_px);
            tile.top = std::max(0, tile.own_top - options.margin_px);
            tile.width = std::min(level.width, tile.own_right + options.margin_px) - tile.left;
            tile.height = std::min(level.height, tile.own_bottom + options.margin_px) - tile.top;
            tiles.push_back(tile);
        }
    }
    return tiles;
}

}  // namespace

std::vector<Level> ladder(ImageSize photo, const LadderOptions& options) {
    AFFECTSR_EXPECT(photo.width >= 1 && photo.height >= 1, "a photo to look at has pixels");
    AFFECTSR_EXPECT(options.finest_scale > 0 && options.step > 1 && options.tile_px >= 1 && options.margin_px >= 0,
                    "a ladder goes down in steps");
    std::vector<Level> levels;
    for (double scale = options.finest_scale;; scale /= options.step) {
        Level level;
        level.scale = scale;
        level.size = {std::max(1, static_cast<int>(std::lround(photo.width * scale))),
                      std::max(1, static_cast<int>(std::lround(photo.height * scale)))};
        if (!levels.empty() && std::min(level.size.width, level.size.height) < options.least_side_px) return levels;
        level.tiles = tiles_of(level.size, options);
        levels.push_back(std::move(level));
        if (std::min(photo.width, photo.height) * scale < 2) return levels;
    }
}

}  // namespace affectsr
