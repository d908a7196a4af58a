// The command `evaluate landmarks`: how far the points of faces are off.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

Action declare_landmarks(CLI::App& command);

}  // namespace affectsr::cli
