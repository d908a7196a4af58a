// MediaPipe's face mesh, played from the user's own file.
#pragma once

#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/detect/landmarker.h"
#include "affectsr/detect/tflite_player.h"

namespace affectsr {

struct MediapipeLandmarkerOptions {
    std::string model;  ///< needed
    int passes = 2;
    void fields(auto&& f) {
        f("model", model, "MediaPipe's face_landmarks_detector.tflite");
        f("passes", passes,
          "how often it looks: the first time where the crop has its face, then where the last saw it", Range{1, 8});
    }
};

/// 478 points by MediaPipe's network, as its face landmarker asks it: a square around the points that were seen before,
/// half as large again, turned so that the eyes are level. The square reaches past the crop; there the crop's border is
/// repeated, as MediaPipe repeats the photo's (points of 128-px faces are then 0.01 to 0.02 eye distances away from
/// where locate_in(), which sees the photo, finds them; with black, 0.02). It does not tell how wrong its points are:
/// expected_error is none. Thread-safe; one core a call. Source: Kartynnik et al. 2019, arXiv:1907.06724; Grishchenko
/// et al. 2020, arXiv:2006.10962; MediaPipe's face_landmarker graph.
class MediapipeLandmarker : public Landmarker {
 public:
    /// Throws UsageError without a model; ModelError as TflitePlayer, and `model_does_not_fit` for another network.
    explicit MediapipeLandmarker(const MediapipeLandmarkerOptions& options);
    std::vector<LandmarkedFace> locate_all(std::span<const FaceCrop> crops) const override;
    LandmarkedFace locate_in(const Image& photo, const Face& face) const override;

 private:
    /// In pixels of `picture`, which holds a crop of `crop_px` at `picture_from_crop`.
    LandmarkedFace locate(const Image& picture, const Similarity& picture_from_crop, int crop_px) const;

    int passes_;
    TflitePlayer player_;
};

}  // namespace affectsr
