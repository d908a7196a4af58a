#include "affectsr/engine/lives.h"

#include <algorithm>
#include <utility>

namespace affectsr::engine {

std::size_t place(std::vector<Life>& values, std::size_t begin) {
    std::vector<Life*> homes;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const Life& life = values[i];
        if (life.made < 0) continue;
        Life& home = values[static_cast<std::size_t>(life.home)];
        home.bytes = std::max(home.bytes, life.bytes);
        home.last = std::max({home.last, life.last, life.made});
        if (&home == &life) homes.push_back(&home);
    }
    std::stable_sort(homes.begin(), homes.end(), [](const Life* a, const Life* b) { return a->bytes > b->bytes; });
    std::vector<const Life*> placed;
    std::size_t end = begin;
    for (Life* const home : homes) {
        std::vector<std::pair<std::size_t, std::size_t>> taken;
        for (const Life* const other : placed)
            if (other->made <= home->last && home->made <= other->last)
                taken.emplace_back(other->offset, other->offset + other->bytes);
        std::sort(taken.begin(), taken.end());
        home->offset = begin;
        for (const auto& [from, to] : taken) {
            if (home->offset + home->bytes <= from) break;
            home->offset = std::max(home->offset, to);
        }
        end = std::max(end, home->offset + home->bytes);
        placed.push_back(home);
    }
    return end;
}

}  // namespace affectsr::engine
