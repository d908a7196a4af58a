// The command `degrade`: a picture → the small, blurred, noisy one that a far camera would have made.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

/// Degrades one picture. Same picture, flags and --seed: same bytes.
Action declare_degrade(CLI::App& command);

extern const char* const kDegradeExamples;  ///< what its help begins with

}  // namespace affectsr::cli
