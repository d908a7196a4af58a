// The command `evaluate`: experiments that measure.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

/// `evaluate sizes`: accuracy and its kin by face size, of one model or of two. `evaluate detection`: how well faces
/// are found. `evaluate steadiness`: labels that flip when photos are stored another way.
Action declare_evaluate(CLI::App& command);

extern const char* const kEvaluateExamples;  ///< what its help begins with

}  // namespace affectsr::cli
