// The command `evaluate restoration`: what restorers make of faces and of their expressions.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

Action declare_restoration(CLI::App& command);

}  // namespace affectsr::cli
