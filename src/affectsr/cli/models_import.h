// `affectsr models import`: published weights of others become a model file of ours.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

/// `models import FILE --network NAME -o OUT.safetensors`: reads FILE (a PyTorch checkpoint or safetensors), fits it to
/// the network, writes the model with its card, and says its hash and size. The action throws UsageError (also
/// `output_exists`), ModelError for a file that is refused or does not fit, ResourceError for the disk.
Action declare_import(CLI::App& command);

}  // namespace affectsr::cli
