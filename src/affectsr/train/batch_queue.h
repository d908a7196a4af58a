// Prepares the next batches while the network learns from this one.
#pragma once

#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "affectsr/train/sample_source.h"

namespace affectsr {

/// One rank's share of the batches of steps [first, last) of a run in their order, prepared by worker threads a few
/// steps ahead. The order and content do not depend on the number of threads. next() may be called from one thread.
class BatchQueue {
 public:
    BatchQueue(const SampleSource& source, Share share, std::uint64_t first, std::uint64_t last, int threads);
    ~BatchQueue();
    BatchQueue(const BatchQueue&) = delete;
    BatchQueue& operator=(const BatchQueue&) = delete;
    /// The batch of the next step; rethrows what its preparation threw. Throws Bug after the last.
    Batch next();

 private:
    void work();

    const SampleSource& source_;
    Share share_;
    std::uint64_t handed_out_, wanted_, last_;  ///< next step to give, next to prepare, end
    std::uint64_t ahead_;
    std::map<std::uint64_t, Batch> ready_;
    std::exception_ptr failure_;
    bool stop_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::jthread> workers_;  // last: joined before what they use is gone
};

}  // namespace affectsr
