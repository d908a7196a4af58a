// A loss on restored faces: what it may look at, and how a recipe asks for it.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/metric/soft_histogram.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

class FrozenFeatures;

/// One weighted term of what is minimised.
struct RestorationLossOptions {
    std::string name = "l1";
    double weight = 1;
    double from = 0;
    double gradient_limit = 0;
    std::string model, network;
    std::vector<std::string> layers;
    int input_px = 0;
    SoftHistogramOptions histogram;
    void fields(auto&& f) {
        f("name", name, "catalog name of the loss");
        f("weight", weight, "factor in the sum of losses", Range{0, 1e6});
        f("from", from, "share of the run from which it counts; before, it is not computed", Range{0, 0.9999});
        f("gradient_limit", gradient_limit,
          "largest norm of its weighted gradient at the pixels of a face, as a share of that of the first loss; 0: no "
          "limit",
          Range{0, 1e6});
        f("model", model,
          "the trained network that it looks through: a file in the output folder, a path or a known model's name; "
          "empty: small_net, for node_embedding landmark_net");
        f("network", network,
          "the backbone whose published weights \"model\" has: alex, vgg, squeeze, squeezenet10; empty: \"model\" is "
          "one of our model files (perceptual, style)");
        f("layers", layers,
          "outputs and marks of that network that are looked at; empty: all marks, or the layers that LPIPS looks at "
          "(perceptual, style)");
        f("input_px", input_px, "side at which that network sees the faces; 0: that of the faces (perceptual, style)",
          Range{0, 1024});
        f("histogram", histogram, "how a confidence counts (expression)");
    }
};

/// What a network makes of restored and true faces, by layer; only the first has gradients.
struct SeenFaces {
    std::map<std::string, at::Tensor> sr, hr;
};

/// Restored faces beside the true ones.
struct RestoredFaces {
    at::Tensor sr, hr;  ///< [n, 3, px, px], float32, values about [0, 1]
    /// [n, 3, 478, 1]: x, y and z in pixels of the small face, kNowherePx where they are not known; undefined for
    /// networks that do not look at landmarks.
    at::Tensor mesh = {};
    int scale = 1;                        ///< pixels of `sr` for one of the small face
    const PlanModule* learner = nullptr;  ///< the network that made them
    /// What was looked at already, for several losses to share.
    std::map<const FrozenFeatures*, SeenFaces> seen = {};
};

/// A term of what is minimised. Not thread-safe.
class RestorationLoss {
 public:
    virtual ~RestorationLoss() = default;
    /// A scalar with gradients to faces.sr. Restored and true faces have the same count and size.
    virtual at::Tensor of(RestoredFaces& faces) = 0;
    /// Whether the pictures that a network makes before its answer are held to it, too.
    virtual bool counts_earlier_pictures() const { return false; }
    /// {"name", "sha256"} of the model that it looks through; null: none.
    virtual Json stands_on() const { return nullptr; }
};

/// What losses are made for.
struct LossSetting {
    const SrNetwork& network;
    std::filesystem::path folder;  ///< models are looked for here first
    int hr_px = 128;
    bool bf16 = false;  ///< feature networks compute in bfloat16
    /// Networks that several losses look through, by what was asked for.
    std::map<std::string, std::shared_ptr<FrozenFeatures>> shared = {};
};

}  // namespace affectsr
