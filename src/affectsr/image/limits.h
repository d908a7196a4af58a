// What is refused before memory is taken for it.
#pragma once

#include <cstdint>

namespace affectsr {

/// What a picture may claim in its header before memory is taken for it.
struct ImageLimits {
    int side_px = 16384;                    ///< longest width or height
    std::int64_t area_px = 50'000'000;      ///< most pixels in all
    int bytes_ratio = 2000;                 ///< most decoded bytes per file byte, asked of pictures over 8 MP
    std::int64_t file_bytes = 256ll << 20;  ///< most bytes read from one file or stream
};

}  // namespace affectsr
