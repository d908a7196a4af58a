// One command of a program: its words in the help, its flags, and what it does.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>

#include "affectsr/program/stop.h"

namespace affectsr::cli {

/// What a command is given besides its flags.
struct Call {
    const Stop& stop;
    std::string typed;  ///< the command line, quoted so that a shell reads it again
};

/// What a command does once its flags are parsed; returns the process exit code (docs/command_line.md). May throw Error
/// and ReaderGone, which run_program() turns into messages and codes.
using Action = std::function<int(const Call&)>;

/// One line of the command table in a program's main.cpp.
struct Command {
    std::string name;      ///< as typed after the program's name
    std::string summary;   ///< one line for the list of commands
    std::string examples;  ///< lines that --help begins with
    /// Declares flags and sub-commands on the app it is given and returns what to do. The app outlives the action.
    Action (*declare)(CLI::App& command);
};

/// A sub-command (such as `sizes` of `evaluate`) whose help begins with `examples`.
CLI::App* add_subcommand(CLI::App& command, const std::string& name, const std::string& summary,
                         const std::string& examples);

}  // namespace affectsr::cli
