// What this processor reaches at most: the peak that shares are told of.
#pragma once

#include "affectsr/plan/precision.h"

namespace affectsr {

/// The largest rate that oneDNN's matrix products of 512³, 1024³ and 2048³ reach here with `threads` threads, medians
/// of `runs`, in GFLOP/s. Throws UsageError (`no_engine`) where the engine is not built in.
double measured_peak_gflops(Precision precision, int threads, int runs = 9);

}  // namespace affectsr
