#include "affectsr/program/stop.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>

#include "affectsr/base/error.h"

namespace affectsr::cli {

namespace {

// A handler can reach only globals; these belong to the one living Stop.
std::atomic<bool> g_alive{false};
volatile sig_atomic_t g_signal = 0;
int g_pipe[2] = {-1, -1};
struct sigaction g_before_int, g_before_term;

extern "C" void on_stop_signal(int signal) {
    if (g_signal != 0) _exit(128 + signal);
    g_signal = signal;
    const int saved = errno;
    const char byte = 's';
    [[maybe_unused]] const auto written = write(g_pipe[1], &byte, 1);
    errno = saved;
}

}  // namespace

Stop::Stop() {
    AFFECTSR_EXPECT(!g_alive.exchange(true), "two Stop objects at once");
    g_signal = 0;
    if (pipe2(g_pipe, O_CLOEXEC) != 0) {
        g_alive = false;
        throw ResourceError("no_descriptors",
                            "cannot open a pipe for signals; raise the limit of open files (ulimit -n)");
    }
    watcher_ = std::thread([this] {
        char byte = 0;
        while (read(g_pipe[0], &byte, 1) < 0 && errno == EINTR) {
        }
        if (byte == 's') source_.request_stop();
    });
    struct sigaction action = {};
    action.sa_handler = on_stop_signal;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, &g_before_int);
    sigaction(SIGTERM, &action, &g_before_term);
}

Stop::~Stop() {
    sigaction(SIGINT, &g_before_int, nullptr);
    sigaction(SIGTERM, &g_before_term, nullptr);
    const char byte = 'e';
    [[maybe_unused]] const auto written = write(g_pipe[1], &byte, 1);
    watcher_.join();
    close(g_pipe[0]);
    close(g_pipe[1]);
    g_alive = false;
}

int Stop::exit_code() const {
    return g_signal == 0 ? 0 : 128 + g_signal;
}

const char* Stop::signal_name() const {
    return g_signal == 0 ? "" : (g_signal == SIGINT ? "SIGINT" : "SIGTERM");
}

}  // namespace affectsr::cli
