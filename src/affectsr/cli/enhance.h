// `affectsr enhance`: photographs with their small faces made clear, marked as reconstructions.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

extern const char* const kEnhanceExamples;
/// Declares the command's flags; see docs/command_line.md.
Action declare_enhance(CLI::App& command);

}  // namespace affectsr::cli
