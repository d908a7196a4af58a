#include "affectsr/train/roll_call.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <stdexcept>

namespace affectsr {
namespace {

using namespace std::chrono_literals;
using Notes = std::map<std::string, std::string>;

/// A board in memory, which its keeper may take away.
class MemoryBoard : public NoticeBoard {
 public:
    MemoryBoard(Notes& notes, const bool& gone) : notes_(notes), gone_(gone) {}
    void write(const std::string& key, const std::string& note) override {
        if (gone_) throw std::runtime_error("reset by peer");
        notes_[key] = note;
    }
    std::string read(const std::string& key) override { return notes_[key]; }

 private:
    Notes& notes_;
    const bool& gone_;
};

/// Three processes whose time the test tells.
class RollCallTest : public ::testing::Test {
 protected:
    RollCall& of(int rank) {
        auto& call = calls_[static_cast<std::size_t>(rank)];
        if (!call)
            call.emplace(std::make_unique<MemoryBoard>(notes_, gone_), rank,
                         std::vector<std::string>{"alpha", "beta", "gamma"}, "rank 0 (on alpha)", 20s);
        return *call;
    }
    /// Second by second, each of `ranks` makes its round.
    void pass(int seconds, std::initializer_list<int> ranks) {
        for (int i = 0; i < seconds; ++i) {
            now_ += 1s;
            for (const int rank : ranks) of(rank).round(now_, false);
        }
    }
    std::string loss(int rank) { return of(rank).loss(now_); }

    Notes notes_;
    bool gone_ = false;
    Silence::Clock::time_point now_{};
    std::array<std::optional<RollCall>, 3> calls_;
};

TEST_F(RollCallTest, NobodyIsMissingAsLongAsTheRoundsGoOnHoweverLongOneComputes) {
    EXPECT_EQ(loss(1), "");
    pass(3600, {0, 1, 2});  // in which nobody asks for losses
    for (const int rank : {0, 1, 2}) EXPECT_EQ(loss(rank), "");
}

TEST_F(RollCallTest, WhoGivesNoSignOfLifeIsNamedByAll) {
    pass(5, {0, 1, 2});
    pass(19, {0, 1});
    EXPECT_EQ(loss(0), "");
    pass(2, {0, 1});
    EXPECT_TRUE(loss(0).starts_with("rank 2 (on gamma) gave no sign of life for 20 s")) << loss(0);
    EXPECT_EQ(loss(1), loss(0));
}

TEST_F(RollCallTest, WhoEndsForALossIsNotTheOneThatIsBlamed) {
    pass(5, {0, 1, 2});
    pass(30, {0, 2});
    ASSERT_TRUE(loss(0).starts_with("rank 1 (on beta)"));
    of(0).leave(RollCall::Farewell::failed);
    pass(1, {0});
    pass(60, {2});
    EXPECT_EQ(loss(2), loss(0));
    pass(1, {1});
    EXPECT_EQ(loss(1), loss(0)) << "who was stopped and goes on learns it, too";
}

TEST_F(RollCallTest, AnErrorOfItsOwnIsToldAtOnce) {
    pass(5, {0, 1, 2});
    of(1).leave(RollCall::Farewell::failed);
    pass(1, {1, 2});
    EXPECT_EQ(loss(2), "rank 1 (on beta) ended with an error of its own, which its output tells");
}

TEST_F(RollCallTest, WhoIsDoneIsMissedOnlyByThoseWhoGoOn) {
    pass(5, {0, 1, 2});
    of(1).leave(RollCall::Farewell::done);
    pass(1, {1});
    pass(19, {0, 2});
    EXPECT_EQ(loss(2), "");
    pass(2, {0, 2});
    EXPECT_EQ(loss(2), "rank 1 (on beta) ended while others went on");
}

TEST_F(RollCallTest, TimeInWhichThisProcessWasStoppedItselfDoesNotCount) {
    pass(5, {0, 1, 2});
    now_ += 1h;
    of(1).round(now_, false);
    EXPECT_EQ(loss(1), "");
    pass(5, {0, 1, 2});
    EXPECT_EQ(loss(1), "");
}

TEST_F(RollCallTest, AKeeperThatIsGoneOrDoesNotAnswerIsNamed) {
    pass(5, {0, 1, 2});
    EXPECT_EQ(loss(2), "");
    for (int i = 0; i < 21; ++i) now_ += 1s, loss(2);  // its round waits for the answer
    EXPECT_TRUE(loss(2).starts_with("rank 0 (on alpha) did not answer for 20 s")) << loss(2);
    gone_ = true;
    EXPECT_FALSE(of(1).round(now_, false));
    EXPECT_EQ(loss(1), "rank 0 (on alpha) is gone: its connection broke (reset by peer)");
}

TEST_F(RollCallTest, TheKeeperStaysUntilTheOthersHaveLeft) {
    pass(5, {0, 1, 2});
    of(0).leave(RollCall::Farewell::done);
    EXPECT_TRUE(of(0).round(now_, true));
    of(1).leave(RollCall::Farewell::done);
    EXPECT_FALSE(of(1).round(now_, false));
    EXPECT_TRUE(of(0).round(now_, true));
    of(2).leave(RollCall::Farewell::failed);
    of(2).round(now_, false);
    EXPECT_FALSE(of(0).round(now_, true));
}

TEST_F(RollCallTest, AThreadCallsTheRollUntilItIsLeft) {
    auto roll = std::make_shared<RollCall>(std::make_unique<MemoryBoard>(notes_, gone_), 0,
                                           std::vector<std::string>{"alpha"}, "rank 0", 20s);
    RollCallThread thread(roll, false);
    thread.leave(RollCall::Farewell::done);
    EXPECT_EQ(notes_["roll/0"], "done");
    thread.leave(RollCall::Farewell::failed);
    EXPECT_EQ(notes_["roll/0"], "done") << "the first call counts";
}

}  // namespace
}  // namespace affectsr
