// Pictures to learn finding faces from: faces cut from photographs, pasted into others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>

#include "affectsr/train/augmentation.h"
#include "affectsr/train/face_collage.h"
#include "affectsr/train/sample_source.h"

namespace affectsr {

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
