// One super-resolution network, weighted losses on the faces that it restores.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "affectsr/restore/sr_network.h"
#include "affectsr/train/learner_task.h"
#include "affectsr/train/network_choice.h"
#include "affectsr/train/restoration_losses.h"

namespace affectsr {

/// What a super-resolution network learns.
struct SuperResolutionOptions {
    NetworkChoice network{"rrdb"};
    LearnerOptions learning;
    std::vector<RestorationLossOptions> losses{{}};
    int hr_px = 128;
    int sheet_faces = 8;
    double without_landmarks = 0.1;
    double landmark_shift = 0.03;
    void fields(auto&& f) {
        f("network", network, "the network that learns");
        f("learning", learning, "how it learns");
        f("losses", losses, "what is minimised: their weighted sum, each from its time on");
        f("hr_px", hr_px,
          "side of the true faces in pixels; the network sees them as many times smaller as it enlarges",
          Range{8, 1024});
        f("sheet_faces", sheet_faces, "held-out faces of the contact sheet that every validation writes; 0: none",
          Range{0, 64});
        f("without_landmarks", without_landmarks,
          "share of faces that a network which looks at landmarks is shown without them", Range{0, 1});
        f("landmark_shift", landmark_shift,
          "how far the other faces' landmarks lie off as a whole, standard deviation in eye distances", Range{0, 1});
    }
};

/// Trains an SrNetwork to give back faces that were made small, on the GPU where LibTorch has one, else on the CPU.
/// Faces need no label. A network that can do without landmarks sees those that the data's landmark_labels have.
class SuperResolutionTask : public LearnerTask {
 public:
    /// Models that the options name are looked for in `folder` first. Throws UsageError for unknown networks and
    /// losses, networks that cannot do without landmarks, and sizes that the network does not take; as Learner and
    /// RestorationLosses.
    SuperResolutionTask(const SuperResolutionOptions& options, const Recipe& recipe,
                        const std::filesystem::path& folder);

    Json options() const override { return to_json(options_); }
    Json stands_on() const override;
    std::unique_ptr<SampleSource> open_data(const DataLoading& loading) override;
    /// Logs "loss", every loss of the network's answer that counts already by its name, without its weight, and
    /// "learning_rate". Where the network makes pictures before its answer (its other outputs), "loss" counts their
    /// pixel losses as well.
    StepLog step(const Batch& batch, const RunProgress& progress, const World& world) override;
    /// {"psnr_db": p, "bicubic_psnr_db": b}: means over the held-out faces, channel Y without a border of `scale` px
    /// (metric/psnr.h), of the network and of MATLAB's bicubic.
    Json validate(const SampleSource& source) override;
    /// Some held-out faces side by side, each as a small face, bicubic, the network's answer, the truth.
    std::optional<Image> contact_sheet(const SampleSource& source) override;
    std::map<std::string, ModelFile> models() const override;

 private:
    FaceNeeds needs() const;
    /// What the network answers to a batch's faces.
    std::map<std::string, Tensor> played(PlanModule& network, const Batch& batch) const;
    /// The log of a step: each term's value and, last, what the pictures before the answer add.
    StepLog logged(const std::vector<Tensor>& measured, const RunProgress& progress, double learning_rate) const;
    /// What the network answers to held-out faces, [n, 3, px, px] on the processor.
    Tensor judged_answer(const Batch& batch) const;
    void expect_options_fit() const;

    SuperResolutionOptions options_;
    std::unique_ptr<const SrNetwork> network_;
    std::unique_ptr<RestorationLosses> losses_;
};

}  // namespace affectsr
