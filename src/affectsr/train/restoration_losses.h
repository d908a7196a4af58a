// What is minimised when faces are restored: weighted losses by name, each from its time on.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "affectsr/train/restoration_loss.h"

namespace affectsr {

/// A kind of loss on restored faces.
struct RestorationLossKind {
    std::string name, source;
    std::unique_ptr<RestorationLoss> (*make)(const RestorationLossOptions& options, LossSetting& setting);
};

/// Those of pixel_loss_catalog() and those that look through frozen networks, one line each.
std::span<const RestorationLossKind> restoration_loss_catalog();

/// The terms of a recipe. Not thread-safe.
class RestorationLosses {
 public:
    /// Opens the models that they look through. Throws UsageError for an unknown loss, or if from the first step on
    /// none with a weight above 0 counts; as their makers.
    RestorationLosses(std::vector<RestorationLossOptions> options, LossSetting setting);
    std::size_t size() const { return options_.size(); }
    const RestorationLossOptions& options(std::size_t term) const { return options_[term]; }
    /// Whether a term counts where a share `done` of the run is done; it need not be computed else.
    bool counts(std::size_t term, double done) const { return done >= options_[term].from; }
    /// Whether it counts for pictures before the network's answer, too.
    bool counts_earlier_pictures(std::size_t term) const { return losses_[term]->counts_earlier_pictures(); }
    /// A scalar, without its weight.
    at::Tensor of(std::size_t term, RestoredFaces& faces) { return losses_[term]->of(faces); }
    /// {"NAME": {"name", "sha256"}, …} of the models that terms called NAME look through, "NAME 2" and so on for
    /// further ones; empty: none.
    Json stands_on() const;

 private:
    std::vector<RestorationLossOptions> options_;
    std::vector<std::unique_ptr<RestorationLoss>> losses_;
};

}  // namespace affectsr
