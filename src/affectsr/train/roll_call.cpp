#include "affectsr/train/roll_call.h"

#include <algorithm>
#include <charconv>
#include <exception>
#include <utility>

namespace affectsr {

namespace {

constexpr RollCall::Clock::duration kLeaving = std::chrono::milliseconds(20);
constexpr const char* kDone = "done";
constexpr const char* kFailed = "failed";
constexpr std::string_view kLost = "lost ";

std::string key_of(int rank) {
    return "roll/" + std::to_string(rank);
}

/// Rank and sentence of "lost 2: sentence".
std::pair<int, std::string> told_loss(const std::string& note) {
    int rank = -1;
    std::from_chars(note.data() + kLost.size(), note.data() + note.size(), rank);
    const std::size_t colon = note.find(": ");
    return {rank, colon == std::string::npos ? note : note.substr(colon + 2)};
}

std::string seconds(Silence::Clock::duration time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

Silence::Clock::duration Silence::after(const std::string& note, Clock::time_point now) {
    if (!began_ || note != note_)
        silent_ = {};
    else
        silent_ += std::min(now - looked_, most_);
    began_ = true;
    note_ = note;
    looked_ = now;
    return silent_;
}

// A look may come some periods late on a busy machine.
RollCall::RollCall(std::unique_ptr<NoticeBoard> board, int rank, std::vector<std::string> hosts, std::string keeper,
                   std::chrono::milliseconds lost_after)
    : board_(std::move(board)),
      rank_(rank),
      hosts_(std::move(hosts)),
      keeper_(std::move(keeper)),
      lost_after_(lost_after),
      others_(hosts_.size(), Silence(lost_after_ / 5)),
      board_silence_(lost_after_ / 5) {}

std::string RollCall::name_of(int rank) const {
    return "rank " + std::to_string(rank) + " (on " + hosts_.at(static_cast<std::size_t>(rank)) + ")";
}

bool RollCall::round(Clock::time_point now, bool linger) {
    try {
        std::string farewell;
        {
            const std::lock_guard lock(mutex_);
            farewell = farewell_;
            if (!farewell.empty() && !loss_.empty())
                farewell = std::string(kLost) + std::to_string(lost_rank_) + ": " + loss_;
        }
        board_->write(key_of(rank_), farewell.empty() ? "here " + std::to_string(rounds()) : farewell);
        if (!farewell.empty() && !linger) return false;
        const bool somebody_lives = look_around(now);
        const std::lock_guard lock(mutex_);
        ++rounds_;
        return farewell.empty() || somebody_lives;
    } catch (const std::exception& error) {
        const std::lock_guard lock(mutex_);
        if (loss_.empty() && farewell_.empty())
            loss_ = keeper_ + " is gone: its connection broke (" + error.what() + ")";
        return false;
    }
}

bool RollCall::look_around(Clock::time_point now) {
    bool somebody_lives = false;
    const int lost_rank = [this] {
        const std::lock_guard lock(mutex_);
        return lost_rank_;
    }();
    for (int rank = 0; rank < static_cast<int>(hosts_.size()); ++rank) {
        if (rank == rank_) continue;
        const std::string note = board_->read(key_of(rank));
        const Clock::duration silent = others_[static_cast<std::size_t>(rank)].after(note, now);
        const std::string name = name_of(rank);
        if (note.starts_with(kLost)) {
            const auto [lost, sentence] = told_loss(note);
            tell_loss(lost, sentence);
        } else if (note == kFailed) {
            tell_loss(rank, name + " ended with an error of its own, which its output tells");
        } else if (silent >= lost_after_) {
            tell_loss(rank, name + (note == kDone ? " ended while others went on"
                                                  : " gave no sign of life for " + seconds(lost_after_) +
                                                        ": it was killed or stopped, or its machine is gone"));
        } else if (note != kDone && rank != lost_rank) {
            somebody_lives = true;
        }
    }
    return somebody_lives;
}

std::uint64_t RollCall::rounds() const {
    const std::lock_guard lock(mutex_);
    return rounds_;
}

std::string RollCall::loss(Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    const bool silent = board_silence_.after(std::to_string(rounds_), now) >= lost_after_;
    if (silent && loss_.empty())
        loss_ = keeper_ + " did not answer for " + seconds(lost_after_) + ": it was stopped, or its machine is gone";
    return loss_;
}

void RollCall::tell_loss(int rank, const std::string& sentence) {
    const std::lock_guard lock(mutex_);
    if (!loss_.empty()) return;
    loss_ = sentence;
    lost_rank_ = rank;
}

void RollCall::leave(Farewell farewell) {
    const std::lock_guard lock(mutex_);
    farewell_ = farewell == Farewell::done ? kDone : kFailed;
}

RollCallThread::RollCallThread(std::shared_ptr<RollCall> roll, bool linger)
    : roll_(std::move(roll)), thread_([roll = roll_, shared = shared_, linger] { go(roll, shared, linger); }) {}

RollCallThread::~RollCallThread() {
    leave(RollCall::Farewell::done);
}

void RollCallThread::go(const std::shared_ptr<RollCall>& roll, const std::shared_ptr<Shared>& shared, bool linger) {
    bool told_farewell = false;
    while (roll->round(RollCall::Clock::now(), linger)) {
        std::unique_lock lock(shared->mutex);
        const auto must_tell = [&] { return shared->leaving && !told_farewell; };
        // Who keeps the board waits for the others to leave, and they do at once.
        const auto pause = shared->leaving ? std::min(roll->period(), kLeaving) : roll->period();
        shared->changed.wait_for(lock, pause, must_tell);
        told_farewell = shared->leaving;
    }
    const std::lock_guard lock(shared->mutex);
    shared->ended = true;
    shared->changed.notify_all();
}

void RollCallThread::leave(RollCall::Farewell farewell) {
    if (!thread_.joinable()) return;
    roll_->leave(farewell);
    std::unique_lock lock(shared_->mutex);
    shared_->leaving = true;
    shared_->changed.notify_all();
    const bool ended = shared_->changed.wait_for(lock, roll_->lost_after(), [this] { return shared_->ended; });
    lock.unlock();
    if (ended)
        thread_.join();
    else
        thread_.detach();
}

}  // namespace affectsr
