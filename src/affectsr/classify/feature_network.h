// Networks whose features perceptual measures and losses look at: their convolutional layers, with weights that the
// user has.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "affectsr/base/catalog.h"
#include "affectsr/plan/plan.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// The pictures that it is for.
struct FeatureOptions {
    int input_px = 128;
    void fields(auto&& f) { f("input_px", input_px, "side of the pictures in pixels", Range{32, 1024}); }
};

/// Layers of a network that was trained on ImageNet. A value; safe to share.
struct FeatureNetwork {
    /// [n, 3, px, px] in [0, 1] → every layer that is looked at, as an output, in their order. Whatever range published
    /// weights want is a step of the plan. Parameters have their published names; what the plan lacks is not needed.
    Plan plan;
};

/// LPIPS's backbones, layers and order as PerceptualSimilarity 082bb24, names as torchvision's: "alex" (Krizhevsky
/// 2014, five layers), "vgg" (VGG-16, five), "squeeze" (SqueezeNet 1.1, seven). And "squeezenet10": SqueezeNet 1.0
/// (Iandola et al. 2016, arXiv:1602.07360, table 1) with the names of its Caffe file, looked at before each pool and at
/// the end. Pools of the SqueezeNets meet windows that the picture ends in, as Caffe's do.
std::span<const Entry<FeatureNetwork>> feature_network_catalog();

}  // namespace affectsr
