// Photographs whose faces are marked: a JSON file beside, or apart from, the photographs.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/face/marked_face.h"
#include "affectsr/image/image.h"

namespace affectsr {

/// A photograph and all its faces.
struct MarkedPhoto {
    std::string file;    ///< below the folder of the photographs
    std::string sha256;  ///< of the file's bytes
    int width = 0, height = 0;
    std::vector<MarkedFace> faces;
};

/// {"photos": [{"file", "sha256", "width", "height", "faces": [{"box": [x, y, width, height], "points": [[x, y] × 5],
/// "score", "ignore", "blurry", "profile"}]}]}; what is false, 1 or not marked is left out. Numbers with two decimals.
Json to_json(const std::vector<MarkedPhoto>& photos);

/// Reads such a file of at most 64 MiB. Throws InputError (`not_json`, `bad_marks`) naming the file, the photograph and
/// what is wrong: names outside the folder, boxes that are not four finite numbers with positive sides, points that are
/// not five pairs, hashes that are none, a photograph named twice.
std::vector<MarkedPhoto> read_marked_photos(const std::filesystem::path& file);

/// The picture of a marked photograph in `folder`. Throws InputError as read_image, and `other_photo` if the file is
/// not the one that was marked.
Image open_marked_photo(const MarkedPhoto& photo, const std::filesystem::path& folder);

}  // namespace affectsr
