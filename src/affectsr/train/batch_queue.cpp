#include "affectsr/train/batch_queue.h"

#include <algorithm>

#include "affectsr/base/error.h"

namespace affectsr {

BatchQueue::BatchQueue(const SampleSource& source, Share share, std::uint64_t first, std::uint64_t last, int threads)
    : source_(source),
      share_(share),
      handed_out_(first),
      wanted_(first),
      last_(last),
      ahead_(static_cast<std::uint64_t>(threads) + 2) {
    for (int i = 0; i < std::max(threads, 1); ++i) workers_.emplace_back([this] { work(); });
}

BatchQueue::~BatchQueue() {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    changed_.notify_all();
}

void BatchQueue::work() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [&] { return stop_ || failure_ || wanted_ >= last_ || wanted_ < handed_out_ + ahead_; });
        if (stop_ || failure_ || wanted_ >= last_) return;
        const std::uint64_t step = wanted_++;
        lock.unlock();
        Batch batch;
        std::exception_ptr failure;
        try {
            const std::uint64_t epoch_steps = source_.steps_per_epoch();
            batch = source_.at({step / epoch_steps, step % epoch_steps}, share_);
        } catch (...) {
            failure = std::current_exception();
        }
        lock.lock();
        if (failure)
            failure_ = failure;
        else
            ready_[step] = std::move(batch);
        changed_.notify_all();
    }
}

Batch BatchQueue::next() {
    std::unique_lock lock(mutex_);
    AFFECTSR_EXPECT(handed_out_ < last_, "all batches have been given out");
    changed_.wait(lock, [&] { return failure_ || ready_.contains(handed_out_); });
    if (failure_) std::rethrow_exception(failure_);
    Batch batch = std::move(ready_.extract(handed_out_).mapped());
    ++handed_out_;
    changed_.notify_all();
    return batch;
}

}  // namespace affectsr
