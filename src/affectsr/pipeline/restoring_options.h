// Which detector, restorer and landmarker walk together: what every path that restores faces can be told.
#pragma once

#include <algorithm>
#include <optional>
#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/pipeline/point_finder.h"

namespace affectsr {

/// A fidelity that is left to the model file.
inline constexpr double kOwnFidelity = -1;

/// Who finds faces and makes them clear, by their catalog names.
struct RestoringOptions {
    std::string detector = "small_face_net";
    std::string detector_model;     ///< its file; empty: models/DETECTOR.safetensors, or its own default
    double detector_threshold = 0;  ///< faces of a lower score are passed over; 0: as the detector has it
    double min_face = 0;  ///< pixels; smaller faces are not looked for, which is faster; 0: as the detector has it
    std::string restorer = "bicubic";
    std::string restorer_model;      ///< ModelFile of a restorer that is a network; empty: models/RESTORER.safetensors
    double fidelity = kOwnFidelity;  ///< see load_restorer()
    std::string landmarker = "landmark_net";  ///< asked only for a restorer that looks at points
    std::string landmarker_model;             ///< its file; empty: models/LANDMARKER.safetensors
    double landmark_threshold = kSurePoints;  ///< points of a face of a lower score are not given to the restorer
    std::string precision = "auto";           ///< "auto": bf16 where the processor has it, else f32; "f32"; "bf16"
    bool already_cropped = false;             ///< every photo is one face: no detector is asked
    int most_faces = 512;                     ///< faces answered per photo, best score first
    double least_face_px = 8;                 ///< smaller faces are not judged and not restored
    void fields(auto&& f) {
        f("detector", detector, "who finds the faces");
        f("detector_model", detector_model, "model file of the detector, where it needs one");
        f("detector_threshold", detector_threshold,
          "faces of a lower score are passed over; 0: the detector's own threshold", Range{0, 1});
        f("min_face", min_face, "pixels; smaller faces are not looked for, which is faster; 0: as small as it can",
          Range{0, 16384});
        f("restorer", restorer, "who makes a face clear");
        f("restorer_model", restorer_model, "its ModelFile, if it is a network; default: models/RESTORER.safetensors");
        f("fidelity", fidelity,
          "how near a restorer that can choose (codeformer) keeps to the face that it is given: 0 a face from codes "
          "alone, 1 the face that is there; -1: as its model file has it, which is 1 unless it was imported otherwise",
          Range{kOwnFidelity, 1});
        f("landmarker", landmarker, "who finds the points of a small face, for a restorer that looks at them");
        f("landmarker_model", landmarker_model, "model file of the landmarker; default: models/LANDMARKER.safetensors");
        f("landmark_threshold", landmark_threshold,
          "a restorer does without the points of a face that the landmarker is less sure of", Range{0, 1});
        f("precision", precision, "number format of the networks; auto: bf16 if native",
          OneOf{{"auto", "f32", "bf16"}});
        f("already_cropped", already_cropped, "every input is one cropped face; no detector is asked");
        f("most_faces", most_faces, "faces answered per photo", Range{1, 4096});
        f("least_face_px", least_face_px, "smaller faces are left as they are (analyze: undetermined), in pixels",
          Range{1, 1024});
    }
    /// As load_restorer() takes it.
    std::optional<double> asked_fidelity() const {
        return fidelity == kOwnFidelity ? std::nullopt : std::optional(std::max(fidelity, 0.0));
    }
};

}  // namespace affectsr
