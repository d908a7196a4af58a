// ResNet-18 and ResNet-50 as torchvision builds them: He et al. 2016, arXiv:1512.03385.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/learn/plan_module.h"

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

/// [n, 3, h, w], normalised colours → [n, 7]. `depth` is 18 (two 3×3 convolutions a block) or 50 (1×1, 3×3, 1×1, the
/// stride on the 3×3). Steps have torchvision's names. Marks: "layer1" … "layer4", "pooled" ([n, features]).
Plan resnet_plan(int depth, const ResnetOptions& options);

/// A ResNet with seven outputs; colours are normalised by ImageNet's statistics inside.
class Resnet : public ExpressionNetwork, public PlanModule {
 public:
    Resnet(int depth, const ResnetOptions& options);
    ClassifierNeeds needs() const override { return {options_.input_px, 3}; }
    std::vector<std::string> heads() const override { return {"expression"}; }
    std::vector<std::string> head_parameters(const std::string& head) const override;
    std::map<std::string, Tensor> logits(const Tensor& faces) override;

 private:
    ResnetOptions options_;
};

/// Lines of the catalog.
struct Resnet18 : Resnet {
    explicit Resnet18(const ResnetOptions& options) : Resnet(18, options) {}
};
struct Resnet50 : Resnet {
    explicit Resnet50(const ResnetOptions& options) : Resnet(50, options) {}
};

}  // namespace affectsr
