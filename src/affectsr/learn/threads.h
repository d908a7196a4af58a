// How many threads LibTorch uses inside one operation.
#pragma once

namespace affectsr {

/// Sets the number of threads (at least 1) that one LibTorch operation is spread over, its BLAS's included (OpenBLAS),
/// for the calling thread and for threads that have not yet called LibTorch. A program that works on several pictures
/// at once sets 1: the pictures are the parallelism, and results do not depend on how sums are split. Throws Bug for
/// fewer than 1.
void set_libtorch_threads(int count);

}  // namespace affectsr
