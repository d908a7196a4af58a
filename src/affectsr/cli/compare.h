// `affectsr compare`: did a restoration change the expressions?
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

extern const char* const kCompareExamples;
Action declare_compare(CLI::App& command);

}  // namespace affectsr::cli
