#include "affectsr/cli/in_order.h"

#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace affectsr::cli {

namespace {

class Line {
 public:
    Line(std::size_t count, int threads, std::stop_token stop, const std::function<Delivery(std::size_t)>& work)
        : count_(count), ahead_(2 * static_cast<std::size_t>(threads)), stop_(std::move(stop)), work_(work) {
        for (int i = 0; i < threads; ++i) workers_.emplace_back([this] { run(); });
    }
    ~Line() {
        {
            const std::lock_guard lock(mutex_);
            ended_ = true;
        }
        changed_.notify_all();  // the workers are joined as the first member to go
    }

    std::size_t deliver_all() {
        std::unique_lock lock(mutex_);
        while (wait_for_next(lock)) {
            Delivery deliver = std::move(ready_.extract(delivered_).mapped());
            lock.unlock();
            deliver();
            deliver = nullptr;  // lets go of the result before the next item may begin
            lock.lock();
            ++delivered_;
            changed_.notify_all();
        }
        return delivered_;
    }

 private:
    /// Whether there is an item to deliver, now or when a worker has finished it.
    bool wait_for_next(std::unique_lock<std::mutex>& lock) {
        const auto is_ready = [&] { return ready_.contains(delivered_); };
        changed_.wait(lock, stop_, [&] { return is_ready() || delivered_ == count_; });
        // Items are begun in order, so after a stop those begun are a stretch without gaps: all of it is delivered.
        if (!is_ready() && delivered_ < begun_) changed_.wait(lock, is_ready);
        return is_ready();
    }

    void run() {
        std::unique_lock lock(mutex_);
        for (;;) {
            changed_.wait(lock, stop_, [&] { return ended_ || begun_ == count_ || begun_ < delivered_ + ahead_; });
            if (ended_ || begun_ == count_ || stop_.stop_requested()) return;
            const std::size_t i = begun_++;
            lock.unlock();
            Delivery deliver;
            bool failed = false;
            try {
                deliver = work_(i);
            } catch (...) {
                failed = true;
                deliver = [failure = std::current_exception()] { std::rethrow_exception(failure); };
            }
            lock.lock();
            ended_ = ended_ || failed;
            ready_.emplace(i, std::move(deliver));
            changed_.notify_all();
        }
    }

    const std::size_t count_, ahead_;
    const std::stop_token stop_;
    const std::function<Delivery(std::size_t)>& work_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::map<std::size_t, Delivery> ready_;
    std::size_t begun_ = 0, delivered_ = 0;
    bool ended_ = false;
    std::vector<std::jthread> workers_;  // last: joined before what they use is gone
};

}  // namespace

std::size_t in_order(std::size_t count, int threads, std::stop_token stop,
                     const std::function<Delivery(std::size_t)>& work) {
    return Line(count, threads, std::move(stop), work).deliver_all();
}

}  // namespace affectsr::cli
