// What an act costs in work and memory, counted, never timed: the counts are those of a fast and a slow machine alike.
#pragma once

#include <cstddef>
#include <functional>

namespace affectsr {

/// What a refusal cost.
struct Cost {
    bool refused = false;             ///< ModelError was thrown
    long resident_kib = 0;            ///< peak of resident memory, pages of mapped files included, over that before
    std::size_t allocations = 0;      ///< calls of operator new
    std::size_t allocated_bytes = 0;  ///< by all of them together, freed or not
};

/// Whether this build counts; a sanitizer brings an operator new and memory of its own.
bool costs_are_counted();

/// Runs `act` in a forked process. A default Cost (not refused) if that ended in another way than by ModelError.
Cost cost_of_refusing(const std::function<void()>& act);

}  // namespace affectsr
