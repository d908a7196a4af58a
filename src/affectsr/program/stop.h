// Turns SIGINT and SIGTERM into a std::stop_token.
#pragma once

#include <stop_token>
#include <thread>

namespace affectsr::cli {

/// While it lives, the first SIGINT or SIGTERM of the process requests a stop: the run finishes the item at hand,
/// writes what it has and ends. A second signal ends the process at once. At most one at a time (Bug otherwise); the
/// handlers of before come back with the destructor.
class Stop {
 public:
    Stop();
    ~Stop();
    Stop(const Stop&) = delete;
    Stop& operator=(const Stop&) = delete;

    std::stop_token token() const { return source_.get_token(); }
    /// 130 after SIGINT, 143 after SIGTERM, 0 while nobody has asked to stop.
    int exit_code() const;
    /// "SIGINT", "SIGTERM" or "".
    const char* signal_name() const;

 private:
    std::stop_source source_;
    std::thread watcher_;  ///< request_stop() is not allowed inside a signal handler, so a thread makes the call
};

}  // namespace affectsr::cli
