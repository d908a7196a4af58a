// One super-resolution network, weighted losses on pictures.
#pragma once

#include <memory>
#include <vector>

#include "affectsr/restore/sr_network.h"
#include "affectsr/train/learner.h"
#include "affectsr/train/network_choice.h"
#include "affectsr/train/pixel_losses.h"
#include "affectsr/train/recipe.h"
#include "affectsr/train/task.h"

namespace affectsr {

/// What a super-resolution network learns.
struct SuperResolutionOptions {
    NetworkChoice network{"rrdb"};
    LearnerOptions learning;
    std::vector<PixelLossOptions> losses{{}};
    int hr_px = 128;
    double without_landmarks = 0.1;
    double landmark_shift = 0.03;
    void fields(auto&& f) {
        f("network", network, "the network that learns");
        f("learning", learning, "how it learns");
        f("losses", losses, "what is minimised: their weighted sum");
        f("hr_px", hr_px,
          "side of the true faces in pixels; the network sees them as many times smaller as it enlarges",
          Range{8, 1024});
        f("without_landmarks", without_landmarks,
          "share of faces that a network which looks at landmarks is shown without them", Range{0, 1});
        f("landmark_shift", landmark_shift,
          "how far the other faces' landmarks lie off as a whole, standard deviation in eye distances", Range{0, 1});
    }
};

/// Trains an SrNetwork to give back faces that were made small, on the GPU where LibTorch has one, else on the CPU.
/// Faces need no label. A network that can do without landmarks sees those that the data's landmark_labels have.
class SuperResolutionTask : public Task {
 public:
    /// Models that the options name are looked for in `folder` first. Throws UsageError for unknown networks and
    /// losses, networks that cannot do without landmarks, sizes that the network does not take, and if nothing is
    /// minimised; as Learner.
    SuperResolutionTask(const SuperResolutionOptions& options, const Recipe& recipe,
                        const std::filesystem::path& folder);

    Json options() const override { return to_json(options_); }
    Json stands_on() const override;
    std::unique_ptr<SampleSource> open_data(const DataLoading& loading) override;
    /// Logs "loss", every loss of the network's answer by its name, and "learning_rate". Where the network makes
    /// pictures before its answer (its other outputs), "loss" counts theirs as well.
    StepLog step(const Batch& batch, const RunProgress& progress, const World& world) override;
    /// {"psnr_db": p, "bicubic_psnr_db": b}: means over the held-out faces, channel Y without a border of `scale` px
    /// (metric/psnr.h), of the network and of MATLAB's bicubic.
    Json validate(const SampleSource& source) override;
    Json finish(const SampleSource&) override { return Json::object(); }
    TensorMap state() const override { return learner_->state(); }
    void load(const TensorMap& state, const std::string& where) override { learner_->load(state, where); }
    std::map<std::string, ModelFile> models() const override;

 private:
    FaceNeeds needs() const;
    /// What the network answers to a batch's faces.
    std::map<std::string, Tensor> played(PlanModule& network, const Batch& batch) const;
    void expect_options_fit() const;

    SuperResolutionOptions options_;
    Recipe recipe_;
    std::unique_ptr<const SrNetwork> network_;
    std::unique_ptr<Learner> learner_;
};

}  // namespace affectsr
