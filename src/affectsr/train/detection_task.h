// One detection network, learned from faces that are pasted into pictures.
#pragma once

#include <memory>
#include <vector>

#include "affectsr/detect/detection_network.h"
#include "affectsr/train/detection_targets.h"
#include "affectsr/train/learner_task.h"
#include "affectsr/train/network_choice.h"
#include "affectsr/train/pasted_faces.h"

namespace affectsr {

/// What a detection network learns.
struct DetectionTaskOptions {
    NetworkChoice network{"yunet"};
    LearnerOptions learning;
    PastingOptions pictures;
    double box_weight = 5, points_weight = 0.5;
    void fields(auto&& f) {
        f("network", network, "the network that learns");
        f("learning", learning, "how it learns");
        f("pictures", pictures, "what it learns from; the recipe's \"data\" stays empty");
        f("box_weight", box_weight, "factor of the loss of boxes", Range{0, 1e3});
        f("points_weight", points_weight, "factor of the loss of points", Range{0, 1e3});
    }
};

/// Trains a DetectionNetwork. The losses are YuNet's (Wu et al. 2023, doi:10.1007/s11633-023-1423-y, sec. 3.3):
/// cross-entropy of the class score against the overlap, of the object score against whether a cell answers for a face,
/// EIoU of boxes, smooth L1 of points in shares of the face's width.
class DetectionTask : public LearnerTask {
 public:
    /// Throws UsageError for unknown networks and pictures of a size that the network does not take; as Learner.
    DetectionTask(const DetectionTaskOptions& options, const Recipe& recipe, const std::filesystem::path& folder);

    Json options() const override { return to_json(options_); }
    std::unique_ptr<SampleSource> open_data(const DataLoading& loading) override;
    /// Logs "loss", "class", "object", "box", "points", "answering" (cells a face) and "learning_rate".
    StepLog step(const Batch& batch, const RunProgress& progress, const World& world) override;
    /// Of the held-out pictures, at a score of 0.5 and an overlap of 0.4: {"recall": {"8-12": r, …}, "false_faces": a
    /// picture, "average_precision": ap} (metric/detection_score.h).
    Json validate(const SampleSource& source) override;
    std::map<std::string, ModelFile> models() const override;

 private:
    DetectionTaskOptions options_;
    std::unique_ptr<const DetectionNetwork> network_;
    DetectionCells cells_;
};

}  // namespace affectsr
