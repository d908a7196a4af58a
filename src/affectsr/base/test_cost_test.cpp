#include "affectsr/base/test_cost.h"

#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "affectsr/base/error.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kCounted = false;
#else
constexpr bool kCounted = true;
#endif

namespace {

std::atomic<std::size_t> allocations = 0, allocated_bytes = 0;

}  // namespace

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
// In place of the library's, for this whole test program; its new[] calls this one.
void* operator new(std::size_t bytes) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    allocated_bytes.fetch_add(bytes, std::memory_order_relaxed);
    if (void* memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
#endif

namespace affectsr {

namespace {

long status_kib(const std::string& field) {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(field)) return std::stol(line.substr(line.find(':') + 1));
    return 0;
}

}  // namespace

bool costs_are_counted() {
    return kCounted;
}

Cost cost_of_refusing(const std::function<void()>& act) {
    Cost cost;
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) return cost;
    ::malloc_trim(0);  // memory that was let go before must not hide what is taken
    const pid_t child = ::fork();
    if (child == 0) {
        const long before = status_kib("VmRSS");  // a forked process's peak begins at what it holds
        const std::size_t calls = allocations, bytes = allocated_bytes;
        try {
            act();
        } catch (const ModelError&) {
            cost.refused = true;
        } catch (...) {
            cost.refused = false;  // out of memory, a bug: no refusal
        }
        cost.allocations = allocations - calls;
        cost.allocated_bytes = allocated_bytes - bytes;
        cost.resident_kib = status_kib("VmHWM") - before;
        const bool told = ::write(ends[1], &cost, sizeof cost) == static_cast<ssize_t>(sizeof cost);
        ::_exit(told ? 0 : 1);
    }
    ::close(ends[1]);
    Cost told;
    if (child > 0 && ::read(ends[0], &told, sizeof told) == static_cast<ssize_t>(sizeof told)) cost = told;
    ::close(ends[0]);
    if (child > 0) ::waitpid(child, nullptr, 0);
    return cost;
}

namespace {

TEST(TestCost, CountsWhatIsAllocatedAndTouched) {
    if (!costs_are_counted()) GTEST_SKIP() << "a sanitizer counts for itself";
    const Cost nothing = cost_of_refusing([] { throw ModelError("x", "y"); });
    EXPECT_TRUE(nothing.refused);
    const Cost much = cost_of_refusing([] {
        std::vector<std::unique_ptr<char[]>> blocks;
        for (int i = 0; i < 1000; ++i) blocks.emplace_back(new char[16384]());
        throw ModelError("x", "y");
    });
    EXPECT_GE(much.allocations, nothing.allocations + 1000);
    EXPECT_GE(much.allocated_bytes, nothing.allocated_bytes + 16384000);
    EXPECT_GE(much.resident_kib, nothing.resident_kib + 14000);
}

TEST(TestCost, KnowsARefusalFromEverythingElse) {
    EXPECT_FALSE(cost_of_refusing([] {}).refused);
    EXPECT_FALSE(cost_of_refusing([] { throw std::bad_alloc(); }).refused);
    EXPECT_FALSE(cost_of_refusing([] { ::_exit(0); }).refused);
}

}  // namespace
}  // namespace affectsr
