// Data sets + augmentation → shuffled batches of tensors, the same for the same seed.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "affectsr/data/augmentation.h"
#include "affectsr/data/dataset.h"

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
        Augmentation augmentation;
        int px = 48, channels = 1, batch_size = 128;
        double validation_share = 0;  ///< held out of every source, whole subjects where subjects are known
        double mix = 0;               ///< Beta(mix, mix) of mixup (Zhang et al. 2018, arXiv:1710.09412); 0: none
        std::uint64_t seed = 1;
        int threads = 1;  ///< for decoding, when built
    };
    /// Decodes every usable, labelled face. Throws InputError naming file and row of the first broken one.
    explicit Batches(Options options);

    std::size_t steps_per_epoch() const { return steps_per_epoch_; }
    std::size_t training_faces() const;
    std::size_t validation_faces() const;
    /// Name, hash of the list, licence and number of faces of every source, for the model card.
    Json description() const;

    Batch at(std::uint64_t epoch, std::uint64_t step) const;
    /// Held-out faces [first, first + count), prepared without chance at `small_px`.
    Batch validation(std::size_t first, std::size_t count, int small_px) const;

 private:
    struct Face {
        FacePlanes planes;
        std::vector<std::array<float, kExpressionClasses>> targets;  ///< by head, all zero: none
        std::size_t source = 0;
    };
    void load(std::size_t source);
    void decode(const Dataset& dataset, const std::vector<std::size_t>& rows, std::size_t source,
                std::vector<Face>& faces);
    Batch empty_batch(std::size_t faces) const;
    void write_target(Batch& batch, std::size_t row, const Face& face) const;
    std::vector<std::uint32_t> order(std::uint64_t epoch) const;

    Options options_;
    std::vector<std::vector<Face>> training_;  ///< by source
    std::vector<Face> validation_;
    std::size_t steps_per_epoch_ = 0;
    Json description_ = Json::array();
};

}  // namespace affectsr
