#include "affectsr/learn/threads.h"

#include <ATen/Parallel.h>

#include "affectsr/base/error.h"

/// OpenBLAS's own, where LibTorch's BLAS is OpenBLAS (Debian's libopenblas0-pthread): its threads are not LibTorch's,
/// and by default it takes all cores for every product and decomposition.
extern "C" void openblas_set_num_threads(int count) __attribute__((weak));

namespace affectsr {

void set_libtorch_threads(int count) {
    AFFECTSR_EXPECT(count >= 1, "an operation needs a thread");
    at::set_num_threads(count);
    if (openblas_set_num_threads) openblas_set_num_threads(count);
}

}  // namespace affectsr
