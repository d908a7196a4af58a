// The faces of one training source: chosen by what they can teach, then decoded.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/data/dataset.h"
#include "affectsr/data/landmark_labels.h"
#include "affectsr/train/augmentation.h"

namespace affectsr {

/// One data set that training draws from.
struct TrainingSource {
    std::string dataset = "manifest";      ///< catalog name
    Json options = Json::object();         ///< its options: root, split, …
    double share = 1;                      ///< part of it that each epoch sees, another part each time
    double sharpest = 1;                   ///< part of its faces that is learned from: those with the most fine detail
    double least_crop = 1, most_crop = 1;  ///< side of the square cut from its pictures, as a share of the shorter side
    std::string expression = "votes";      ///< target of the head `expression`
    std::string own_labels_head;           ///< head that learns the data set's own labels; empty: none
    std::string landmark_labels;           ///< file of its faces' 478 points (data/landmark_labels.h); empty: none
    void fields(auto&& f) {
        f("dataset", dataset, "catalog name of the data set");
        f("options", options, "its options, such as root and split");
        f("share", share, "part of it that each epoch sees", Range{0.001, 1});
        f("sharpest", sharpest,
          "part of its faces that is learned from: those with the most fine detail, for networks that must make it",
          Range{0.001, 1});
        f("least_crop", least_crop, "smallest square cut, as a share of the shorter side", Range{0.1, 1});
        f("most_crop", most_crop, "largest square cut", Range{0.1, 1});
        f("expression", expression, "what the head \"expression\" learns", OneOf{{"votes", "label", "nothing"}});
        f("own_labels_head", own_labels_head, "head that learns the data set's own labels; empty: none");
        f("landmark_labels", landmark_labels,
          "file of its faces' 478 points, for networks that look at them; empty: none");
    }
};

/// What one face should be read as by one head: probabilities of the seven classes, or all 0: not known.
using FaceTarget = std::array<float, kExpressionClasses>;

/// A decoded face.
struct DecodedFace {
    FacePlanes planes;
    Landmarks landmarks;  ///< in pixels of the planes; empty where the data set has none
    Landmarks mesh;       ///< 478 points, likewise; empty where the labels have none that are sure
};

/// The fine detail of a picture: the mean squared difference between a pixel and the mean of its 2×2 block, over all
/// planes; 0 for pictures without a whole block.
double fine_detail(const FacePlanes& planes);

/// A face to learn from, or held out.
struct TrainingFace {
    std::size_t row = 0;              ///< of its data set
    std::vector<FaceTarget> targets;  ///< by head
    std::vector<FaceTarget> answers;  ///< of a teacher, by its heads; empty without one
    /// Null before decode(), and where the memory for faces was full.
    std::shared_ptr<const DecodedFace> decoded;
};

/// Bytes that decoded faces may still take, shared by all sources. Thread-safe.
class FaceMemory {
 public:
    explicit FaceMemory(std::int64_t bytes) : left_(bytes) {}
    /// Whether there was room; it is then taken.
    bool take(std::int64_t bytes) {
        std::int64_t left = left_;
        while (left >= bytes && !left_.compare_exchange_weak(left, left - bytes)) {
        }
        return left >= bytes;
    }
    void give_back(std::int64_t bytes) { left_ += bytes; }

 private:
    std::atomic<std::int64_t> left_;
};

/// How sources are turned into faces.
struct FaceLoading {
    std::vector<std::string> heads;
    bool without_target = false;  ///< faces without any target are welcome
    int channels = 1;
    double validation_share = 0;
    std::uint64_t seed = 1;
    int threads = 1;       ///< for decoding
    std::stop_token stop;  ///< decoding ends early once a stop is requested
    /// For what stays in memory; faces beyond it are decoded again each time they are asked for.
    std::shared_ptr<FaceMemory> memory = std::make_shared<FaceMemory>(std::int64_t{1} << 30);
};

/// The faces of one source. Not thread-safe until decoded, then read only and thread-safe.
class SourceFaces {
 public:
    /// Opens the data set and chooses the usable faces, those with a target unless others are welcome; decodes nothing.
    /// Throws as open_dataset; UsageError if `own_labels_head` is no head, or no face is left.
    SourceFaces(const TrainingSource& source, const FaceLoading& loading);

    /// How many faces to learn from have a target for the head of this index.
    std::size_t faces_with_target(std::size_t head) const;
    /// Decodes every face once, to know that it can be read and to hash it; keeps as many as there is memory for. Those
    /// that cannot be read are left out and told by broken(); of those to learn from, the softest, too, where the
    /// source asks for the sharpest.
    void decode();
    /// One of the faces below, from memory or decoded anew. Throws InputError naming the picture if it cannot be read
    /// any more.
    std::shared_ptr<const DecodedFace> decoded(const TrainingFace& face) const;
    const TrainingSource& settings() const { return source_; }
    /// "faces/manifest.csv line 7: faces/12.png: cut off", one for each picture that could not be read.
    const std::vector<std::string>& broken() const { return broken_; }
    /// What the data set's walk could not enter.
    const std::vector<Unreadable>& unreadable() const { return dataset_->card().unreadable; }
    /// For the model card and the checkpoint: name, origin, licence and list hash of the data set; how many rows it
    /// `listed` and how many of the split's `rows` were not usable, without_target, broken or too_soft; what became
    /// `faces` and `held_out`; the SHA-256 of their names, labels and votes, and of their decoded pixels; that of the
    /// file of landmarks, and how many rows it has a face for, where there is one.
    Json description() const;

    std::vector<TrainingFace> training, held_out;

 private:
    void read_landmark_labels();
    std::vector<TrainingFace> choose(const std::vector<std::size_t>& rows);
    std::shared_ptr<const DecodedFace> decode_face(std::size_t row) const;
    /// Decodes, and leaves out what cannot be read; of the rest, all but the `sharpest` part.
    void decode(std::vector<TrainingFace>& faces, double sharpest);
    std::string label_text(const TrainingFace& face) const;

    TrainingSource source_;
    FaceLoading loading_;
    std::unique_ptr<Dataset> dataset_;
    LandmarkLabels landmark_labels_;
    std::vector<const LabelledFace*> meshes_;  ///< by row; none where there are no labels
    std::string landmark_labels_sha256_;
    std::vector<std::string> broken_;
    std::int64_t not_usable_ = 0, without_target_ = 0, too_soft_ = 0;
    std::string labels_, pixels_;  ///< a line a face, hashed by description()
};

}  // namespace affectsr
