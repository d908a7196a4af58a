// Our own landmark network: residual, small, for faces that were enlarged from 8 px or reduced from more.
#pragma once

#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/detect/landmark_network.h"

namespace affectsr {

struct LandmarkNetOptions {
    int input_px = 64;
    std::vector<int> widths{32, 64, 96, 112};
    std::vector<int> depths{1, 2, 2, 2};
    int place_channels = 24;
    int hidden = 192;
    void fields(auto&& f) {
        f("input_px", input_px, "side of its input in pixels: a multiple of 2 for each stage", Range{16, 256});
        f("widths", widths, "channels of each stage", Range{8, 1024});
        f("depths", depths, "residual blocks of each stage", Range{1, 16});
        f("place_channels", place_channels, "channels of the last map, all of whose places are looked at",
          Range{1, 256});
        f("hidden", hidden, "features that the answers are made of", Range{8, 4096});
    }
};

/// The mean face of a landmark network: the canonical mesh (face/mesh.h) where cut() shows a face, 478 × (x, y, z) in
/// pixels of a crop of `px`.
std::vector<float> mesh_at_rest(int px);

/// Residual blocks (He et al. 2016, arXiv:1512.03385) at half the size and below; the last map is not averaged but read
/// place by place, since it matters where something was. The points are what a linear layer adds to mesh_at_rest(),
/// in units of a sixteenth of the side, so that first weights answer near a face. The
/// features behind all answers are marked "hidden". Throws UsageError for widths and
/// depths that do not fit each other and a side that does not divide.
LandmarkNetwork landmark_net(const LandmarkNetOptions& options);

}  // namespace affectsr
