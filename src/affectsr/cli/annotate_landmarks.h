// The command `annotate landmarks`: a landmarker labels the pictures of a data set.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

/// `annotate landmarks`: points and scores as data/landmark_labels.h has them. The action returns 3 if a picture could
/// not be read; it throws as open_dataset, make_detector, make_landmarker and write_landmark_labels.
Action declare_annotate_landmarks(CLI::App& command);

}  // namespace affectsr::cli
