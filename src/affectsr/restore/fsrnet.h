// FSRNet: a coarse face, its features and what is known of faces' parts, Chen et al. 2018, arXiv:1711.10703.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

/// Shape of an FSRNet. The paper's weights are not to be had; layers and names are those of cs-giung/FSRNet-pytorch.
struct FsrnetOptions {
    int features = 64;   ///< channels of the trunk; the prior network has twice as many
    int blocks = 12;     ///< residual blocks of the fine encoder
    int landmarks = 68;  ///< heat maps that the prior network tells beside the picture; 0: none
    int parsing = 11;    ///< the same, for maps of the face's parts
    bool tied = false;   ///< all residual blocks of a list are one, as in that repository's weights; not the paper's
    int scale = 8;       ///< of the enlargement before it
    void fields(auto&& f) {
        f("features", features, "channels of the trunk", Range{4, 1024});
        f("blocks", blocks, "residual blocks of the fine encoder", Range{1, 256});
        f("landmarks", landmarks, "heat maps of landmarks", Range{0, 1024});
        f("parsing", parsing, "maps of the face's parts", Range{0, 64});
        f("tied", tied, "whether all residual blocks of a list share their weights");
        f("scale", scale, "how many times larger the result is", Range{1, 16});
    }
};

/// The network alone: [n, 3, h, w] enlarged already, in [0, 1], which the network itself counts from −1 to 1 → outputs
/// "out" and "coarse" (sec. 3.2) of the same shape; sides are multiples of 16. Marks: "prior" [n, landmarks + parsing,
/// h/2, w/2] where there are any, "encoder_features" [n, features, h/2, w/2], "prior_features" [n, 2·features, h/2,
/// w/2].
Plan fsrnet_plan(const FsrnetOptions& options);

/// FSRNet behind MATLAB's bicubic enlargement. Of published weights that are tied it takes those of each list's last
/// block: their file repeats them.
SrNetwork fsrnet(const FsrnetOptions& options);

}  // namespace affectsr
