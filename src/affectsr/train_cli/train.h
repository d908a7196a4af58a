// The command `train`: a recipe → a trained model.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

/// Trains by a recipe; a stop saves a checkpoint and exits with 130 or 143.
Action declare_train(CLI::App& command);

extern const char* const kTrainExamples;  ///< what its help begins with

}  // namespace affectsr::cli
