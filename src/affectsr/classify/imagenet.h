// The colour statistics that networks trained on ImageNet expect.
#pragma once

#include <array>

#include "affectsr/plan/plan.h"

namespace affectsr {

/// Mean and deviation of red, green and blue over ImageNet's training pictures, in [0, 1]. Source: torchvision 0.14.1.
inline constexpr std::array<float, 3> kImagenetMean{0.485f, 0.456f, 0.406f};
inline constexpr std::array<float, 3> kImagenetDeviation{0.229f, 0.224f, 0.225f};

/// [n, 3, h, w] in [0, 1] → mean 0 and deviation 1 over ImageNet's training pictures.
Value imagenet_normalised(PlanBuilder& p, Value pictures);

}  // namespace affectsr
