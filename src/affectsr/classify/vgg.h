// VGG-16 and VGG-19 as torchvision builds them, for expressions and as eyes of perceptual losses: Simonyan & Zisserman
// 2015, arXiv:1409.1556.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/classify/expression_network.h"

namespace affectsr {

/// Shape of a VGG.
struct VggOptions {
    int input_px = 224;
    int width = 64;        ///< channels of the first group; they double up to eight times as many
    int hidden = 4096;     ///< features of the two hidden linear layers
    double dropout = 0.5;  ///< after each of them
    void fields(auto&& f) {
        f("input_px", input_px, "side of the input in pixels", Range{32, 1024});
        f("width", width, "channels of the first group", Range{4, 1024});
        f("hidden", hidden, "features of the hidden linear layers", Range{8, 16384});
        f("dropout", dropout, "share of hidden features dropped in training", Range{0, 0.9});
    }
};

/// [n, 3, h, w] in [0, 1] → "expression" [n, 7]; colours are normalised by ImageNet's statistics first. `depth` is 16
/// or 19 (Simonyan & Zisserman 2015, table 1, D and E). Steps have torchvision's names. Marks: "features.N", what layer
/// N of torchvision's Sequential gives (convolutions, ReLUs and pools are counted), "avgpool" and "classifier.0".
Plan vgg_plan(int depth, const VggOptions& options);

/// The networks of vgg_plan.
ExpressionNetwork vgg16(const VggOptions& options);
ExpressionNetwork vgg19(const VggOptions& options);

}  // namespace affectsr
