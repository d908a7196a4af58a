// `evaluate training`: the logs of trainings as plots.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

Action declare_training_logs(CLI::App& command);

}  // namespace affectsr::cli
