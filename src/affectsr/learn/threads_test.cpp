#include "affectsr/learn/threads.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <thread>

#include "affectsr/base/error.h"

extern "C" int openblas_get_num_threads() __attribute__((weak));

namespace affectsr {
namespace {

TEST(Threads, ANewThreadKeepsToTheNumberThatWasSet) {
    set_libtorch_threads(1);
    EXPECT_EQ(at::get_num_threads(), 1);
    int seen = 0;
    std::thread([&seen] {
        at::parallel_for(0, 2, 1, [](std::int64_t, std::int64_t) {});  // LibTorch looks at the number when first used
        seen = at::get_num_threads();
    }).join();
    EXPECT_EQ(seen, 1);
}

TEST(Threads, TheMatrixLibraryKeepsToItToo) {
    if (!openblas_get_num_threads) GTEST_SKIP() << "LibTorch's BLAS is not OpenBLAS here";
    for (const int count : {2, 1}) {
        set_libtorch_threads(count);
        EXPECT_EQ(openblas_get_num_threads(), count);
    }
}

TEST(Threads, NoThreadIsABug) {
    EXPECT_THROW(set_libtorch_threads(0), Bug);
}

}  // namespace
}  // namespace affectsr
