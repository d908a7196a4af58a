// Works on several items at once and hands the results over in the order of the items.
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>

namespace affectsr::cli {

/// What is left to do with a finished item, on the caller's thread.
using Delivery = std::function<void()>;

/// Calls `work(i)` for 0 ≤ i < count on `threads` threads of its own, and the deliveries they return on the caller's
/// thread, strictly in the order of i. No item is begun `2 · threads` or more ahead of what is delivered, so memory
/// stays bounded however slow the reader is. After a request to stop no item is begun; those at hand are finished and
/// delivered. What `work` or a delivery throws ends the run: earlier items are delivered, then it is thrown again. The
/// threads live as long as the call, because LibTorch's memory grows with every new thread that uses it
/// (pytorch#64412). Returns how many were delivered.
std::size_t in_order(std::size_t count, int threads, std::stop_token stop,
                     const std::function<Delivery(std::size_t)>& work);

}  // namespace affectsr::cli
