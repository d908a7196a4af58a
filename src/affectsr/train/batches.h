// Data sets + augmentation → shuffled batches of tensors, the same for the same seed.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/train/training_faces.h"

namespace affectsr {

/// A batch of faces with one target distribution per head.
struct Batch {
    at::Tensor faces;                           ///< [n, channels, px, px], float32 in [0, 1]
    std::map<std::string, at::Tensor> targets;  ///< head → [n, 7], rows sum to 1, or to 0 where the face has no target
};

/// Faces of several data sets in memory, drawn in batches. Every batch is a pure function of (seed, epoch, step):
/// order, augmentation and mixing do not depend on threads or on what was drawn before. Thread-safe once built.
class Batches {
 public:
    struct Options {
        std::vector<TrainingSource> sources;
        std::vector<std::string> heads;
        std::vector<std::string> trained_heads;  ///< those with a loss: faces must have targets for each of them
        Augmentation augmentation;
        int px = 48, channels = 1, batch_size = 128;
        double validation_share = 0;  ///< held out of every source, whole subjects where subjects are known
        double mix = 0;               ///< Beta(mix, mix) of mixup (Zhang et al. 2018, arXiv:1710.09412); 0: none
        std::uint64_t seed = 1;
        int threads = 1;           ///< for decoding, when built
        bool skip_broken = false;  ///< go on without the pictures and folders that cannot be read
        std::stop_token stop;      ///< once a stop is requested, decoding ends and the object must not be used
    };
    /// Decodes every usable, labelled face. What cannot be read, pictures and folders, is logged line by line; throws
    /// InputError (`broken_pictures`) with their number unless skip_broken. Throws UsageError, before a picture is
    /// decoded, for a source that teaches nothing or a trained head for which no face has a target; and for fewer faces
    /// than a batch.
    explicit Batches(Options options);

    std::size_t steps_per_epoch() const { return steps_per_epoch_; }
    std::size_t training_faces() const;
    std::size_t validation_faces() const;
    /// What every source is and which of its rows are learned from (SourceFaces::description), in their order: for the
    /// model card, and to know the same data again.
    const Json& description() const { return description_; }

    Batch at(std::uint64_t epoch, std::uint64_t step) const;
    /// Held-out faces [first, first + count), prepared without chance at `small_px`.
    Batch validation(std::size_t first, std::size_t count, int small_px) const;

 private:
    /// A face to learn from.
    struct FaceId {
        std::uint32_t source, index;
    };
    void take(std::vector<SourceFaces>& sources);
    Batch empty_batch(std::size_t faces) const;
    void write_target(Batch& batch, std::size_t row, const TrainingFace& face) const;
    std::vector<FaceId> order(std::uint64_t epoch) const;

    Options options_;
    std::vector<std::vector<TrainingFace>> training_;  ///< by source
    std::vector<TrainingFace> validation_;
    std::size_t steps_per_epoch_ = 0;
    Json description_ = Json::array();
};

}  // namespace affectsr
