// Faces of data sets + augmentation → shuffled batches, the same for the same seed.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/train/sample_source.h"
#include "affectsr/train/training_faces.h"

namespace affectsr {

/// Somebody who has learned already, and whose answers are learned from.
class FaceTeacher {
 public:
    virtual ~FaceTeacher() = default;
    virtual int input_px() const = 0;
    virtual std::vector<std::string> heads() const = 0;
    /// Faces [n, channels, px, px] in [0, 1] → probabilities [n, 7] by head.
    virtual std::map<std::string, at::Tensor> answer(const at::Tensor& faces) const = 0;
};

/// What of a face a task wants in its batches, and under which names. Values of pictures are floats in [0, 1].
struct FaceNeeds {
    int px = 48, channels = 1;
    bool face = true;   ///< "face" [n, channels, px, px]: degraded and enlarged back
    bool hr = false;    ///< "hr" [n, channels, px, px]: the same face before it is degraded
    int lr_factor = 0;  ///< "lr" [n, channels, px / lr_factor, …]: degraded to this size; 0: none
    /// Instead of lr_factor: sides in pixels, one of which is drawn for each batch; of held-out faces it is their size.
    std::vector<int> lr_sides;
    bool lr_enlarged = false;  ///< "lr" is enlarged back to px by MATLAB's bicubic
    bool landmarks = false;    ///< "landmarks" [n, 5, 2]: x and y in pixels of px; NaN where there are none
    /// "mesh" [n, 3, 478, 1]: x, y and z in pixels of "lr"; kNowherePx where they are not known (restore/sr_network.h).
    bool mesh = false;
    double mesh_missing = 0;         ///< share of faces to learn from whose mesh is kept back
    double mesh_shift = 0;           ///< the others' lies off by so many eye distances (standard deviation) each way
    std::vector<std::string> heads;  ///< "target.HEAD" [n, 7]: rows sum to 1, or to 0 without a target
    std::vector<std::string> trained_heads;  ///< those with a loss: the data must have targets for each of them
    bool without_target = false;             ///< faces without any target are welcome
    double mix = 0;  ///< Beta(mix, mix) of mixup (Zhang et al. 2018, arXiv:1710.09412) of "face" and targets; 0: none
    /// "teacher.HEAD" [n, 7] for each of its heads: what it answers to the undegraded face, asked once. Only used while
    /// the source is made. Null: none.
    const FaceTeacher* teacher = nullptr;
};

/// How faces are loaded and drawn.
struct FaceSourceOptions {
    std::vector<TrainingSource> sources;
    Augmentation augmentation;
    int batch_size = 128;
    int copies = 1;               ///< how often a batch shows the same face, each time changed anew
    double validation_share = 0;  ///< held out of every source, whole subjects where subjects are known
    std::uint64_t seed = 1;
    int threads = 1;                                    ///< for decoding, when made
    std::int64_t memory_bytes = std::int64_t{1} << 30;  ///< for decoded faces; others are decoded when they are drawn
    bool skip_broken = false;                           ///< go on without the pictures and folders that cannot be read
    std::stop_token stop;  ///< once a stop is requested, decoding ends and the object must not be used
};

/// Faces of several data sets, drawn in batches. With several ranks, the batch is a multiple of twice their number.
class FaceSource : public SampleSource {
 public:
    /// Decodes every usable face once. What cannot be read, pictures and folders, is logged line by line; throws
    /// InputError (`broken_pictures`) with their number unless skip_broken. Throws UsageError, before a picture is
    /// decoded, for a source that teaches nothing, a trained head for which no face has a target, and settings that do
    /// not fit each other; and for fewer faces than a batch.
    FaceSource(FaceSourceOptions options, FaceNeeds needs);

    std::uint64_t steps_per_epoch() const override { return steps_per_epoch_; }
    std::int64_t faces() const;  ///< to learn from
    Batch at(Position position, Share share = {}) const override;
    std::int64_t held_out_count() const override { return static_cast<std::int64_t>(held_out_.size()); }
    Batch held_out(std::int64_t first, std::int64_t count, int face_px) const override;
    /// SourceFaces::description of every source.
    const Json& description() const override { return description_; }

 private:
    /// A face of a source, and which of its copies.
    struct FaceId {
        std::uint32_t source, index, copy;
    };
    void expect_settings_fit() const;
    void ask_teacher();
    void ask_teacher(const SourceFaces& source, std::span<TrainingFace> faces) const;
    void count_and_describe();
    Landmarks points_of(const DecodedFace& face) const;
    int lr_side(Position position) const;
    Batch empty_batch(std::int64_t faces, int lr_side) const;
    void write_targets(Batch& batch, std::int64_t row, const TrainingFace& face) const;
    void write_pictures(Batch& batch, std::int64_t row, const CutFace& cut, const Degradation& degradation, int lr_side,
                        std::mt19937_64& random) const;
    void write_mesh(Batch& batch, std::int64_t row, Landmarks mesh) const;
    Landmarks as_a_landmarker_might(Landmarks mesh, std::mt19937_64& random) const;
    std::vector<FaceId> order(std::uint64_t epoch) const;
    std::vector<std::int64_t> rows_of(Share share) const;

    FaceSourceOptions options_;
    FaceNeeds needs_;
    std::vector<std::string> teacher_heads_;
    std::vector<SourceFaces> sources_;
    std::vector<FaceId> held_out_;
    std::uint64_t steps_per_epoch_ = 0;
    Json description_ = Json::array();
};

}  // namespace affectsr
