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
/// half as large again, turned so that the eyes are level. Where the square reaches past the crop, the crop's border is
/// repeated, as MediaPipe repeats the photo's. It does not tell how wrong its points are: expected_error is none.
/// Thread-safe; one core a call. Source: Kartynnik et al. 2019, arXiv:1907.06724; Grishchenko et al. 2020,
/// arXiv:2006.10962; MediaPipe's face_landmarker graph.
class MediapipeLandmarker : public Landmarker {
 public:
    /// Throws UsageError without a model; ModelError as TflitePlayer, and `model_does_not_fit` for another network.
    explicit MediapipeLandmarker(const MediapipeLandmarkerOptions& options);
    std::vector<LandmarkedFace> locate_all(std::span<const FaceCrop> crops) const override;

 private:
    LandmarkedFace locate(const FaceCrop& crop) const;

    int passes_;
    TflitePlayer player_;
};

}  // namespace affectsr
