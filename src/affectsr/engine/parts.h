// How a batch is parted among programs and cores.
#pragma once

#include <algorithm>
#include <vector>

namespace affectsr::engine {

/// A stretch of a batch's pictures.
struct Part {
    int first, count;
};

/// Whole passes first, then ever smaller powers of two, so that few sizes are ever compiled.
inline void part_up(int count, int largest, std::vector<Part>& parts) {
    parts.clear();
    for (int first = 0; first < count;) {
        while (largest > count - first) largest /= 2;
        parts.push_back({first, largest});
        first += largest;
    }
}

/// The parts of a batch and how many cores each gets: one picture is spread over all of them, many get one each.
inline int part_up_for(int count, int pictures_per_pass, int threads, std::vector<Part>& parts) {
    const bool spread = threads == 1 || count < threads;
    part_up(count, spread ? pictures_per_pass : std::min(pictures_per_pass, count / threads), parts);
    return spread ? threads : 1;
}

}  // namespace affectsr::engine
