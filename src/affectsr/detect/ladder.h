// The levels and tiles in which a detector looks at a photo: large and small faces alike, in bounded memory.
#pragma once

#include <vector>

#include "affectsr/image/image.h"

namespace affectsr {

/// How a photo is cut up.
struct LadderOptions {
    double finest_scale = 1;  ///< level pixels per photo pixel of the first level
    double step = 2;          ///< each further level is this many times smaller
    int least_side_px = 24;   ///< a level whose shorter side would be smaller is left out
    int tile_px = 1024;       ///< longest side of a tile's own part
    int margin_px = 64;  ///< how far a tile looks beyond its own part: half the largest face that its level must find
};

/// A part of one level. The own parts of a level's tiles cover it without overlap: a tile answers for the faces whose
/// centre lies in its own part, so nobody is found twice on one level. All in level pixels.
struct Tile {
    int left = 0, top = 0, width = 0, height = 0;  ///< what the detector is shown
    int own_left = 0, own_top = 0, own_right = 0, own_bottom = 0;
    /// Whether this tile answers for a face centred here (in pixels of the level).
    bool owns(double centre_x, double centre_y) const {
        return centre_x >= own_left && centre_x < own_right && centre_y >= own_top && centre_y < own_bottom;
    }
};

struct Level {
    double scale = 1;  ///< level pixels per photo pixel
    ImageSize size;
    std::vector<Tile> tiles;
};

/// The levels of a photo, finest first; at least one. Throws Bug if the photo is empty or an option is not positive.
std::vector<Level> ladder(ImageSize photo, const LadderOptions& options);

}  // namespace affectsr
