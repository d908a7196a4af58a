// Learned perceptual distance: how far two pictures are apart in the features of a network.
#pragma once

#include <span>
#include <vector>

namespace affectsr {

/// What one layer of a network makes of one picture: [channels, pixels], row-major; not owned.
struct FeatureMap {
    int channels = 0;
    std::span<const float> values;
};

/// A distance and what each layer adds to it.
struct LpipsParts {
    double distance = 0;
    std::vector<double> by_layer;
};

/// Σ over layers of the mean over pixels of Σ_c w_c (â_c − b̂_c)², where â = a / (‖a‖ + 1e-10) over the channels of a
/// pixel. `weights` has the w of every layer: with the published heads and backbones this is LPIPS v0.1. Empty: 1
/// everywhere, LPIPS's own mode without heads. Learned weights are not negative, but nothing here asks for that.
/// `gradient`, if given: the derivative by every feature of `sr`, by layer; where all channels are 0 the direction is
/// not defined, and it is 0. Throws Bug unless both have the same layers of the same sizes. Source: Zhang et al. 2018,
/// arXiv:1801.03924, eq. 1; PerceptualSimilarity 082bb24.
LpipsParts lpips_distance(std::span<const FeatureMap> hr, std::span<const FeatureMap> sr,
                          std::span<const std::vector<float>> weights,
                          std::vector<std::vector<float>>* gradient = nullptr);

}  // namespace affectsr
