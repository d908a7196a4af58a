#include "affectsr/train/expression_loss.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/train/frozen_network.h"
#include "affectsr/train/picture_tensors.h"

namespace affectsr {

namespace {

std::span<const float> floats_of(const Tensor& dense) {
    return {dense.data_ptr<float>(), static_cast<std::size_t>(dense.numel())};
}

/// What the judge's logits [n, 7] of restored and true faces differ by.
using LogitDistance = std::function<Tensor(const Tensor& sr, const Tensor& hr)>;

/// A judge that does not learn.
class JudgedLoss : public RestorationLoss {
 public:
    JudgedLoss(const TrainedNetwork& judge, std::string head, LogitDistance distance)
        : network_(judge.plan, {head}, judge.weights, judge.where),
          head_(std::move(head)),
          px_(judge.input_px),
          channels_(judge.channels),
          distance_(std::move(distance)),
          account_(judge.account) {}
    Tensor of(RestoredFaces& faces) override {
        const Tensor sr = read(faces.sr);
        const torch::NoGradGuard no_grad;
        const Tensor hr = read(faces.hr);
        const at::AutoGradMode again(true);
        return distance_(sr, hr);
    }
    Json stands_on() const override { return account_; }

 private:
    Tensor read(const Tensor& pictures) {
        return network_.play(in_channels(bicubic_resized(pictures, px_), channels_)).at(head_);
    }

    FrozenNetwork network_;
    std::string head_;
    int px_, channels_;
    LogitDistance distance_;
    Json account_;
};

std::unique_ptr<RestorationLoss> judged_by(const RestorationLossOptions& options, const LossSetting& setting,
                                           LogitDistance distance) {
    if (!options.network.empty() || !options.layers.empty() || options.input_px != 0)
        throw UsageError("the loss " + options.name +
                         " asks a judge, the \"model\"; \"network\", \"layers\" and \"input_px\" are for "
                         "perceptual and style");
    const std::string model = options.model.empty() ? "small_net" : options.model;
    const TrainedNetwork judge = open_trained(model, "", setting.folder, setting.hr_px);
    const std::string head = "expression";
    const auto& outputs = judge.plan.outputs;
    if (std::none_of(outputs.begin(), outputs.end(), [&](const Plan::Output& output) { return output.name == head; }))
        throw UsageError(judge.where + ": the network " + judge.network +
                         " reads no expressions; name an expression network's file as the \"model\" of the loss " +
                         options.name);
    return std::make_unique<JudgedLoss>(judge, head, std::move(distance));
}

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

Tensor reading_loss(const Tensor& sr, const Tensor& hr) {
    const Tensor truth = hr.detach().log_softmax(1);
    return (truth.exp() * (truth - sr.log_softmax(1))).sum(1).mean();
}

std::unique_ptr<RestorationLoss> make_expression_loss(const RestorationLossOptions& options, LossSetting& setting) {
    return judged_by(options, setting, [histogram = options.histogram](const Tensor& sr, const Tensor& hr) {
        return histogram_loss(sr.softmax(1), hr.softmax(1), histogram);
    });
}

std::unique_ptr<RestorationLoss> make_reading_loss(const RestorationLossOptions& options, LossSetting& setting) {
    return judged_by(options, setting, reading_loss);
}

}  // namespace affectsr
