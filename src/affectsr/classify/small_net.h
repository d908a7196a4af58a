// The default classifier, ours: a squeeze-excitation residual network for 48×48 luma.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/learn/plan_module.h"

namespace affectsr {

/// Shape of a small_net.
struct SmallNetOptions {
    int input_px = 48;
    std::vector<int> widths{64, 128, 256};  ///< channels of each stage; every stage after the first halves the picture
    std::vector<int> depths{2, 3, 2};       ///< residual blocks of each stage
    int excited_stages = 1;                 ///< how many of the last stages weigh their channels
    int squeeze = 8;                        ///< how many times fewer channels the squeeze has
    double dropout = 0.2;                   ///< before the heads
    void fields(auto&& f) {
        f("input_px", input_px, "side of the input in pixels", Range{16, 256});
        f("widths", widths, "channels of each stage", Range{8, 2048});
        f("depths", depths, "residual blocks of each stage", Range{1, 64});
        f("excited_stages", excited_stages, "how many of the last stages have squeeze-excitation", Range{0, 64});
        f("squeeze", squeeze, "reduction inside squeeze-excitation", Range{1, 64});
        f("dropout", dropout, "share of features dropped before the heads, in training", Range{0, 0.9});
    }
};

/// Residual blocks (He et al. 2016, arXiv:1512.03385) with squeeze-excitation (Hu et al. 2018, arXiv:1709.01507) behind
/// a stem of two convolutions, the second of stride 2. Two heads share the trunk: `expression` answers, `fer2013` was
/// trained on that set's own labels and serves comparison with papers. Outputs "expression" and "fer2013": [n, 7].
Plan small_net_plan(const SmallNetOptions& options);

/// small_net as a trainable network. Throws UsageError if widths and depths differ in number.
class SmallNet : public ExpressionNetwork {
 public:
    explicit SmallNet(const SmallNetOptions& options);
    ClassifierNeeds needs() const override { return {options_.input_px, 1}; }
    std::vector<std::string> heads() const override { return {"expression", "fer2013"}; }
    std::vector<std::string> head_parameters(const std::string& head) const override;
    std::map<std::string, Tensor> logits(const Tensor& faces) override;

 private:
    SmallNetOptions options_;
    std::shared_ptr<PlanModule> net_;
};

}  // namespace affectsr
