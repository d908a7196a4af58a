// The programs of one plan that are kept, and the players of them that wait for the next call.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "affectsr/engine/program.h"

namespace affectsr::engine {

/// How much is kept.
struct ProgramCacheLimits {
    std::size_t programs = 32;                        ///< those last used
    std::size_t idle_players = 64;                    ///< of one program
    std::size_t idle_bytes = std::size_t{512} << 20;  ///< scratch memory of all idle players
    std::size_t most_replaced = 4;                    ///< times the memory that the first player of a program needs
};

/// Compiles each target once and lends players of it. Thread-safe: threads play while others compile.
class ProgramCache {
 public:
    using Compile = std::function<Program(const Target&)>;
    struct Entry;  ///< a target with its program

    /// `compile` is called once for a target that is kept, by several threads at once for several targets.
    explicit ProgramCache(Compile compile, ProgramCacheLimits limits = {});

    /// The entry of a target, compiled. One that was used before takes no memory. Throws what `compile` throws; the
    /// next call then compiles anew.
    std::shared_ptr<Entry> entry_for(int count, const std::vector<InputSize>& sizes, int threads);
    /// Makes players until so many wait, so that calls that meet later need not make them.
    void reserve(Entry& entry, std::size_t players);
    /// A player that nobody else uses; a program's first takes over the memory of an idle one of another program, if
    /// there is one with enough and not far too much: photos of ever new sizes then walk through the same memory, while
    /// sizes that take turns keep what they have.
    std::unique_ptr<Player> take(Entry& entry);
    /// Keeps the player for the next call, within the limits: beyond them goes that of the program least recently used.
    void give_back(Entry& entry, std::unique_ptr<Player> player);

    std::size_t programs() const;    ///< how many are kept
    std::size_t idle_bytes() const;  ///< scratch memory of the players that wait

 private:
    std::shared_ptr<Entry> find_or_add(int count, const std::vector<InputSize>& sizes, int threads);
    std::unique_ptr<Player> replaced_by(std::size_t bytes);
    std::size_t all_idle_bytes() const;
    void let_go();

    const Compile compile_;
    const ProgramCacheLimits limits_;
    mutable std::mutex mutex_;  ///< of all below, and of what entries say of their players
    std::vector<std::shared_ptr<Entry>> entries_;
    std::uint64_t clock_ = 0;
};

/// One target. All but `program` is the cache's own.
struct ProgramCache::Entry {
    Target target;
    std::shared_ptr<const Program> program;
    std::mutex compiling;  ///< of `program` until it is set
    std::vector<std::unique_ptr<Player>> idle;
    std::uint64_t used = 0;
    bool played = false;  ///< whether it has had a player
    bool kept = true;     ///< false: no longer in the cache
};

/// The one that was used longest ago, of at least one.
template <class Kept>
auto least_recent(std::vector<std::shared_ptr<Kept>>& all) {
    return std::min_element(all.begin(), all.end(), [](const auto& a, const auto& b) { return a->used < b->used; });
}

}  // namespace affectsr::engine
