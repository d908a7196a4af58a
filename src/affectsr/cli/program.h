// The door of the command line: reads the line, runs the command, turns errors into messages and exit codes.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "affectsr/cli/command.h"

namespace affectsr::cli {

/// Runs the command that the line names and returns the exit code: 0 done, 1 internal error, 2 usage, 3 some inputs
/// failed, 4 model, 5 resources, 130 and 143 stopped by SIGINT and SIGTERM, 141 the reader of stdout has gone. Results
/// go to stdout, everything else to stderr. `arguments`: without the program's own name. Never throws.
int run_program(std::span<const Command> commands, std::vector<std::string> arguments);

/// The word among `known` that is nearest to `typed`, for "did you mean"; empty if none is near.
std::string nearest(const std::string& typed, const std::vector<std::string>& known);

}  // namespace affectsr::cli
