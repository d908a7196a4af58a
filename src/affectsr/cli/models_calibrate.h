// `affectsr models calibrate`: fits a model's temperatures by face size and writes them into its card.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

/// `models calibrate MODEL --data FOLDER -o MODEL2`: writes the model with its new temperatures by atomic rename, its
/// weights as they were, and prints the account. A run that is stopped writes nothing. The action throws UsageError
/// (also `output_exists`, `output_is_input`), and as calibrate() and ModelFile.
Action declare_calibrate(CLI::App& command);

}  // namespace affectsr::cli
