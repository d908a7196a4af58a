// MediaPipe's face detectors, played from the user's own files.
#pragma once

#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/detect/detector.h"
#include "affectsr/detect/tflite_player.h"

namespace affectsr {

struct MediapipeDetectorOptions {
    std::string model;  ///< needed
    double least_score = 0.5;
    bool tiles = false;
    void fields(auto&& f) {
        f("model", model,
          "one of MediaPipe's face detectors (.tflite): full range, full range sparse, short range, back");
        f("least_score", least_score, "faces of a lower score are not reported", Range{0.01, 1});
        f("tiles", tiles, "also search the photo piece by piece, which MediaPipe does not, for small faces");
    }
};

/// A cell that a detector asks for a face: its centre in pixels of the network's input, from the edge.
struct MediapipeAnchor {
    float x, y;
};

/// MediaPipe's single-shot detector: the whole photo, shrunk into the network's 128, 192 or 256 px with black bars
/// beside it. Faces that are small in the photo are small for it too, so it finds few below about a tenth of the
/// longer side (short range) or a twentieth (full range).
///
/// Its boxes are about square, from the brows to below the chin and a little past the cheeks: on a frontal face lower
/// and wider than a box from forehead to chin and ear to ear. Of its six points three are ours (eyes, tip of the nose);
/// it knows the middle of the mouth and no corners, so these are derived: 0.42 eye distances from the middle along the
/// line of the eyes, where kCropTemplate has them. They serve to level and frame a face; they are no measured corners.
/// The points at the ears are not told.
///
/// Thread-safe; one core a call. Source: Bazarevsky et al. 2019, arXiv:1907.05047; MediaPipe's face_detection graphs.
class MediapipeDetector : public Detector {
 public:
    /// Throws UsageError without a model; ModelError as TflitePlayer, and `model_does_not_fit` for another network.
    explicit MediapipeDetector(const MediapipeDetectorOptions& options);
    std::vector<Face> detect(const Image& photo) const override;
    int landmarks() const override { return 5; }

 private:
    std::vector<Face> faces_in(const Image& picture) const;

    MediapipeDetectorOptions options_;
    TflitePlayer player_;
    std::vector<MediapipeAnchor> anchors_;
    std::size_t places_ = 0, scores_ = 1;  // which output is which
};

}  // namespace affectsr
