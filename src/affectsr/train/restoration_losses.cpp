#include "affectsr/train/restoration_losses.h"

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/train/expression_loss.h"
#include "affectsr/train/feature_losses.h"
#include "affectsr/train/node_embedding_loss.h"
#include "affectsr/train/pixel_losses.h"

namespace affectsr {

namespace {

/// A loss that looks at the pictures themselves.
class PictureLoss : public RestorationLoss {
 public:
    explicit PictureLoss(const PixelLoss& loss) : loss_(loss) {}
    at::Tensor of(RestoredFaces& faces) override { return loss_.mean(faces.sr, faces.hr); }
    bool counts_earlier_pictures() const override { return true; }

 private:
    const PixelLoss& loss_;
};

std::unique_ptr<RestorationLoss> make_pixel_loss(const RestorationLossOptions& options, LossSetting&) {
    if (!options.model.empty() || !options.network.empty() || !options.layers.empty())
        throw UsageError("the loss " + options.name +
                         " looks through no network; take \"model\", \"network\" and "
                         "\"layers\" away");
    return std::make_unique<PictureLoss>(find_pixel_loss(options.name));
}

const RestorationLossKind& find_restoration_loss(const std::string& name) {
    std::string known;
    for (const RestorationLossKind& kind : restoration_loss_catalog()) {
        if (kind.name == name) return kind;
        known += (known.empty() ? "" : ", ") + kind.name;
    }
    throw UsageError("no loss on restored faces is called \"" + name + "\"; known are: " + known, "unknown_loss");
}

}  // namespace

std::span<const RestorationLossKind> restoration_loss_catalog() {
    static const std::vector<RestorationLossKind> catalog = [] {
        std::vector<RestorationLossKind> all;
        for (const PixelLoss& loss : pixel_loss_catalog()) all.push_back({loss.name, loss.source, make_pixel_loss});
        all.push_back({"perceptual", "Johnson et al. 2016, arXiv:1603.08155, eq. 2", make_perceptual_loss});
        all.push_back({"style", "AffectSRNet, sec. III-E 2; Johnson et al. 2016, eq. 4", make_style_loss});
        all.push_back({"node_embedding", "AffectSRNet, eq. 1", make_node_embedding_loss});
        all.push_back({"expression", "AffectSRNet, eq. 2, L_hist; Ustinova & Lempitsky 2016", make_expression_loss});
        all.push_back({"reading", "Hinton et al. 2015, arXiv:1503.02531", make_reading_loss});
        return all;
    }();
    return catalog;
}

RestorationLosses::RestorationLosses(std::vector<RestorationLossOptions> options, LossSetting setting)
    : options_(std::move(options)) {
    const bool at_first = std::any_of(options_.begin(), options_.end(), [](const RestorationLossOptions& loss) {
        find_restoration_loss(loss.name);
        return loss.weight > 0 && loss.from == 0;
    });
    if (!at_first)
        throw UsageError(
            "\"losses\" must name at least one loss with a weight above 0 that counts \"from\" 0, the "
            "beginning of the run");
    for (const RestorationLossOptions& loss : options_)
        losses_.push_back(find_restoration_loss(loss.name).make(loss, setting));
}

Json RestorationLosses::stands_on() const {
    Json models = Json::object();
    for (std::size_t i = 0; i < losses_.size(); ++i) {
        const Json account = losses_[i]->stands_on();
        if (account.is_null()) continue;
        std::string name = options_[i].name;
        for (int number = 2; models.contains(name); ++number) name = options_[i].name + " " + std::to_string(number);
        models[name] = account;
    }
    return models;
}

}  // namespace affectsr
