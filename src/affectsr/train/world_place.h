// Where this process stands among those that train together, by the variables that torchrun sets.
#pragma once

#include <functional>
#include <string>

#include "affectsr/base/fields.h"

namespace affectsr {

/// How long the processes of a run wait for each other.
struct WorldOptions {
    int lost_after_s = 20;
    int join_within_s = 300;
    void fields(auto&& f) {
        f("lost_after_s", lost_after_s,
          "seconds without a sign of life after which a process of the run counts as lost", Range{1, 86400});
        f("join_within_s", join_within_s, "seconds within which all processes of a run must have come",
          Range{1, 86400});
    }
};

/// One process's place. A size of 1 is a process by itself, and then nothing else counts.
struct WorldPlace {
    int rank = 0, size = 1;
    int local_rank = 0;         ///< which GPU of its machine it takes, if there are any
    std::string address;        ///< where the processes meet: host of rank 0
    int port = 0;               ///< and a free port there
    bool others_store = false;  ///< torchrun keeps the meeting point itself, and rank 0 must not
    std::string prefix;         ///< of the notes there: the attempt, where torchrun starts a run again
};

/// The value of an environment variable; null: it is not set.
using Environment = std::function<const char*(const char* name)>;

/// Of this process's environment; thread-safe as long as nobody changes it.
const char* environment_variable(const char* name);

/// Reads WORLD_SIZE, RANK, MASTER_ADDR, MASTER_PORT and LOCAL_RANK (without it the rank), and torchrun's own
/// TORCHELASTIC_USE_AGENT_STORE and TORCHELASTIC_RESTART_COUNT. Without WORLD_SIZE, or if it is 1: a process by itself.
/// Throws UsageError (`bad_world`) naming the variable and its value.
WorldPlace world_place(const Environment& environment = environment_variable);

}  // namespace affectsr
