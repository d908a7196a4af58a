// `affectsr bench`: how fast networks play here.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

extern const char* const kBenchExamples;
Action declare_bench(CLI::App& command);

}  // namespace affectsr::cli
