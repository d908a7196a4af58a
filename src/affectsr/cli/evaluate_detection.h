// The command `evaluate detection`: how well faces are found.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

Action declare_detection(CLI::App& command);

}  // namespace affectsr::cli
