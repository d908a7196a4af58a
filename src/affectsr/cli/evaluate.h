// The command `evaluate`: experiments that measure.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

/// `evaluate sizes`: accuracy and its kin by face size. `evaluate detection`: how well faces are found.
Action declare_evaluate(CLI::App& command);

extern const char* const kEvaluateExamples;  ///< what its help begins with

}  // namespace affectsr::cli
