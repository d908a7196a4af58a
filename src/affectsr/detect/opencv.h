// The detectors that OpenCV brings: the Haar cascade, and YuNet for who has its file.
#pragma once

#include <memory>
#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/detect/detector.h"

namespace affectsr {

/// How the cascade searches. Measured on 53 group photos against the 1,465 faces that YuNet sees in them at twice their
/// size: with these defaults 714 of them and 15 mistakes; haarcascade_frontalface_default.xml finds no more of them and
/// is mistaken four times as often.
struct HaarOptions {
    std::string model;            ///< cascade file; empty: haarcascade_frontalface_alt2.xml of Debian's opencv-data
    double scale_factor = 1.1;    ///< 1.2 is a third faster and finds a fifth fewer
    int neighbours = 4;           ///< 3: 783 faces, 60 mistakes; 2: 875 and 183
    int enlarge_below_px = 1300;  ///< not enlarged, 14–18-px faces drop from 70 found to 14 of 119
    void fields(auto&& f) {
        f("model", model, "cascade file (XML); default: haarcascade_frontalface_alt2.xml of the package opencv-data");
        f("scale_factor", scale_factor, "each window is this many times larger than the one before", Range{1.01, 2});
        f("neighbours", neighbours, "how many windows must agree on a face", Range{1, 100});
        f("enlarge_below_px", enlarge_below_px,
          "photos whose longer side is at most this are searched at twice their size, for faces down to 12 px; 0: none",
          Range{0, 4096});
    }
};

/// The boosted cascade of Haar-like features: upright, roughly frontal faces of 20 px (12 px where enlarged) and more.
/// Boxes are square, from the brows' upper edge to the chin; no landmarks; the score is the chance that the box is a
/// face. Thread-safe: every call borrows a cascade of its own. Memory is bounded by tiles, about 60 MiB a call beside a
/// grey copy. Source: Viola & Jones 2001; Lienhart & Maydt 2002; trained by OpenCV.
class Haar : public Detector {
 public:
    /// Throws ModelError (`no_such_model`, `model_damaged`) if the cascade file is missing or cannot be used.
    explicit Haar(const HaarOptions& options);
    ~Haar() override;
    /// Throws InputError (`detect_failed`), ResourceError (`out_of_memory`) if OpenCV gives up.
    std::vector<Face> detect(const Image& photo) const override;

 private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

struct OpencvYunetOptions {
    std::string model;  ///< face_detection_yunet_2022mar.onnx; needed
    double least_score = 0.7;
    int enlarge_below_px = 320;  ///< enlarging larger photos finds more small faces, and faces in folds of cloth
    void fields(auto&& f) {
        f("model", model, "face_detection_yunet_2022mar.onnx of OpenCV's model zoo");
        f("least_score", least_score, "faces of a lower score are not reported", Range{0.1, 1});
        f("enlarge_below_px", enlarge_below_px,
          "photos whose longer side is at most this are searched at twice their size, for faces down to 5 px; 0: none",
          Range{0, 4096});
    }
};

/// A small convolutional network: faces of about 10 px and more, turned ones too, each with five landmarks.
/// Thread-safe: every call borrows a network of its own. Memory is bounded by tiles.
/// Source: Wu et al. 2023, "YuNet: A Tiny Millisecond-level Face Detector", doi:10.1007/s11633-023-1423-y.
class OpencvYunet : public Detector {
 public:
    /// Throws UsageError without a model; ModelError (`no_such_model`, `model_damaged`) if it is missing or no YuNet
    /// that OpenCV's FaceDetectorYN of this version can play (the 2023mar file needs OpenCV 4.8).
    explicit OpencvYunet(const OpencvYunetOptions& options);
    ~OpencvYunet() override;
    /// Throws InputError (`detect_failed`), ResourceError (`out_of_memory`) if OpenCV gives up.
    std::vector<Face> detect(const Image& photo) const override;
    int landmarks() const override { return 5; }

 private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// cv::setNumThreads: for the whole process; 1: only the caller's thread. Until called it is 1: on a busy machine
/// OpenCV's threads wait for each other (a search of 0.4 s was seen to take 44 s), and callers have photos enough to
/// share out.
void limit_opencv_threads(int count);

}  // namespace affectsr
