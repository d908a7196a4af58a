// GFPGAN: a face restored by a StyleGAN2 decoder that a U-Net steers. Wang et al. 2021, arXiv:2101.04061; the clean
// version of TencentARC/GFPGAN, for which v1.3 and v1.4 are published.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

/// Shape of the network; the defaults are the published ones.
struct GfpganOptions {
    int size_px = 512;
    int styles = 512;
    int channel_multiplier = 2;
    double narrow = 1;
    bool swapped = false;
    void fields(auto&& f) {
        f("size_px", size_px, "side of the face, a power of two", Range{8, 1024});
        f("styles", styles, "features of each style", Range{1, 4096});
        f("channel_multiplier", channel_multiplier, "factor of the channels from 64 px on", Range{1, 8});
        f("narrow", narrow, "factor of all channels of the decoder", Range{0.01, 4});
        f("swapped", swapped, "it is fed blue, green, red, as the restoration study did, and answers likewise");
    }
};

/// A face [n, 3, size_px, size_px] in [0, 1], RGB, aligned as `ffhq_512` → the same size. The noise is that of the
/// file, the same for every face. Marks "rgb0", "rgb1", …: the U-Net's own pictures from 8 px on; "style_code", all
/// styles; "condition_scale0", "condition_shift0", "style_conv1", "to_rgb1", "style_convs0", …. Throws UsageError for a
/// side that is no power of two.
SrNetwork gfpgan(const GfpganOptions& options);

}  // namespace affectsr
