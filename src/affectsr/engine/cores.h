// How work is spread over the processor's cores.
#pragma once

#include <omp.h>

#include <cstddef>

namespace affectsr::engine {

/// While it lives, oneDNN makes primitives for `count` threads and lets none use more. Of the calling thread alone.
class ThreadCount {
 public:
    explicit ThreadCount(int count) : before_(omp_get_max_threads()) { omp_set_num_threads(count); }
    ~ThreadCount() { omp_set_num_threads(before_); }
    ThreadCount(const ThreadCount&) = delete;
    ThreadCount& operator=(const ThreadCount&) = delete;

 private:
    int before_;
};

/// A thread's part of 0…count within a parallel region.
struct Stretch {
    std::size_t begin, end;
};
inline Stretch own_stretch(std::size_t count) {
    const auto all = static_cast<std::size_t>(omp_get_num_threads());
    const auto self = static_cast<std::size_t>(omp_get_thread_num());
    return {count * self / all, count * (self + 1) / all};
}

/// Calls work(begin, end) for parts of 0…count, one part a thread.
template <class Work>
void spread(int threads, std::size_t count, const Work& work) {
    if (threads <= 1 || count < 2) return work(std::size_t{0}, count);
#pragma omp parallel num_threads(threads)
    {
        const Stretch own = own_stretch(count);
        if (own.begin < own.end) work(own.begin, own.end);
    }
}

}  // namespace affectsr::engine
