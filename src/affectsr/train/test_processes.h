// Runs a piece of a test in several processes that train together.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "affectsr/base/error.h"
#include "affectsr/learn/threads.h"
#include "affectsr/train/test_port.h"
#include "affectsr/train/world.h"

namespace affectsr {

/// How a process of a test ended.
struct ProcessEnd {
    int exit_code = -1;  ///< that of its error; 128 + signal if a signal ended it
    std::string said;    ///< what its body returned, or "code: message" of its error
};

/// Runs `body` once for each place, each in a process of its own, and waits for all.
inline std::vector<ProcessEnd> in_processes(const std::vector<WorldPlace>& places,
                                            const std::function<std::string(const WorldPlace&)>& body) {
    set_libtorch_threads(1);  // a pool of threads does not live on in a child
    std::vector<std::pair<pid_t, int>> children;
    for (const WorldPlace& place : places) {
        int pipe_ends[2];
        if (::pipe(pipe_ends) != 0) std::abort();
        const pid_t child = ::fork();
        if (child == 0) {
            ::close(pipe_ends[0]);
            int code = 0;
            std::string said;
            try {
                said = body(place);
            } catch (const Error& error) {
                code = error.exit_code();
                said = error.code() + ": " + error.what();
            } catch (const std::exception& error) {
                code = 1;
                said = error.what();
            }
            const auto size = static_cast<ssize_t>(said.size());
            ::_exit(::write(pipe_ends[1], said.data(), said.size()) == size ? code : 99);
        }
        ::close(pipe_ends[1]);
        children.emplace_back(child, pipe_ends[0]);
    }
    std::vector<ProcessEnd> ends;
    for (const auto& [child, pipe_end] : children) {
        ProcessEnd end;
        char buffer[4096];
        for (ssize_t size; (size = ::read(pipe_end, buffer, sizeof buffer)) > 0;)
            end.said.append(buffer, static_cast<std::size_t>(size));
        ::close(pipe_end);
        int status = 0;
        ::waitpid(child, &status, 0);
        end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        ends.push_back(end);
    }
    return ends;
}

/// The places of `size` processes that meet at a free port.
inline std::vector<WorldPlace> places_of(int size) {
    std::vector<WorldPlace> places(static_cast<std::size_t>(size));
    const int port = free_port();
    for (int rank = 0; rank < size; ++rank) {
        WorldPlace& place = places[static_cast<std::size_t>(rank)];
        place.rank = place.local_rank = rank;
        place.size = size;
        place.address = "127.0.0.1";
        place.port = port;
    }
    return places;
}

}  // namespace affectsr
