// The faces of one training source: chosen by what they can teach, then decoded.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/data/dataset.h"
#include "affectsr/train/augmentation.h"

namespace affectsr {

/// One data set that training draws from.
struct TrainingSource {
    std::string dataset = "manifest";      ///< catalog name
    Json options = Json::object();         ///< its options: root, split, …
    double share = 1;                      ///< part of it that each epoch sees, another part each time
    double least_crop = 1, most_crop = 1;  ///< side of the square cut from its pictures, as a share of the shorter side
    std::string expression = "votes";      ///< target of the head `expression`
    std::string own_labels_head;           ///< head that learns the data set's own labels; empty: none
    void fields(auto&& f) {
        f("dataset", dataset, "catalog name of the data set");
        f("options", options, "its options, such as root and split");
        f("share", share, "part of it that each epoch sees", Range{0.001, 1});
        f("least_crop", least_crop, "smallest square cut, as a share of the shorter side", Range{0.1, 1});
        f("most_crop", most_crop, "largest square cut", Range{0.1, 1});
        f("expression", expression, "what the head \"expression\" learns", OneOf{{"votes", "label", "nothing"}});
        f("own_labels_head", own_labels_head, "head that learns the data set's own labels; empty: none");
    }
};

/// What one face should be read as by one head: probabilities of the seven classes, or all 0: not known.
using FaceTarget = std::array<float, kExpressionClasses>;

/// A face in memory.
struct TrainingFace {
    FacePlanes planes;
    std::vector<FaceTarget> targets;  ///< by head
    std::size_t source = 0;
};

/// How sources are turned into faces.
struct FaceLoading {
    std::vector<std::string> heads;
    int channels = 1;
    double validation_share = 0;
    std::uint64_t seed = 1;
    int threads = 1;       ///< for decoding
    std::stop_token stop;  ///< decoding ends early once a stop is requested
};

/// The faces of one source. Not thread-safe until decoded, then read only.
class SourceFaces {
 public:
    /// Opens the data set and chooses the usable faces with a target; decodes nothing. `number` is the source's place
    /// among the sources. Throws as open_dataset; UsageError if `own_labels_head` is no head, or no face has a target.
    SourceFaces(const TrainingSource& source, std::size_t number, const FaceLoading& loading);

    /// How many faces to learn from have a target for the head of this index.
    std::size_t faces_with_target(std::size_t head) const;
    /// Decodes the faces. Those that cannot be read are left out and told by broken().
    void decode();
    /// "faces/manifest.csv line 7: faces/12.png: cut off", one for each picture that could not be read.
    const std::vector<std::string>& broken() const { return broken_; }
    /// What the data set's walk could not enter.
    const std::vector<Unreadable>& unreadable() const { return dataset_->card().unreadable; }
    /// For the model card and the checkpoint: name, origin, licence and list hash of the data set; how many rows it
    /// `listed` and how many of the split's `rows` were not usable, without_target or broken; what became `faces` and
    /// `held_out`; the SHA-256 of their names, labels and votes, and of their decoded pixels.
    Json description() const;

    std::vector<TrainingFace> training, held_out;  ///< without pixels until decode()

 private:
    std::vector<std::size_t> choose(const std::vector<std::size_t>& rows, std::vector<TrainingFace>& faces);
    void decode(std::vector<TrainingFace>& faces, const std::vector<std::size_t>& rows);
    std::string label_text(std::size_t row, const TrainingFace& face) const;

    TrainingSource source_;
    std::size_t number_;
    FaceLoading loading_;
    std::unique_ptr<Dataset> dataset_;
    std::vector<std::size_t> training_rows_, held_out_rows_;
    std::vector<std::string> broken_;
    std::int64_t not_usable_ = 0, without_target_ = 0;
    std::string labels_, pixels_;  ///< a line a face, hashed by description()
};

}  // namespace affectsr
