// The command `doctor`: what this installation is made of and can do.
#pragma once

#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/program/command.h"

namespace affectsr::cli {

/// Prints what diagnosis() found; exit code 4 if a model is missing or damaged.
Action declare_doctor(CLI::App& command);

extern const char* const kDoctorExamples;  ///< what its help begins with

/// Version, commit, compiler, processor, libraries in use, models with their hashes and what became of loading them,
/// detectors, limits.
Json diagnosis();

/// What --version prints: program, commit, compiler, main libraries.
std::string version_text();

}  // namespace affectsr::cli
