// Pictures with known faces, put together by chance out of photographs.
#pragma once

#include <random>
#include <span>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/face/marked_face.h"
#include "affectsr/image/image.h"
#include "affectsr/train/augmentation.h"

namespace affectsr {

/// A folder of photographs whose faces are marked (data/marked_photos.h).
struct MarkedFolder {
    std::string photos;
    std::string truth;
    bool faceless = false;
    void fields(auto&& f) {
        f("photos", photos, "folder of the photographs");
        f("truth", truth, "JSON file of their faces");
        f("faceless", faceless, "there are no faces in them, whatever the file says: statues, drawings, textures");
    }
};

/// How pictures are put together.
struct PastingOptions {
    std::vector<MarkedFolder> faces, backgrounds;
    int px = 256;
    int most_faces = 8;
    double least_face_px = 6, most_face_px = 160;
    double most_roll_deg = 45;
    double empty_share = 0.15;
    double crowd_share = 0;
    double least_crowd_step = 1;
    double fragment_share = 0;
    void fields(auto&& f) {
        f("faces", faces, "photographs whose faces are cut out");
        f("backgrounds", backgrounds,
          "photographs that they are pasted into, each folder as often; marked faces there are passed over");
        f("px", px, "side of a picture", Range{64, 2048});
        f("most_faces", most_faces, "pasted into one picture", Range{1, 64});
        f("least_face_px", least_face_px, "width of the smallest face", Range{2, 1024});
        f("most_face_px", most_face_px, "width of the largest face", Range{2, 1024});
        f("most_roll_deg", most_roll_deg, "faces are turned by up to ± this many degrees, small turns more often",
          Range{0, 180});
        f("empty_share", empty_share, "share of pictures without a face", Range{0, 1});
        f("crowd_share", crowd_share,
          "share of the others that are whole photographs with faces, side by side, in place of faces cut out",
          Range{0, 1});
        f("least_crowd_step", least_crowd_step,
          "these photographs may cover one another: the next one begins after this share of a side, or later",
          Range{0.3, 1});
        f("fragment_share", fragment_share,
          "share of pictures with heaps of cheeks, chins and other small parts of faces, turned any way: no faces",
          Range{0, 1});
    }
};

/// A photograph in memory.
struct MarkedPicture {
    Image picture;
    std::vector<MarkedFace> faces;
};

/// A face to show: of which photograph, which of its faces.
struct FaceOfPicture {
    std::size_t picture, face;
};

/// What pictures are put together from.
struct CollageParts {
    std::vector<MarkedPicture> photos;                    ///< with faces
    std::vector<std::vector<MarkedPicture>> backgrounds;  ///< by folder: each is drawn from as often as the others
};

/// A picture that was put together.
struct Collage {
    Image picture;
    std::vector<MarkedFace> faces;
    std::vector<Box> passed_over;  ///< what may or may not be a face
};

/// A picture of options.px with faces out of `faces`, faces[first] among them unless it is one without faces; lit,
/// blurred, noisy and compressed by `augmentation`. The same `random` state gives the same picture. Thread-safe per
/// generator. `faces` must not be empty, nor may a folder of the backgrounds.
Collage make_collage(const CollageParts& parts, const PastingOptions& options, const Augmentation& augmentation,
                     std::span<const FaceOfPicture> faces, std::size_t first, std::mt19937_64& random);

}  // namespace affectsr
