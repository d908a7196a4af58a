// How many cores one call to a network is spread over.
#pragma once

#include <cstdint>

namespace affectsr {

/// Sets the number of cores (at least 1) that classifiers and restorers spread one call over, for the calling thread; a
/// thread that set none uses 1: who works on several pictures at once has the pictures as parallelism. Answers do not
/// depend on it. Throws Bug for fewer than 1.
void set_threads(int count);
/// What the calling thread set.
int threads();
/// So many of threads() as have 2·10⁹ of `flops` each to compute, at least 1: for less, waking another core costs more
/// than it saves, and where another library's threads wait by spinning, much more.
int threads_for(std::int64_t flops);

}  // namespace affectsr
