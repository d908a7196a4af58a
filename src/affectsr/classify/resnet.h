// ResNet-18 and ResNet-50 as torchvision builds them: He et al. 2016, arXiv:1512.03385.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/classify/expression_network.h"

namespace affectsr {

/// Shape of a ResNet.
struct ResnetOptions {
    int input_px = 224;
    int width = 64;  ///< channels of the first stage; each further one has twice as many
    void fields(auto&& f) {
        f("input_px", input_px, "side of the input in pixels", Range{32, 1024});
        f("width", width, "channels of the first stage", Range{4, 1024});
    }
};

/// [n, 3, h, w] in [0, 1] → "expression" [n, 7]; colours are normalised by ImageNet's statistics first. `depth` is 18
/// (two 3×3 convolutions a block) or 50 (1×1, 3×3, 1×1, the stride on the 3×3). Steps have torchvision's names. Marks:
/// "layer1" … "layer4", "pooled" ([n, features]).
Plan resnet_plan(int depth, const ResnetOptions& options);

/// The networks of resnet_plan.
ExpressionNetwork resnet18(const ResnetOptions& options);
ExpressionNetwork resnet50(const ResnetOptions& options);

}  // namespace affectsr
