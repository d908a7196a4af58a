// The command `evaluate`: experiments that measure.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

/// `evaluate sizes`: accuracy and its kin by face size.
Action declare_evaluate(CLI::App& command);

extern const char* const kEvaluateExamples;  ///< what its help begins with

}  // namespace affectsr::cli
