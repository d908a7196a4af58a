// Hands what needs LibTorch over to the program affectsr-train, as git does with its commands.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "affectsr/program/command.h"

namespace affectsr::cli {

/// Where affectsr-train was looked for, and where it is.
struct TrainingProgram {
    std::filesystem::path file;                     ///< the first that can be run; empty: none
    std::vector<std::filesystem::path> looked_for;  ///< beside this program, then in the library folder
};
TrainingProgram find_training_program();

/// Whether these words, without the program's name, are for affectsr-train: `train …`, `bench … --against libtorch` and
/// `bench … --training`.
bool is_for_training_program(const std::vector<std::string>& arguments);

/// If the words are for affectsr-train, puts it in the place of this process with the words untouched and never
/// returns: streams, signals and exit code are then its own. Throws UsageError (`no_training_program`) that names what
/// brings it where it is missing or cannot be started.
void hand_over_to_training_program(const std::vector<std::string>& arguments);

/// Puts `train` into the list of commands; its words are handed over before anyone reads them.
Action declare_training(CLI::App& command);

extern const char* const kTrainingExamples;

}  // namespace affectsr::cli
