#include "affectsr/engine/program_cache.h"

#include <utility>

namespace affectsr::engine {

ProgramCache::ProgramCache(Compile compile, ProgramCacheLimits limits)
    : compile_(std::move(compile)), limits_(limits) {}

std::shared_ptr<ProgramCache::Entry> ProgramCache::entry_for(int count, const std::vector<InputSize>& sizes,
                                                             int threads) {
    const std::shared_ptr<Entry> entry = find_or_add(count, sizes, threads);
    const std::lock_guard alone(entry->compiling);
    if (!entry->program) entry->program = std::make_shared<const Program>(compile_(entry->target));
    return entry;
}

void ProgramCache::reserve(Entry& entry, std::size_t players) {
    const auto waiting = [&] {
        const std::lock_guard lock(mutex_);
        return entry.idle.size();
    };
    for (std::size_t made = waiting(); made < players; ++made)
        give_back(entry, std::make_unique<Player>(entry.program));
}

std::unique_ptr<Player> ProgramCache::take(Entry& entry) {
    std::unique_ptr<Player> other;
    {
        const std::lock_guard lock(mutex_);
        if (!entry.idle.empty()) {
            std::unique_ptr<Player> player = std::move(entry.idle.back());
            entry.idle.pop_back();
            return player;
        }
        if (!entry.played) other = replaced_by(entry.program->scratch_bytes);
        entry.played = true;
    }
    return other ? std::make_unique<Player>(entry.program, other->take_memory())
                 : std::make_unique<Player>(entry.program);
}

void ProgramCache::give_back(Entry& entry, std::unique_ptr<Player> player) {
    const std::lock_guard lock(mutex_);
    if (entry.kept && entry.idle.size() < limits_.idle_players) entry.idle.push_back(std::move(player));
    let_go();
}

std::size_t ProgramCache::programs() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
}

std::size_t ProgramCache::idle_bytes() const {
    const std::lock_guard lock(mutex_);
    return all_idle_bytes();
}

std::shared_ptr<ProgramCache::Entry> ProgramCache::find_or_add(int count, const std::vector<InputSize>& sizes,
                                                               int threads) {
    const std::lock_guard lock(mutex_);
    for (const auto& one : entries_)
        if (one->target.count == count && one->target.threads == threads && one->target.sizes == sizes) {
            one->used = ++clock_;
            return one;
        }
    if (entries_.size() >= limits_.programs) {
        const auto oldest = least_recent(entries_);
        (*oldest)->kept = false;
        (*oldest)->idle.clear();
        entries_.erase(oldest);
    }
    auto made = std::make_shared<Entry>();
    made->target = {count, sizes, threads};
    made->idle.reserve(limits_.idle_players);
    made->used = ++clock_;
    entries_.push_back(made);
    return made;
}

std::unique_ptr<Player> ProgramCache::replaced_by(std::size_t bytes) {
    Entry* from = nullptr;
    std::size_t least = limits_.most_replaced * bytes + 1;
    for (const auto& one : entries_)
        if (!one->idle.empty() && one->idle.back()->memory_bytes() >= bytes && one->idle.back()->memory_bytes() < least)
            from = one.get(), least = one->idle.back()->memory_bytes();
    if (from == nullptr) return nullptr;
    std::unique_ptr<Player> player = std::move(from->idle.back());
    from->idle.pop_back();
    return player;
}

std::size_t ProgramCache::all_idle_bytes() const {
    std::size_t bytes = 0;
    for (const auto& one : entries_)
        for (const auto& player : one->idle) bytes += player->memory_bytes();
    return bytes;
}

void ProgramCache::let_go() {
    for (std::size_t idle = all_idle_bytes(); idle > limits_.idle_bytes;) {
        Entry* oldest = nullptr;
        for (const auto& one : entries_)
            if (!one->idle.empty() && (oldest == nullptr || one->used < oldest->used)) oldest = one.get();
        idle -= oldest->idle.back()->memory_bytes();
        oldest->idle.pop_back();
    }
}

}  // namespace affectsr::engine
