#include "affectsr/train/feature_losses.h"

#include "affectsr/base/error.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/train/learner.h"
#include "affectsr/train/picture_tensors.h"

namespace affectsr {

Tensor gram_matrices(const Tensor& features) {
    const Tensor flat = features.to(torch::kFloat).flatten(2);  // [n, c, h·w]
    return torch::bmm(flat, flat.transpose(1, 2)) / static_cast<double>(flat.size(1) * flat.size(2));
}

Tensor style_distance(const Tensor& sr, const Tensor& hr) {
    return (gram_matrices(sr) - gram_matrices(hr)).square().sum({1, 2}).mean();
}

Tensor feature_distance(const Tensor& sr, const Tensor& hr) {
    return torch::mse_loss(sr.to(torch::kFloat), hr.to(torch::kFloat));
}

FrozenFeatures::FrozenFeatures(const RestorationLossOptions& options, const LossSetting& setting)
    : px_(options.input_px > 0 ? options.input_px : setting.hr_px), bf16_(setting.bf16) {
    const std::string model = options.model.empty() ? "small_net" : options.model;
    const TrainedNetwork opened = open_trained(model, options.network, setting.folder, px_);
    const std::vector<std::string>& layers = options.layers.empty() ? opened.layers : options.layers;
    if (layers.empty())
        throw UsageError("the network " + opened.network + " of " + opened.where +
                         " has no marks to look at; name \"layers\" or another \"model\" for the loss " + options.name);
    network_ = std::make_unique<FrozenNetwork>(opened.plan, layers, opened.weights, opened.where);
    network_->plan().shapes(px_, px_);  // throws where a size does not fit
    channels_ = opened.channels;
    account_ = opened.account;
}

const SeenFaces& FrozenFeatures::of(RestoredFaces& faces) {
    const auto seen = faces.seen.find(this);
    if (seen != faces.seen.end()) return seen->second;
    const auto look = [this](const Tensor& pictures) {
        const Tensor shown = in_channels(bicubic_resized(pictures, px_), channels_);
        const Autocast autocast(bf16_, shown.is_cuda());
        return network_->play(shown.contiguous(at::MemoryFormat::ChannelsLast));
    };
    SeenFaces& made = faces.seen[this];
    made.sr = look(faces.sr);
    const torch::NoGradGuard no_grad;
    made.hr = look(faces.hr);
    return made;
}

namespace {

/// The network that the options ask for, the same one for all that ask alike.
std::shared_ptr<FrozenFeatures> features_for(const RestorationLossOptions& options, LossSetting& setting) {
    const Json asked{options.model, options.network, options.layers, options.input_px};
    std::shared_ptr<FrozenFeatures>& features = setting.shared[asked.dump()];
    if (!features) features = std::make_shared<FrozenFeatures>(options, setting);
    return features;
}

/// The sum over layers of a distance.
class FeatureLoss : public RestorationLoss {
 public:
    using Distance = Tensor (*)(const Tensor& sr, const Tensor& hr);
    FeatureLoss(std::shared_ptr<FrozenFeatures> features, Distance distance)
        : features_(std::move(features)), distance_(distance) {}
    Tensor of(RestoredFaces& faces) override {
        const SeenFaces& seen = features_->of(faces);
        Tensor sum = torch::zeros({}, faces.sr.options());
        for (const auto& [layer, of_sr] : seen.sr) sum = sum + distance_(of_sr, seen.hr.at(layer));
        return sum;
    }
    Json stands_on() const override { return features_->account(); }

 private:
    std::shared_ptr<FrozenFeatures> features_;
    Distance distance_;
};

}  // namespace

std::unique_ptr<RestorationLoss> make_perceptual_loss(const RestorationLossOptions& options, LossSetting& setting) {
    return std::make_unique<FeatureLoss>(features_for(options, setting), feature_distance);
}

std::unique_ptr<RestorationLoss> make_style_loss(const RestorationLossOptions& options, LossSetting& setting) {
    return std::make_unique<FeatureLoss>(features_for(options, setting), style_distance);
}

}  // namespace affectsr
