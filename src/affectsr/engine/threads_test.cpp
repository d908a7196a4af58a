#include "affectsr/engine/threads.h"

#include <gtest/gtest.h>

#include <thread>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

TEST(Threads, AreTheCallersOwn) {
    set_threads(3);
    int elsewhere = 0;
    std::thread([&] { elsewhere = threads(); }).join();
    EXPECT_EQ(threads(), 3);
    EXPECT_EQ(elsewhere, 1);
    EXPECT_THROW(set_threads(0), Bug);
    set_threads(1);
}

TEST(Threads, AreNoMoreThanHaveWork) {
    set_threads(4);
    EXPECT_EQ(threads_for(0), 1);
    EXPECT_EQ(threads_for(600'000'000), 1) << "one face of small_net";
    EXPECT_EQ(threads_for(5'000'000'000), 2);
    EXPECT_EQ(threads_for(14'600'000'000), 4) << "one face of an RRDB of eight blocks";
    set_threads(1);
}

}  // namespace
}  // namespace affectsr
