// The command `analyze`: photos → every face and its expression.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

/// One row for every input, failures included; the exit code is 3 if there were any.
Action declare_analyze(CLI::App& command);

extern const char* const kAnalyzeExamples;  ///< what its help begins with

}  // namespace affectsr::cli
