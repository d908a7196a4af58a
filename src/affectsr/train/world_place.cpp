#include "affectsr/train/world_place.h"

#include <charconv>
#include <cstdlib>
#include <cstring>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr int kMostProcesses = 4096;

[[noreturn]] void refuse(const std::string& what) {
    throw UsageError(what +
                         " (torchrun sets RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT; without WORLD_SIZE a process "
                         "trains by itself)",
                     "bad_world");
}

/// The variables of one environment, with the errors that name them.
class Variables {
 public:
    explicit Variables(const Environment& environment) : environment_(environment) {}

    std::string text(const char* name) const {
        const char* const value = environment_(name);
        if (value == nullptr) refuse(std::string(name) + " is not set, but WORLD_SIZE=" + environment_("WORLD_SIZE"));
        if (*value == '\0') refuse(std::string(name) + " is empty");
        return value;
    }
    int number(const char* name, int least, int most) const {
        const std::string value = text(name);
        int number = 0;
        const auto read = std::from_chars(value.data(), value.data() + value.size(), number);
        if (read.ec != std::errc{} || read.ptr != value.data() + value.size() || number < least || number > most)
            refuse(std::string(name) + "=" + value + " is no whole number from " + std::to_string(least) + " to " +
                   std::to_string(most));
        return number;
    }
    bool has(const char* name) const { return environment_(name) != nullptr; }

 private:
    const Environment& environment_;
};

}  // namespace

const char* environment_variable(const char* name) {
    return std::getenv(name);
}

WorldPlace world_place(const Environment& environment) {
    const Variables variables(environment);
    WorldPlace place;
    if (!variables.has("WORLD_SIZE")) return place;
    place.size = variables.number("WORLD_SIZE", 1, kMostProcesses);
    if (place.size == 1) return place;
    place.rank = variables.number("RANK", 0, place.size - 1);
    place.address = variables.text("MASTER_ADDR");
    place.port = variables.number("MASTER_PORT", 1, 65535);
    place.local_rank = variables.has("LOCAL_RANK") ? variables.number("LOCAL_RANK", 0, kMostProcesses) : place.rank;
    place.others_store =
        variables.has("TORCHELASTIC_USE_AGENT_STORE") && variables.text("TORCHELASTIC_USE_AGENT_STORE") == "True";
    if (place.others_store)
        place.prefix = "attempt_" +
                       std::to_string(variables.has("TORCHELASTIC_RESTART_COUNT")
                                          ? variables.number("TORCHELASTIC_RESTART_COUNT", 0, 1 << 30)
                                          : 0) +
                       "/";
    return place;
}

}  // namespace affectsr
