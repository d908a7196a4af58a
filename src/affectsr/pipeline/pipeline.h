// The one path of a face, from photo to answer; every door opens into it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/classify/classifier.h"
#include "affectsr/detect/detector.h"
#include "affectsr/face/expression.h"
#include "affectsr/face/face.h"
#include "affectsr/image/image.h"
#include "affectsr/pipeline/point_finder.h"
#include "affectsr/pipeline/restoring_options.h"
#include "affectsr/pipeline/route.h"
#include "affectsr/plan/precision.h"
#include "affectsr/restore/restorer.h"

namespace affectsr {

/// Which detector, restorer and classifier walk together, by their catalog names.
struct PipelineOptions : RestoringOptions {
    std::string classifier = "small_net";
    std::string classifier_model;  ///< ModelFile; empty: models/CLASSIFIER.safetensors
    std::string head;              ///< which head answers; empty: the network's answering head
    int views = 1;                 ///< of every face: 1, as it is; 2, also mirrored, the answer is their mean
    PipelineOptions() = default;   // no aggregate: g++ 12 takes the texts of such a base for uninitialised
    void fields(auto&& f) {
        RestoringOptions::fields(f);
        f("classifier", classifier, "who reads the expression");
        f("classifier_model", classifier_model, "its ModelFile; default: models/CLASSIFIER.safetensors");
        f("head", head, "which head of the classifier answers; default: its answering head");
        f("views", views, "how often a face is read; 1: as it is, 2: also mirrored, the answer is their mean",
          Range{1, 2});
    }
};

/// What came of one crop.
struct Look {
    Image restored;         ///< what the restorer made; the crop itself where none was needed
    Image network_input;    ///< what the classifier saw; empty: it was not asked
    Expression expression;  ///< empty: undetermined
    std::string reason;     ///< why it is undetermined, a stable code ("too_small", "not_finite", "constant", "turned",
                            ///< "not_a_face"); else empty
    Route route;            ///< the road it took
    /// Why `restored` is the bicubic enlargement and not what the restorer made, or that it did without landmarks, a
    /// stable code (restoration.h lists them); empty: it is the restorer's.
    std::string restorer_reason = {};
    /// Turn of the face in the photo in degrees, clockwise, within (−180, 180]; std::nullopt: without landmarks nobody
    /// knows. Faces with landmarks are cut upright, whatever it is; beyond kMostRollDeg they are undetermined.
    std::optional<double> roll_deg = {};
};

/// Milliseconds per stage of one photo, wall clock.
struct Timings {
    double detect_ms = 0, cut_ms = 0, restore_ms = 0, classify_ms = 0, paste_ms = 0, total_ms = 0;
};

/// The answer to one photo.
struct Answer {
    struct Seen {
        /// As the detector gave it. Its box may reach past the border of the photo, where the crop repeats the border's
        /// pixels; so may landmarks. A detector of one's own may give boxes that are no numbers: those faces are
        /// answered "not_finite".
        Face face;
        FaceCrop crop;
        Look look;
    };
    std::vector<Seen> faces;      ///< in the detector's order: best score first. Rows number them from 1
    std::size_t faces_found = 0;  ///< before most_faces was applied
    Image picture;                ///< the photo with the restored faces pasted back
    Timings ms;
};

/// Detector, restorer and classifier, built once, then only asked. Thread-safe once built.
class Pipeline {
 public:
    /// Throws UsageError for unknown names, ModelError for missing or unfit model files.
    explicit Pipeline(const PipelineOptions& options);
    /// The same path with parts made elsewhere, such as a library user's own. `detector` may be null if
    /// already_cropped; `points` finds the landmarks of a restorer that looks at them, null: nobody does; the names and
    /// model files in `options` are not looked at. Throws UsageError if a part that is needed is missing, the
    /// classifier has no such head, the restorer needs landmarks that neither detector nor finder gives
    /// (`no_landmarks`), or a part promises pictures without a size.
    Pipeline(const PipelineOptions& options, std::unique_ptr<const Detector> detector,
             std::unique_ptr<const Restorer> restorer, std::unique_ptr<const Classifier> classifier,
             std::unique_ptr<const PointFinder> points = nullptr);
    ~Pipeline();
    Pipeline(Pipeline&&) noexcept;
    Pipeline& operator=(Pipeline&&) noexcept;

    /// The whole path of one upright photo. No face: an Answer without faces. A face that cannot be judged is answered
    /// with a reason and never throws; one that the restorer cannot restore is read from its bicubic enlargement, and
    /// says so. Already cropped: the one face is the photo's centre square (see cut_whole). Boxes may reach past the
    /// photo. Throws Bug for a photo without pixels, and what the parts throw.
    Answer run(const Image& photo) const;
    /// The stretch that run() walks for every face: restore, then classify; the head of the options answers. Unless
    /// already_cropped the crop counts as found by a detector: a drawn one is "not_a_face".
    Look look(const FaceCrop& crop) const;
    /// The same for many crops, classified in one pass; answers in their order.
    std::vector<Look> look_all(std::span<const FaceCrop> crops) const;

    const PipelineOptions& options() const;
    const Classifier& classifier() const;
    const Restorer& restorer() const;
    /// The number format that the networks compute in, which may not be the one asked for (used_precision());
    /// std::nullopt: neither classifier nor restorer tells.
    std::optional<Precision> precision() const;

 private:
    struct Parts;
    std::unique_ptr<const Parts> parts_;
};

}  // namespace affectsr
