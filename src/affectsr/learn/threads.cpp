#include "affectsr/learn/threads.h"

#include <ATen/Parallel.h>

#include "affectsr/base/error.h"

namespace affectsr {

void set_libtorch_threads(int count) {
    AFFECTSR_EXPECT(count >= 1, "an operation needs a thread");
    at::set_num_threads(count);
}

}  // namespace affectsr
