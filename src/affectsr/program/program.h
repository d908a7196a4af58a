// The door of a command-line program: reads the line, runs the command, turns errors into messages and exit codes.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "affectsr/program/command.h"

namespace affectsr::cli {

/// A program as its user sees it: its name, what its help says, and its commands.
struct CommandTable {
    std::string name;      ///< as typed
    std::string summary;   ///< what the whole is for
    std::string examples;  ///< lines that --help begins with
    std::function<std::string()> version_text;
    std::vector<Command> commands;
    /// Is asked first with the words as typed; may put another program in the place of this one and never return. May
    /// be null, may throw Error.
    void (*hand_over)(const std::vector<std::string>& arguments) = nullptr;
};

/// Runs the command that the line names and returns the exit code: 0 done, 1 internal error, 2 usage, 3 some inputs
/// failed, 4 model, 5 resources, 130 and 143 stopped by SIGINT and SIGTERM, 141 the reader of stdout has gone. Results
/// go to stdout, everything else to stderr. `arguments`: without the program's own name. Never throws.
int run_program(const CommandTable& table, std::vector<std::string> arguments);

/// The word among `known` that is nearest to `typed`, for "did you mean"; empty if none is near.
std::string nearest(const std::string& typed, const std::vector<std::string>& known);

}  // namespace affectsr::cli
