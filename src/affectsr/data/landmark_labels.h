// What a landmarker said of a data set's pictures: points to learn from, in one file beside the data set.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "affectsr/data/dataset.h"
#include "affectsr/face/face.h"

namespace affectsr {

/// One face of a data set with its points.
struct LabelledFace {
    std::string file;                ///< of the sample (SampleInfo::path), below the root of the data set
    std::int64_t row = 0;            ///< SampleInfo::row: tells apart the faces that lie in one file
    Landmarks landmarks_in_picture;  ///< pixels of Sample::picture (centres at integers)
    float score = 0;                 ///< 0–1: how sure the landmarker was that this is a face
};

/// All that a landmarker said of a data set, or of one split of it.
struct LandmarkLabels {
    std::string landmarker;           ///< its name and the SHA-256 of its file
    std::string dataset;              ///< DatasetCard::name
    std::string dataset_sha256;       ///< DatasetCard::sha256
    std::vector<LabelledFace> faces;  ///< those that were found; all have the same number of points
};

/// One safetensors file, written by atomic rename: "points" [n, k, 3] float16 around the face's "frame" [n, 3] float32
/// (centre x, y and half the longer side of the points' box, px; point = centre + half · stored, z without a centre),
/// "score" [n] float32, "row" [n] int64, "files" uint8: the names, each followed by a newline. Points are off by at
/// most 1/4096 of that half side; 2.9 kB for a face of 478 points. Throws ResourceError (`cannot_write`); Bug for faces
/// with different numbers of points, numbers that are not finite or a name with a newline.
void write_landmark_labels(const std::filesystem::path& file, const LandmarkLabels& labels);

/// Reads such a file. Throws InputError: `not_found`, `not_readable` if it cannot be opened; `bad_labels`, naming the
/// file and what is wrong, for one that is damaged or holds something else, for more than 2,000,000 faces or 1,024
/// points, numbers that are not finite, scores outside 0–1, names outside the folder and faces that are there twice.
LandmarkLabels read_landmark_labels(const std::filesystem::path& file);

/// For every sample of a data set its labelled face, or nullptr; `root` is the data set's. A file of one face is known
/// by its name, wherever in the list it stands. Throws InputError
/// (`other_dataset`) if the labels are another data set's by name or none of its samples has a face; a list that has
/// changed since gives a warning. `where` begins the message. The pointers last as long as `labels`.
std::vector<const LabelledFace*> labels_of(const Dataset& dataset, const std::filesystem::path& root,
                                           const LandmarkLabels& labels, const std::string& where);

/// How LabelledFace::file names a sample.
std::string file_below(const std::filesystem::path& root, const SampleInfo& info);

}  // namespace affectsr
