// `affectsr-train bench`: how fast networks play here, against LibTorch.
#pragma once

#include "affectsr/program/command.h"

namespace affectsr::cli {

extern const char* const kPeerBenchExamples;
/// The measurement of `affectsr bench` with LibTorch as its peer, unless --against says otherwise.
Action declare_peer_bench(CLI::App& command);

}  // namespace affectsr::cli
