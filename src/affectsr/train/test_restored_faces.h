// Restored and true faces that are noise, for the tests of losses.
#pragma once

#include "affectsr/face/mesh.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/restore/affectsr_net.h"
#include "affectsr/train/restoration_loss.h"

namespace affectsr {

/// An AffectSRNet of few numbers, 4×.
inline AffectsrNetOptions small_affectsr_net() {
    AffectsrNetOptions small;
    small.features = small.graph_features = 8, small.growth = 4, small.blocks = 2, small.block_channels = 4;
    return small;
}

/// Soft noise of 64 px; the restored faces have gradients. The mesh at rest lies in the middle of each.
inline RestoredFaces noisy_faces(std::int64_t count) {
    torch::manual_seed(7);
    const auto soft = [&] { return torch::avg_pool2d(torch::rand({count, 3, 70, 70}), 7, 1); };
    RestoredFaces faces{soft(), soft()};
    faces.sr.requires_grad_(true);
    faces.scale = 4;
    faces.mesh = torch::empty({count, 3, 478, 1});
    for (std::int64_t i = 0; i < 478; ++i) {
        const Point p = canonical_mesh()[static_cast<std::size_t>(i)];
        faces.mesh.select(2, i).copy_(torch::tensor({p.x / 2 + 7.5F, p.y / 2 + 7.5F, p.z / 2}).view({1, 3, 1}));
    }
    return faces;
}

/// The same with other restored faces, which have gradients.
inline RestoredFaces with_restored(RestoredFaces faces, const at::Tensor& sr) {
    faces.sr = sr.detach().clone().requires_grad_(true);
    faces.seen.clear();
    return faces;
}

/// What such losses are made for.
struct TestLossSetting {
    SrNetwork network = affectsr_net(small_affectsr_net());
    LossSetting setting{network, "", 64};
};

}  // namespace affectsr
