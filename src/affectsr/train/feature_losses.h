// How far restored faces are from true ones in the features of a frozen network: what is there, and in which style.
#pragma once

#include "affectsr/train/frozen_network.h"
#include "affectsr/train/restoration_loss.h"

namespace affectsr {

/// Features [n, c, h, w] → Gram matrices [n, c, c] = F Fᵀ / (c·h·w), F [c, h·w] (AffectSRNet, sec. III-E;
/// Johnson et al. 2016, arXiv:1603.08155, eq. 3). In float32.
Tensor gram_matrices(const Tensor& features);
/// Mean over the faces of the squared Frobenius norm of the difference of their Gram matrices (Johnson et al., eq. 4).
Tensor style_distance(const Tensor& sr, const Tensor& hr);
/// Mean square of the difference (Johnson et al., eq. 2). In float32.
Tensor feature_distance(const Tensor& sr, const Tensor& hr);

/// Layers of a frozen network that losses look at.
class FrozenFeatures {
 public:
    /// Throws UsageError for an unknown layer, a network without marks whose layers are not named, and pictures of a
    /// size that they cannot be made of; as open_trained.
    FrozenFeatures(const RestorationLossOptions& options, const LossSetting& setting);
    /// Every layer of the faces; the same as before if these faces were looked at already.
    const SeenFaces& of(RestoredFaces& faces);
    const Json& account() const { return account_; }

 private:
    std::unique_ptr<FrozenNetwork> network_;
    int px_, channels_ = 3;
    bool bf16_;
    Json account_;
};

/// "perceptual": Σ over layers of feature_distance.
std::unique_ptr<RestorationLoss> make_perceptual_loss(const RestorationLossOptions& options, LossSetting& setting);
/// "style": Σ over layers of style_distance.
std::unique_ptr<RestorationLoss> make_style_loss(const RestorationLossOptions& options, LossSetting& setting);

}  // namespace affectsr
