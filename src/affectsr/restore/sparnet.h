// SPARNet: residual blocks that look where a face has something to look at, Chen et al. 2020, arXiv:2012.01211.
#pragma once

#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

/// Shape of a SPARNet. The defaults are the paper's (S16 V4 Attn2D, 16 → 128 px); its light version has one block and
/// `attention` "channels".
struct SparnetOptions {
    int features = 128;              ///< most channels of a value of the trunk
    int least_features = 32;         ///< fewest
    int blocks = 10;                 ///< at 16 px for faces of 128 px; one more for each halving of output_px
    std::string attention = "face";  ///< one map for the face, or one for each of its channels
    int output_px = 128;             ///< side of the restored face, 64, 128 or 256
    int scale = 8;                   ///< of the enlargement before it
    void fields(auto&& f) {
        f("features", features, "most channels of the trunk", Range{4, 1024});
        f("least_features", least_features, "fewest channels of the trunk", Range{4, 1024});
        f("blocks", blocks, "attention blocks at the smallest size", Range{1, 64});
        f("attention", attention, "one map of attention for the face, or one for each channel",
          OneOf{{"face", "channels"}});
        f("output_px", output_px, "side of the restored face in pixels: 64, 128 or 256", Range{64, 256});
        f("scale", scale, "how many times larger the result is: 2, 4 or 8", Range{2, 8});
    }
};

/// The network alone: [n, 3, h, w] enlarged already, in [0, 1], which the network itself counts from −1 to 1 → the same
/// shape; sides are multiples of 32 and at least 64 px. Steps have the names of the authors' repository. Marks:
/// "encoder" and "res_layers", whose faces of output_px are 16 px large, and "last_attention", the last block's map in
/// (0, 1). Throws UsageError for another size or scale.
Plan sparnet_plan(const SparnetOptions& options);

/// SPARNet behind MATLAB's bicubic enlargement. It works at one size: needs.input_px is output_px / scale.
SrNetwork sparnet(const SparnetOptions& options);

}  // namespace affectsr
