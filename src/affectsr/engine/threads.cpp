#include "affectsr/engine/threads.h"

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

}  // namespace affectsr
