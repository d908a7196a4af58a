// `compare`: what became of the expressions in a picture by being restored, whoever did it (docs/evaluation.md).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "affectsr/detect/detector.h"
#include "affectsr/detect/landmarker.h"
#include "affectsr/experiment/drift.h"
#include "affectsr/experiment/expression_judge.h"
#include "affectsr/experiment/face_pairs.h"
#include "affectsr/metric/ecm.h"

namespace affectsr {

struct CompareOptions {
    std::vector<std::string> judges = {"small_net"};
    bool already_cropped = false;
    std::string detector = "small_face_net", detector_model;
    FacePairOptions pairing;
    double least_face_px = 8;
    std::string landmarker = "landmark_net", landmarker_model;
    double least_score = 0.5;
    DriftOptions drift;
    EcmOptions ecm;
    std::string precision = "auto";
    std::uint64_t seed = 1;

    void fields(auto&& f) {
        f("judge", judges, "who reads the expressions, as NAME, NAME=MODEL_FILE or MODEL_FILE; may be given again");
        f("already_cropped", already_cropped, "every picture is one cropped face; no faces are looked for");
        f("detector", detector, "who finds the faces");
        f("detector_model", detector_model, "model file of the detector, where it needs one");
        pairing.fields(f);
        f("least_face_px", least_face_px, "faces that were smaller before are undetermined, in pixels", Range{1, 1024});
        f("landmarker", landmarker, "who says where the points of a face lie");
        f("landmarker_model", landmarker_model, "model file of the landmarker, where it needs one");
        f("least_score", least_score, "points count of faces that had at least this face score before", Range{0, 1});
        drift.fields(f);
        f("ecm_bins", ecm.bins, "equal bins of ECM's histograms", Range{1, 1000});
        f("ecm_histogram", ecm.histogram, "how ECM scales counts", OneOf{{"density", "share", "count"}});
        f("ecm_logarithm", ecm.logarithm, "ECM's logarithm", OneOf{{"natural", "decimal"}});
        f("ecm_entropy", ecm.entropy, "ECM's unit of entropy", OneOf{{"nats", "bits"}});
        f("precision", precision, "number format of the judges; auto: bf16 if native", OneOf{{"auto", "f32", "bf16"}});
        f("seed", seed, "of the bootstrap interval");
    }
};

/// Everyone who has a part in a comparison.
struct CompareParty {
    std::vector<ExpressionJudge> judges;
    std::unique_ptr<const Detector> detector;
    std::unique_ptr<const Landmarker> landmarker;
    std::string detector_sha256, landmarker_sha256;  ///< of their weights; empty: they have none of ours
};

/// Those that the options name. Throws UsageError for no judge, one named twice and unknown names; ModelError as
/// load_classifier, make_detector and make_landmarker.
CompareParty compare_party(const CompareOptions& options);

/// One face before and after.
struct ComparedFace {
    PairStatus status = PairStatus::compared;
    Box box_before, box_after;
    double face_px = 0;  ///< pixels of the picture before that a side of the crop shows
    /// Mean shift of the 478 points in eye distances; none: not found in both, or the landmarker was not sure before.
    std::optional<double> landmark_shift;
    std::vector<Reading> before, after;   ///< by every judge; empty where the face was not found
    std::vector<Drift> drifts;            ///< by every judge; empty unless the face was found in both
    Image picture_before, picture_after;  ///< cut alike, each with the pixels that it has, at most kComparedPx
};

/// Most pixels of the side of a picture of a compared face.
inline constexpr int kComparedPx = 192;

/// All faces of two pictures. Each is cut from both by the same frame, with its own pixels where the judge looks at
/// more (the judge enlarges it by MATLAB's bicubic) and reduced where it looks at fewer. Both readings are calibrated
/// for the size before: a restorer gives a face pixels, not knowledge. Already cropped, the middle square is the face,
/// and its points are those of the middle face that is found in it. `name` begins messages. Thread-safe. Throws as
/// pair_faces.
std::vector<ComparedFace> compare_faces(const Image& before, const Image& after, const std::string& name,
                                        const CompareParty& party, const CompareOptions& options);

}  // namespace affectsr
