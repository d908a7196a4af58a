#include "affectsr/cli/in_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace affectsr::cli {
namespace {

std::vector<std::size_t> up_to(std::size_t n) {
    std::vector<std::size_t> numbers(n);
    for (std::size_t i = 0; i < n; ++i) numbers[i] = i;
    return numbers;
}

TEST(InOrder, ResultsComeInTheOrderOfTheItemsForAnyNumberOfThreads) {
    for (const int threads : {1, 2, 5}) {
        std::vector<std::size_t> delivered;
        const std::size_t n = in_order(40, threads, {}, [&](std::size_t i) -> Delivery {
            if (i % 7 == 0)
                std::this_thread::sleep_for(std::chrono::milliseconds(2));  // slow ones must not be overtaken
            return [&delivered, i] { delivered.push_back(i); };
        });
        EXPECT_EQ(n, 40u);
        EXPECT_EQ(delivered, up_to(40));
    }
}

TEST(InOrder, NothingToDoIsDoneAtOnce) {
    EXPECT_EQ(in_order(0, 3, {}, [](std::size_t) -> Delivery { throw std::logic_error("called"); }), 0u);
}

TEST(InOrder, WorkersStayCloseToASlowReader) {
    std::atomic<std::size_t> begun = 0;
    std::size_t delivered = 0, farthest = 0;
    in_order(60, 2, {}, [&](std::size_t) -> Delivery {
        ++begun;
        return [&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
            farthest = std::max(farthest, begun - delivered);
            ++delivered;
        };
    });
    EXPECT_LE(farthest, 4u);
}

TEST(InOrder, AfterAStopWhatWasBegunIsDeliveredAndNothingMore) {
    std::stop_source stop;
    std::atomic<std::size_t> begun = 0;
    std::vector<std::size_t> delivered;
    const std::size_t n = in_order(1000, 3, stop.get_token(), [&](std::size_t i) -> Delivery {
        ++begun;
        if (i == 10) stop.request_stop();
        return [&delivered, i] { delivered.push_back(i); };
    });
    EXPECT_EQ(n, begun);
    EXPECT_LT(n, 1000u);
    EXPECT_GT(n, 10u);
    EXPECT_EQ(delivered, up_to(n));
}

TEST(InOrder, AStopBeforeTheStartDoesNothing) {
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(in_order(5, 2, stop.get_token(), [](std::size_t) -> Delivery { return [] {}; }), 0u);
}

TEST(InOrder, AFailureIsThrownAfterTheItemsBeforeItAreDelivered) {
    std::vector<std::size_t> delivered;
    EXPECT_THROW(in_order(100, 4, {},
                          [&](std::size_t i) -> Delivery {
                              if (i == 20) throw std::runtime_error("item 20");
                              return [&delivered, i] { delivered.push_back(i); };
                          }),
                 std::runtime_error);
    EXPECT_EQ(delivered, up_to(20));
}

TEST(InOrder, AFailedDeliveryEndsTheRun) {
    std::atomic<std::size_t> begun = 0;
    EXPECT_THROW(in_order(1000, 2, {},
                          [&](std::size_t i) -> Delivery {
                              ++begun;
                              return [i] {
                                  if (i == 3) throw std::runtime_error("disk full");
                              };
                          }),
                 std::runtime_error);
    EXPECT_LE(begun, 8u);
}

}  // namespace
}  // namespace affectsr::cli
