// One network that enlarges faces by any factor, learned at several sizes: Meta-SR.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "affectsr/restore/meta_sr.h"
#include "affectsr/train/learner_task.h"
#include "affectsr/train/network_choice.h"

namespace affectsr {

/// What a network for any factor learns.
struct AnyScaleTaskOptions {
    NetworkChoice network{"meta_sr"};
    LearnerOptions learning;
    std::string loss = "l1";
    int hr_px = 100;
    std::vector<int> lr_px{50, 34, 25, 20, 17, 15, 13};
    void fields(auto&& f) {
        f("network", network, "the network that learns");
        f("learning", learning, "how it learns");
        f("loss", loss, "pixel loss that is minimised");
        f("hr_px", hr_px, "side of the true faces in pixels", Range{8, 1024});
        f("lr_px", lr_px, "sides of the small faces, one of which is drawn for each batch", Range{1, 1023});
    }
};

/// meta_enlarge of a batch, with gradients: features [n, c, h, w] under filters [rows · columns, 9 · c · 3] → colours
/// [n, 3, rows, columns] in about [0, 1].
at::Tensor meta_enlarged(const at::Tensor& features, const at::Tensor& filters, const MetaAxis& rows,
                         const MetaAxis& columns);

/// Trains an AnyScaleNetwork to give back faces that were made small, on the GPU where LibTorch has one, else on the
/// CPU. Faces need no label. Source: Hu et al. 2019, sec. 4.1, which draws a factor for each batch as well.
class AnyScaleTask : public LearnerTask {
 public:
    /// Throws UsageError for an unknown network or loss, and for small faces that are none; as Learner.
    AnyScaleTask(const AnyScaleTaskOptions& options, const Recipe& recipe, const std::filesystem::path& folder);

    Json options() const override { return to_json(options_); }
    std::unique_ptr<SampleSource> open_data(const DataLoading& loading) override;
    /// Logs "loss" and "learning_rate".
    StepLog step(const Batch& batch, const RunProgress& progress, const World& world) override;
    /// Of held-out faces {"psnr_db": {"25": p, …}, "bicubic_psnr_db": {"25": b, …}} by the side of the small face,
    /// channel Y (metric/psnr.h), of the network and of MATLAB's bicubic.
    Json validate(const SampleSource& source) override;
    std::map<std::string, ModelFile> models() const override;

 private:
    /// The network's answer to small faces, [n, 3, hr_px, hr_px], float32.
    at::Tensor restored(PlanModule& network, const at::Tensor& small) const;

    AnyScaleTaskOptions options_;
    std::unique_ptr<const AnyScaleNetwork> network_;
};

}  // namespace affectsr
