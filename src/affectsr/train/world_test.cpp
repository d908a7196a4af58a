#include "affectsr/train/world.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <span>

#include "affectsr/base/sha256.h"
#include "affectsr/train/test_processes.h"
#include "affectsr/train/world_backend.h"

namespace affectsr {
namespace {

/// Only those who wait for a process that was stopped need so long.
constexpr WorldOptions kPatience{5, 300};

std::string hash_of(const std::vector<at::Tensor>& tensors) {
    std::string bytes;
    for (const at::Tensor& tensor : tensors) {
        const at::Tensor values = tensor.to(at::kDouble).contiguous();
        bytes.append(static_cast<const char*>(values.data_ptr()), static_cast<std::size_t>(values.nbytes()));
    }
    return sha256_hex(std::as_bytes(std::span(bytes)));
}

void expect_all_done(const std::vector<ProcessEnd>& ends) {
    for (const ProcessEnd& end : ends) EXPECT_EQ(end.exit_code, 0) << end.said;
}

TEST(World, OneProcessIsByItself) {
    const auto world = make_world({}, {});
    EXPECT_EQ(world->size(), 1);
    EXPECT_EQ(told_by_all(*world, 7), std::vector<std::int64_t>{7});
    EXPECT_TRUE(anywhere(*world, true));
    EXPECT_FALSE(anywhere(*world, false));
}

class WorldTest : public ::testing::Test {
 protected:
    void SetUp() override {
        if (world_backend().empty()) GTEST_SKIP() << "this build has no Gloo";
    }
};

class SeveralProcesses : public WorldTest, public ::testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(World, SeveralProcesses, ::testing::Values(2, 3));

TEST_P(SeveralProcesses, AverageEveryTensorInItsPlaceAndLayoutToTheSameBits) {
    const auto ends = in_processes(places_of(GetParam()), [](const WorldPlace& place) {
        const auto world = make_world(place, kPatience);
        std::vector<at::Tensor> own;
        std::vector<at::Tensor> expected;
        const auto add = [&](const at::Tensor& base) {
            own.push_back(base * (place.rank + 1));
            expected.push_back(base * ((place.size + 1) / 2.0));
        };
        at::manual_seed(3);
        add(at::randn({2, 3, 4, 5}).contiguous(at::MemoryFormat::ChannelsLast));
        add(at::randn({7}, at::kDouble));
        add(at::randn({1}));
        add(at::randn({4}).to(at::kBFloat16));
        world->average(own);
        for (std::size_t i = 0; i < own.size(); ++i)
            if (!at::allclose(own[i], expected[i], own[i].scalar_type() == at::kBFloat16 ? 2e-2 : 1e-6))
                throw Bug("tensor " + std::to_string(i) + " is no mean");
        if (!own[0].is_contiguous(at::MemoryFormat::ChannelsLast)) throw Bug("another layout");
        return hash_of(own);
    });
    expect_all_done(ends);
    for (const ProcessEnd& end : ends) EXPECT_EQ(end.said, ends[0].said);
}

TEST_P(SeveralProcesses, HearWhatEachSays) {
    const auto ends = in_processes(places_of(GetParam()), [](const WorldPlace& place) {
        const auto world = make_world(place, kPatience);
        world->wait_for_all();
        std::string text;
        for (const std::int64_t told : told_by_all(*world, (std::int64_t{1} << 52) + place.rank))
            text += std::to_string(told - (std::int64_t{1} << 52)) + " ";
        text += anywhere(*world, place.rank == 1) ? "yes " : "no ";
        return text + (anywhere(*world, false) ? "yes" : "no");
    });
    expect_all_done(ends);
    for (const ProcessEnd& end : ends) EXPECT_EQ(end.said, GetParam() == 2 ? "0 1 yes no" : "0 1 2 yes no");
}

/// All meet once; then `victim` does `deed`, and the others want to meet again. With `end_victim` they kill it when
/// they cannot: it was stopped, and nobody else wakes it.
std::vector<ProcessEnd> meet_after(int size, int victim, const std::function<void()>& deed, bool end_victim = false) {
    return in_processes(places_of(size), [&](const WorldPlace& place) -> std::string {
        const auto world = make_world(place, kPatience);
        const std::vector<std::int64_t> processes = told_by_all(*world, ::getpid());
        if (place.rank == victim) deed();
        try {
            world->wait_for_all();
        } catch (const Error&) {
            if (end_victim) ::kill(static_cast<pid_t>(processes[static_cast<std::size_t>(victim)]), SIGKILL);
            throw;
        }
        return "met";
    });
}

void expect_lost(const ProcessEnd& end, const std::string& beginning, const std::string& part) {
    EXPECT_EQ(end.exit_code, 5);
    EXPECT_TRUE(end.said.starts_with("rank_lost: " + beginning)) << end.said;
    EXPECT_NE(end.said.find(part), std::string::npos) << end.said;
    EXPECT_NE(end.said.find("--resume"), std::string::npos) << end.said;
}

TEST_F(WorldTest, AKilledProcessIsNamedByTheOther) {
    for (const int victim : {0, 1}) {
        const auto ends = meet_after(2, victim, [] { std::raise(SIGKILL); });
        EXPECT_EQ(ends[static_cast<std::size_t>(victim)].exit_code, 128 + SIGKILL);
        // Rank 0 keeps the meeting point, whose connection breaks as well.
        expect_lost(ends[static_cast<std::size_t>(1 - victim)], "rank " + std::to_string(victim) + " (on ",
                    "connection");
    }
}

TEST_F(WorldTest, AKilledProcessIsNamedByAllOthers) {
    const auto ends = meet_after(3, 2, [] { std::raise(SIGKILL); });
    expect_lost(ends[0], "rank 2 (on ", " gave no sign of life for 5 s");
    EXPECT_EQ(ends[1].said, ends[0].said);
}

TEST_F(WorldTest, AStoppedProcessIsNamedThoughItsConnectionsAreOpen) {
    for (const int victim : {0, 1}) {
        const auto ends = meet_after(
            2, victim, [] { std::raise(SIGSTOP); }, true);
        EXPECT_EQ(ends[static_cast<std::size_t>(victim)].exit_code, 128 + SIGKILL);
        expect_lost(ends[static_cast<std::size_t>(1 - victim)], "rank " + std::to_string(victim) + " (on ",
                    " for 5 s: ");
    }
}

TEST_F(WorldTest, AnErrorOfOneEndsAllWithItsRank) {
    for (const int victim : {0, 1}) {
        const auto ends = meet_after(3, victim, [] { throw InputError("broken_pictures", "no picture"); });
        EXPECT_EQ(ends[static_cast<std::size_t>(victim)].exit_code, 3);
        for (int rank = 0; rank < 3; ++rank)
            if (rank != victim)
                expect_lost(ends[static_cast<std::size_t>(rank)], "rank " + std::to_string(victim) + " (on ",
                            "ended with an error of its own");
    }
}

std::string join(const WorldPlace& place) {
    make_world(place, {5, 3});
    return "joined";
}

TEST_F(WorldTest, WhoDoesNotComeIsNamed) {
    std::vector<WorldPlace> places = places_of(3);
    places.pop_back();
    const std::vector<ProcessEnd> two = in_processes(places, join);
    EXPECT_TRUE(
        two[0].said.starts_with("rank_lost: of the 3 processes, those of these ranks did not come to MASTER_ADDR="))
        << two[0].said;
    EXPECT_TRUE(two[0].said.ends_with("2")) << two[0].said;
    EXPECT_TRUE(two[1].said.starts_with("rank_lost: "))
        << "it ran out of time as well, or rank 0 had gone: " << two[1].said;
    const std::vector<ProcessEnd> alone = in_processes({places[1]}, join);
    EXPECT_TRUE(alone[0].said.starts_with("rank_lost: rank 0 was not met at MASTER_ADDR=127.0.0.1")) << alone[0].said;
}

TEST_F(WorldTest, TwoOfOneRankAreRefused) {
    std::vector<WorldPlace> places = places_of(3);  // of which one does not come, so that the others wait
    places[2] = places[1];
    const std::vector<ProcessEnd> ends = in_processes(places, join);
    const auto refused = [](const ProcessEnd& end) {
        return end.exit_code == 2 && end.said.starts_with("bad_world: RANK=1: another process of the run has the same");
    };
    EXPECT_EQ(std::count_if(ends.begin(), ends.end(), refused), 1) << ends[1].said << ends[2].said;
}

TEST_F(WorldTest, AnotherSizeThanThatOfRank0IsRefused) {
    std::vector<WorldPlace> places = places_of(2);
    places[1].size = 3;
    const std::vector<ProcessEnd> ends = in_processes(places, join);
    EXPECT_EQ(ends[1].said, "bad_world: WORLD_SIZE=3, but rank 0 has WORLD_SIZE=2");
}

TEST_F(WorldTest, APortThatIsTakenIsNamed) {
    const std::vector<WorldPlace> places = places_of(2);
    const auto ends = in_processes({places[0], places[0]}, join);
    const auto refused = [](const ProcessEnd& end) {
        return end.exit_code == 2 && end.said.starts_with("bad_world: MASTER_ADDR=127.0.0.1 MASTER_PORT=") &&
               end.said.find("cannot listen there") != std::string::npos;
    };
    EXPECT_EQ(std::count_if(ends.begin(), ends.end(), refused), 1) << ends[0].said << ends[1].said;
}

}  // namespace
}  // namespace affectsr
