#include "affectsr/engine/program_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <new>
#include <thread>

namespace affectsr::engine {
namespace {

const std::vector<InputSize> kSizes{{8, 8}};

constexpr std::size_t kPictureBytes = std::size_t{2} << 20;  // one large page

/// A program that does nothing and wants a page of memory for every picture.
Program idle_program(const Target& target) {
    Program program;
    program.scratch_bytes = static_cast<std::size_t>(target.count) * kPictureBytes;
    program.inputs = program.outputs = 1;
    return program;
}

/// Plays `count` pictures once and gives where the player's memory lies.
const std::byte* play(ProgramCache& cache, int count) {
    const auto entry = cache.entry_for(count, kSizes, 1);
    std::unique_ptr<Player> player = cache.take(*entry);
    const std::byte* const base = player->scratch().base;
    cache.give_back(*entry, std::move(player));
    return base;
}

TEST(ProgramCache, CompilesATargetOnce) {
    int compiled = 0;
    ProgramCache cache([&compiled](const Target& target) {
        ++compiled;
        return idle_program(target);
    });
    const auto first = cache.entry_for(1, kSizes, 1);
    EXPECT_EQ(cache.entry_for(1, kSizes, 1), first);
    EXPECT_EQ(compiled, 1);
    EXPECT_NE(cache.entry_for(2, kSizes, 1), first);
    EXPECT_NE(cache.entry_for(1, kSizes, 2), first);
    EXPECT_NE(cache.entry_for(1, {{8, 9}}, 1), first);
    EXPECT_EQ(compiled, 4);
    EXPECT_EQ(cache.programs(), 4u);
}

TEST(ProgramCache, CompilesAgainWhatCouldNotBeCompiled) {
    bool fails = true;
    ProgramCache cache([&fails](const Target& target) {
        if (fails) throw std::bad_alloc();
        return idle_program(target);
    });
    EXPECT_THROW(cache.entry_for(1, kSizes, 1), std::bad_alloc);
    fails = false;
    EXPECT_NE(cache.entry_for(1, kSizes, 1)->program, nullptr);
}

TEST(ProgramCache, ForgetsTheProgramLeastRecentlyUsed) {
    int compiled = 0;
    ProgramCache cache(
        [&compiled](const Target& target) {
            ++compiled;
            return idle_program(target);
        },
        {.programs = 2});
    play(cache, 1);
    play(cache, 2);
    play(cache, 1);
    play(cache, 3);  // 2 goes
    EXPECT_EQ(cache.programs(), 2u);
    EXPECT_EQ(compiled, 3);
    play(cache, 1);
    EXPECT_EQ(compiled, 3);
    play(cache, 2);
    EXPECT_EQ(compiled, 4);
}

TEST(ProgramCache, APlayerOfAForgottenProgramPlaysOnAndIsNotKept) {
    ProgramCache cache(idle_program, {.programs = 1});
    const auto entry = cache.entry_for(1, kSizes, 1);
    std::unique_ptr<Player> player = cache.take(*entry);
    play(cache, 2);
    const std::size_t idle = cache.idle_bytes();
    player->play();
    cache.give_back(*entry, std::move(player));
    EXPECT_EQ(cache.idle_bytes(), idle);
    EXPECT_TRUE(entry->idle.empty());
}

TEST(ProgramCache, LendsAPlayerToOneAtATime) {
    ProgramCache cache(idle_program);
    const auto entry = cache.entry_for(1, kSizes, 1);
    std::unique_ptr<Player> a = cache.take(*entry), b = cache.take(*entry);
    EXPECT_NE(a->scratch().base, b->scratch().base);
    const std::byte* const memory = a->scratch().base;
    cache.give_back(*entry, std::move(a));
    EXPECT_EQ(cache.take(*entry)->scratch().base, memory) << "the one that waits is lent again";
}

TEST(ProgramCache, ReservesPlayersBeforeTheyAreWanted) {
    ProgramCache cache(idle_program, {.idle_players = 3});
    const auto entry = cache.entry_for(1, kSizes, 1);
    cache.reserve(*entry, 2);
    EXPECT_EQ(entry->idle.size(), 2u);
    cache.reserve(*entry, 1);
    EXPECT_EQ(entry->idle.size(), 2u);
    cache.reserve(*entry, 9);
    EXPECT_EQ(entry->idle.size(), 3u) << "no more than the limit wait";
}

TEST(ProgramCache, ANewSizeTakesOverIdleMemoryThatIsEnoughAndNotFarTooMuch) {
    ProgramCache cache(idle_program);
    const std::byte* const memory = play(cache, 5);
    EXPECT_NE(play(cache, 1), memory) << "five are more than four times one";
    EXPECT_EQ(play(cache, 3), memory) << "photos of ever new sizes walk through the same memory";
    EXPECT_NE(play(cache, 6), memory) << "too little";
}

TEST(ProgramCache, SizesThatTakeTurnsKeepWhatTheyHave) {
    ProgramCache cache(idle_program);
    play(cache, 4);
    const std::byte* const of_three = play(cache, 3);  // takes over the memory of the four
    const std::byte* const of_four = play(cache, 4);
    EXPECT_NE(of_four, of_three);
    for (int turn = 0; turn < 3; ++turn) {
        EXPECT_EQ(play(cache, 3), of_three);
        EXPECT_EQ(play(cache, 4), of_four);
    }
}

TEST(ProgramCache, FreesIdleMemoryBeyondItsLimit) {
    ProgramCache cache(idle_program, {.idle_bytes = 12 * kPictureBytes, .most_replaced = 0});
    const auto old = cache.entry_for(5, kSizes, 1), recent = cache.entry_for(6, kSizes, 1);
    play(cache, 5);
    play(cache, 6);
    EXPECT_EQ(old->idle.size(), 1u);
    play(cache, 4);  // 15 in all
    EXPECT_LE(cache.idle_bytes(), 12 * kPictureBytes);
    EXPECT_TRUE(old->idle.empty()) << "that of the program least recently used goes first";
    EXPECT_EQ(recent->idle.size(), 1u);
    EXPECT_EQ(cache.programs(), 3u) << "the program itself stays";
}

TEST(ProgramCache, ThreadsPlayWhileOthersCompile) {
    std::atomic<int> compiled = 0;
    ProgramCache cache([&compiled](const Target& target) {
        ++compiled;
        return idle_program(target);
    });
    std::vector<std::thread> callers;
    for (int caller = 0; caller < 4; ++caller)
        callers.emplace_back([&cache] {
            for (int turn = 0; turn < 50; ++turn) play(cache, 1 + turn % 5);
        });
    for (std::thread& caller : callers) caller.join();
    EXPECT_EQ(compiled, 5);
    EXPECT_EQ(cache.programs(), 5u);
}

}  // namespace
}  // namespace affectsr::engine
