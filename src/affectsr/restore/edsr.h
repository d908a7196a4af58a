// EDSR: residual blocks without norms, Lim et al. 2017, arXiv:1707.02921.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

/// Shape of an EDSR. The defaults are EDSR-baseline; EDSR itself has 32 blocks, 256 features and residual_scale 0.1.
struct EdsrOptions {
    int features = 64;
    int blocks = 16;
    double residual_scale = 1;  ///< sec. 3.3: what a block's residual is multiplied with
    int scale = 4;              ///< 2, 3, 4 or 8
    void fields(auto&& f) {
        f("features", features, "channels of the trunk", Range{4, 1024});
        f("blocks", blocks, "residual blocks", Range{1, 256});
        f("residual_scale", residual_scale, "what a block's residual is multiplied with", Range{0, 1});
        f("scale", scale, "how many times larger the result is: 2, 3, 4 or 8", Range{2, 8});
    }
};

/// [n, 3, h, w] → [n, 3, h·scale, w·scale], values in [0, 1], which the network itself counts from 0 to 255 about
/// DIV2K's mean colour; steps have the names of the authors' repository. Marks, in its own range: "head", "body0",
/// "body1", …, "tail" (before the mean colour is added). Throws UsageError for another scale.
Plan edsr_plan(const EdsrOptions& options);

/// The network of edsr_plan(). Knows the authors' names, whose mean shifts are constants here, and BasicSR's.
SrNetwork edsr(const EdsrOptions& options);

}  // namespace affectsr
