// Pictures to learn finding faces from: faces cut from photographs, pasted into others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/data/marked_photos.h"
#include "affectsr/train/augmentation.h"
#include "affectsr/train/sample_source.h"

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
    }
};

/// What else decides and bounds the loading.
struct PastedFacesOptions {
    PastingOptions pasting;
    Augmentation augmentation;   ///< light, blur, noise and JPEG of the whole picture
    std::filesystem::path root;  ///< relative folders and files are taken from here
    int batch_size = 16;
    double validation_share = 0.03;  ///< of the photographs with faces, by their names
    std::uint64_t seed = 1;
    int threads = 1;                                    ///< for decoding, when made
    std::int64_t memory_bytes = std::int64_t{1} << 30;  ///< for decoded photographs
    bool skip_broken = false;
    std::stop_token stop;
};

/// Batches of "photo" [n, 3, px, px] in [0, 1]; "boxes" [n, most_faces, 4], x, y, width, height in pixels; "points" [n,
/// most_faces, 10], NaN where they are not marked; "faces" [n], how many there are, and "passed_over" [n, most_faces,
/// 4], boxes that may or may not be faces, with sides of 0 where there is none. An epoch shows as many pictures as
/// there are faces to learn from.
class PastedFaces : public SampleSource {
 public:
    /// Decodes every photograph once, reduced so that its faces are not larger than needed. Throws InputError
    /// (`broken_pictures`) as FaceSource; UsageError for no faces, no backgrounds, or sizes that contradict each other;
    /// InputError as read_marked_photos.
    explicit PastedFaces(PastedFacesOptions options);
    ~PastedFaces() override;

    std::uint64_t steps_per_epoch() const override;
    Batch at(Position position, Share share) const override;
    std::int64_t held_out_count() const override;
    /// The same pictures each time; `face_px` is not looked at: they hold faces of all sizes.
    Batch held_out(std::int64_t first, std::int64_t count, int face_px) const override;
    const Json& description() const override;

 private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace affectsr
