#include "affectsr/pipeline/parts.h"

#include <algorithm>
#include <string>

#include "affectsr/base/error.h"
#include "affectsr/detect/catalog.h"

namespace affectsr {

std::unique_ptr<const Detector> load_detector(const RestoringOptions& options) {
    if (options.already_cropped) return nullptr;
    Json settings = Json::object();
    if (!options.detector_model.empty()) settings["model"] = options.detector_model;
    const Json known = find_detector(options.detector).default_options;
    const auto set = [&](const char* setting, double value, const char* flag) {
        if (value <= 0) return;
        if (!known.contains(setting))
            throw UsageError("the detector " + options.detector + " has no \"" + setting + "\"; leave " + flag +
                             " out");
        settings[setting] = value;
    };
    set("least_score", options.detector_threshold, "detector_threshold");
    set("least_face_px", options.min_face, "min_face");
    return make_detector(options.detector, settings);
}

std::unique_ptr<const PointFinder> load_point_finder(const RestoringOptions& options, const Restorer& restorer,
                                                     const Detector* detector) {
    const int needed = restorer.needs().landmarks;
    if (needed == 0 || (detector && detector->landmarks() == needed)) return nullptr;
    Json settings = Json::object();
    if (!options.landmarker_model.empty()) settings["model"] = options.landmarker_model;
    const Json known = find(landmarker_catalog(), options.landmarker, "landmarker").default_options;
    if (known.contains("precision")) settings["precision"] = options.precision;
    return std::make_unique<PointFinder>(make_landmarker(options.landmarker, settings), options.landmark_threshold);
}

void expect_landmarks(const Restorer& restorer, const Detector* detector, const PointFinder* points) {
    const RestorerNeeds needs = restorer.needs();
    const int given = detector ? detector->landmarks() : 0;
    if (needs.landmarks == 0 || needs.landmarks == given) return;
    if (points ? points->gives(needs.landmarks) : needs.landmarks_optional || !detector) return;
    throw UsageError(
        "the restorer needs " + std::to_string(needs.landmarks) + " landmarks of every face, the detector " + "gives " +
            (given == 0 ? "none" : std::to_string(given)) + (points ? " and the landmarker other ones" : "") +
            "; choose another restorer, a detector that gives them (yunet gives 5) or a landmarker "
            "(landmark_net gives 478)",
        "no_landmarks");
}

std::vector<Face> find_faces(const Image& photo, const Detector* detector, int most_faces, std::size_t& faces_found) {
    std::vector<Face> faces{{{0, 0, static_cast<float>(photo.width), static_cast<float>(photo.height)}, {}, 1}};
    if (detector) faces = detector->detect(photo);
    faces_found = faces.size();
    faces.resize(std::min(faces.size(), static_cast<std::size_t>(most_faces)));
    return faces;
}

}  // namespace affectsr
