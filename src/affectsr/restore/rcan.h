// RCAN: residual groups with channel attention, Zhang et al. 2018, arXiv:1807.02758.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

/// Shape of an RCAN; the defaults are the paper's.
struct RcanOptions {
    int features = 64;
    int groups = 10;
    int blocks = 20;     ///< of each group
    int reduction = 16;  ///< how many times fewer channels the attention looks through
    int scale = 4;       ///< 2, 3, 4 or 8
    void fields(auto&& f) {
        f("features", features, "channels of the trunk", Range{4, 1024});
        f("groups", groups, "residual groups", Range{1, 64});
        f("blocks", blocks, "attention blocks of each group", Range{1, 128});
        f("reduction", reduction, "how many times fewer channels the attention has", Range{1, 64});
        f("scale", scale, "how many times larger the result is: 2, 3, 4 or 8", Range{2, 8});
    }
};

/// [n, 3, h, w] → [n, 3, h·scale, w·scale], values in [0, 1], which the network itself counts from 0 to 255 about
/// DIV2K's mean colour; steps have the names of the authors' repository. Marks, in its own range: "head", "body0",
/// "body1", …, "tail" (before the mean colour is added). Throws UsageError for another scale or for fewer features than
/// `reduction`.
Plan rcan_plan(const RcanOptions& options);

/// The network of rcan_plan(). Knows the authors' names, whose mean shifts are constants here, and BasicSR's.
SrNetwork rcan(const RcanOptions& options);

}  // namespace affectsr
