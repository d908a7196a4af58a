// Adds up what stages of a path take.
#pragma once

#include <chrono>

namespace affectsr {

/// Adds the wall-clock milliseconds of its life to a total.
class Stopwatch {
 public:
    explicit Stopwatch(double& total_ms) : total_ms_(total_ms), start_(std::chrono::steady_clock::now()) {}
    ~Stopwatch() {
        total_ms_ += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
    }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

 private:
    double& total_ms_;
    std::chrono::steady_clock::time_point start_;
};

/// What `work` returns; its milliseconds are added to `stage_ms`.
template <class Work>
auto timed(double& stage_ms, Work work) {
    const Stopwatch watch(stage_ms);
    return work();
}

}  // namespace affectsr
