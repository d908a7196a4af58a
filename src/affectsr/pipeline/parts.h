// Builds the parts that a path of faces is made of, by the options that name them.
#pragma once

#include <memory>
#include <vector>

#include "affectsr/detect/detector.h"
#include "affectsr/pipeline/point_finder.h"
#include "affectsr/pipeline/restoring_options.h"
#include "affectsr/restore/restorer.h"

namespace affectsr {

/// The detector that the options name, with its file and thresholds; null if every photo is one face. Throws UsageError
/// for an unknown name and for a threshold that this detector does not have, ModelError as make_detector.
std::unique_ptr<const Detector> load_detector(const RestoringOptions& options);

/// Who finds the points that the restorer looks at; null, and no file is opened, if it looks at none or the detector
/// (null: there is none) gives them. Throws UsageError as make_landmarker and for a landmarker of other points
/// (`no_landmarks`), ModelError as make_landmarker.
std::unique_ptr<const PointFinder> load_point_finder(const RestoringOptions& options, const Restorer& restorer,
                                                     const Detector* detector);

/// Throws UsageError (`no_landmarks`) if the restorer cannot do without landmarks that neither detector nor finder
/// gives, or if the finder cannot give those that it looks at.
void expect_landmarks(const Restorer& restorer, const Detector* detector, const PointFinder* points);

/// The faces of a photo, best score first, at most `most_faces`; without a detector the whole photo is one.
/// `faces_found`: how many there were before.
std::vector<Face> find_faces(const Image& photo, const Detector* detector, int most_faces, std::size_t& faces_found);

}  // namespace affectsr
