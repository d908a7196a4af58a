// Pictures as a network's features see them: perceptual distance and Fréchet distance with the weights that a user has.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "affectsr/engine/plan_engine.h"
#include "affectsr/image/image.h"

namespace affectsr {

/// A network of feature_network_catalog() with its weights, and LPIPS's heads where there are some. Thread-safe.
class PictureFeatures {
 public:
    /// Layers of one picture, in the network's order: [channels, height, width] each.
    using Layers = std::vector<std::vector<float>>;

    /// `backbone` is a published file (read_published) with the weights of the network called `network`; `heads` one of
    /// LPIPS v0.1's linear heads ("lin0.model.1.weight", …), or empty: every channel counts 1. For pictures of
    /// `input_px`. Computes in float32. Throws UsageError for an unknown network, ModelError as read_published and
    /// adopt, and `model_does_not_fit` for heads of another network.
    PictureFeatures(const std::string& network, const std::filesystem::path& backbone,
                    const std::filesystem::path& heads, int input_px);

    bool weighted() const { return !heads_.empty(); }
    /// Throws Bug for a picture of another size.
    Layers see(const Image& picture) const;
    /// lpips_distance: LPIPS where there are heads and they are of this backbone, else its mode without heads.
    double distance(const Layers& hr, const Layers& sr) const;
    /// The last layer's means over the picture: what the Fréchet distance looks at.
    std::vector<float> means(const Layers& layers) const;

 private:
    Plan plan_;
    int input_px_;
    PlanEngine engine_;
    std::vector<int> channels_;
    std::vector<std::vector<float>> heads_;  // by layer
};

}  // namespace affectsr
