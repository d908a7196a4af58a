#include "affectsr/base/test_cost.h"

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <new>
#include <string>

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
// In place of the library's, for the whole test program; its new[] calls this one.
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

}  // namespace affectsr
