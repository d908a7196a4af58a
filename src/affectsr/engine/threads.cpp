#include "affectsr/engine/threads.h"

#include <algorithm>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

thread_local int cores = 1;

}  // namespace

void set_threads(int count) {
    AFFECTSR_EXPECT(count >= 1, "an operation needs a thread");
    cores = count;
}

int threads() {
    return cores;
}

int threads_for(std::int64_t flops) {
    constexpr std::int64_t kWorthACore = 2'000'000'000;  // 10 ms and more of most cores
    return static_cast<int>(std::clamp<std::int64_t>(flops / kWorthACore, 1, cores));
}

}  // namespace affectsr
