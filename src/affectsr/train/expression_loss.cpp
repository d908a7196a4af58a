#include "affectsr/train/expression_loss.h"

#include <torch/torch.h>

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/train/frozen_network.h"
#include "affectsr/train/picture_tensors.h"

namespace affectsr {

namespace {

std::span<const float> floats_of(const Tensor& dense) {
    return {dense.data_ptr<float>(), static_cast<std::size_t>(dense.numel())};
}

/// A judge that does not learn.
class ExpressionLoss : public RestorationLoss {
 public:
    ExpressionLoss(const TrainedNetwork& judge, std::string head, const SoftHistogramOptions& histogram)
        : network_(judge.plan, {head}, judge.weights, judge.where),
          head_(std::move(head)),
          px_(judge.input_px),
          channels_(judge.channels),
          histogram_(histogram),
          account_(judge.account) {}
    Tensor of(RestoredFaces& faces) override {
        const Tensor sr = read(faces.sr);
        const torch::NoGradGuard no_grad;
        const Tensor hr = read(faces.hr);
        const at::AutoGradMode again(true);
        return histogram_loss(sr, hr, histogram_);
    }
    Json stands_on() const override { return account_; }

 private:
    Tensor read(const Tensor& pictures) {
        const Tensor shown = in_channels(bicubic_resized(pictures, px_), channels_);
        return network_.play(shown).at(head_).softmax(1);  // [n, 7]
    }

    FrozenNetwork network_;
    std::string head_;
    int px_, channels_;
    SoftHistogramOptions histogram_;
    Json account_;
};

}  // namespace

Tensor histogram_loss(const Tensor& sr, const Tensor& hr, const SoftHistogramOptions& options) {
    const auto dense = [](const Tensor& x) { return x.detach().to(torch::kCPU, torch::kFloat).contiguous(); };
    const Tensor of_sr = dense(sr), of_hr = dense(hr);
    std::vector<double> slope;
    const double distance =
        soft_histogram_distance(floats_of(of_sr), floats_of(of_hr), static_cast<int>(of_sr.size(1)), options, &slope);
    const Tensor gradient = torch::tensor(slope, torch::kDouble).view(of_sr.sizes()).to(sr.options());
    // A scalar with this value and this gradient.
    const Tensor linear = (sr * gradient).sum();
    return linear - linear.detach() + distance;
}

std::unique_ptr<RestorationLoss> make_expression_loss(const RestorationLossOptions& options, LossSetting& setting) {
    if (!options.network.empty() || !options.layers.empty() || options.input_px != 0)
        throw UsageError(
            "the loss expression asks a judge, the \"model\"; \"network\", \"layers\" and \"input_px\" are "
            "for perceptual and style");
    const std::string model = options.model.empty() ? "small_net" : options.model;
    const TrainedNetwork judge = open_trained(model, "", setting.folder, setting.hr_px);
    const std::string head = "expression";
    const auto& outputs = judge.plan.outputs;
    if (std::none_of(outputs.begin(), outputs.end(), [&](const Plan::Output& output) { return output.name == head; }))
        throw UsageError(judge.where + ": the network " + judge.network +
                         " reads no expressions; name an expression network's file as the \"model\" of the loss "
                         "expression");
    return std::make_unique<ExpressionLoss>(judge, head, options.histogram);
}

}  // namespace affectsr
