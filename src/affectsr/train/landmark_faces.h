// Faces whose 478 points a landmarker has marked, framed, changed and made small, and pictures that are no face.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/train/augmentation.h"
#include "affectsr/train/pasted_faces.h"
#include "affectsr/train/sample_source.h"

namespace affectsr {

/// A data set of faces and the labels of their points (data/landmark_labels.h).
struct LandmarkedFolder {
    std::string pictures;
    std::string labels;
    std::string dataset = "manifest";
    std::string split = "train";
    void fields(auto&& f) {
        f("pictures", pictures, "folder of the data set");
        f("labels", labels, "file of its faces' points");
        f("dataset", dataset, "catalog name of the data set");
        f("split", split, "which part of it, as the data set spells it");
    }
};

/// What pictures are made of.
struct LandmarkPictures {
    std::vector<LandmarkedFolder> faces;
    std::vector<MarkedFolder> backgrounds;
    double least_score = 0.5;
    double no_face_share = 0.15;
    double grey_share = 0.1;
    double cover_share = 0.15;
    double surroundings_share = 0.5;
    void fields(auto&& f) {
        f("faces", faces, "data sets of faces with their points");
        f("backgrounds", backgrounds, "pictures without a face, each folder as often; pieces of them are no face");
        f("least_score", least_score, "faces of which their landmarker was less sure are left out", Range{0, 1});
        f("no_face_share", no_face_share, "share of samples that are no face: pieces of backgrounds, and of faces",
          Range{0, 0.9});
        f("grey_share", grey_share, "share of grey samples", Range{0, 1});
        f("cover_share", cover_share, "share of faces that are partly covered", Range{0, 1});
        f("surroundings_share", surroundings_share,
          "share of faces beyond whose picture lies a background; else its border is repeated", Range{0, 1});
    }
};

/// What else decides and bounds the loading.
struct LandmarkFacesOptions {
    LandmarkPictures pictures;
    Augmentation augmentation;   ///< framing, light, and what the square suffers; `erase` is not used
    std::filesystem::path root;  ///< relative folders and files are taken from here
    int px = 64;                 ///< side of what the network is shown
    int batch_size = 256;
    double validation_share = 0.03;  ///< of the people, or pictures where they are not known
    std::uint64_t seed = 1;
    int threads = 1;                                    ///< for decoding, when made
    std::int64_t memory_bytes = std::int64_t{1} << 30;  ///< for decoded faces; others are decoded when they are drawn
    bool skip_broken = false;
    std::stop_token stop;
};

/// Batches of "face" [n, 3, px, px] in [0, 1]; "points" [n, 478, 3] in pixels of it, 0 where there is no face;
/// "is_face" [n], 1 or 0. An epoch shows as many samples as there are faces to learn from.
class LandmarkFaces : public SampleSource {
 public:
    /// Decodes every face once, reduced to 160 px. Throws InputError (`broken_pictures`) as FaceSource; UsageError for
    /// no faces, or fewer than a batch; as open_dataset, read_landmark_labels and labels_of.
    explicit LandmarkFaces(LandmarkFacesOptions options);
    ~LandmarkFaces() override;

    std::uint64_t steps_per_epoch() const override;
    Batch at(Position position, Share share) const override;
    /// Held-out faces, then a quarter as many pictures that are no face.
    std::int64_t held_out_count() const override;
    /// Faces framed by their own points, off by a third of what training allows, and only made small, the same each
    /// time.
    Batch held_out(std::int64_t first, std::int64_t count, int face_px) const override;
    const Json& description() const override;

 private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace affectsr
