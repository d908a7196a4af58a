// VGG-16 and VGG-19 as torchvision builds them, for expressions and as eyes of perceptual losses: Simonyan & Zisserman
// 2015, arXiv:1409.1556.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/learn/plan_module.h"

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

/// [n, 3, h, w], normalised colours → [n, 7]. `depth` is 16 or 19 (Simonyan & Zisserman 2015, table 1, D and E). Steps
/// have torchvision's names. Marks: "features.N", what layer N of torchvision's Sequential gives (convolutions, ReLUs
/// and pools are counted), "avgpool" and "classifier.0".
Plan vgg_plan(int depth, const VggOptions& options);

/// A VGG with seven outputs; colours are normalised by ImageNet's statistics inside.
class Vgg : public ExpressionNetwork, public PlanModule {
 public:
    Vgg(int depth, const VggOptions& options);
    ClassifierNeeds needs() const override { return {options_.input_px, 3}; }
    std::vector<std::string> heads() const override { return {"expression"}; }
    std::vector<std::string> head_parameters(const std::string& head) const override;
    std::map<std::string, Tensor> logits(const Tensor& faces) override;

 private:
    VggOptions options_;
};

/// Lines of the catalog.
struct Vgg16 : Vgg {
    explicit Vgg16(const VggOptions& options) : Vgg(16, options) {}
};
struct Vgg19 : Vgg {
    explicit Vgg19(const VggOptions& options) : Vgg(19, options) {}
};

}  // namespace affectsr
