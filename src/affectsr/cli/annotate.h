// The command `annotate`: detectors mark the faces of photographs and landmarkers their points, for people to correct
// and for trainers to learn from.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

/// `annotate faces`: boxes, points and scores as data/marked_photos.h has them. `annotate landmarks`:
/// annotate_landmarks.h.
Action declare_annotate(CLI::App& command);

extern const char* const kAnnotateExamples;  ///< what its help begins with

}  // namespace affectsr::cli
