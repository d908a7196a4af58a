// Who of the processes that train together still lives: notes that each writes and all read.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace affectsr {

/// Short notes by key that all processes of a run write and read. Calls throw std::exception once its keeper is gone,
/// and may block while it does not answer. Used by one thread.
class NoticeBoard {
 public:
    virtual ~NoticeBoard() = default;
    virtual void write(const std::string& key, const std::string& note) = 0;
    /// Empty: nobody has written it.
    virtual std::string read(const std::string& key) = 0;
};

/// For how long somebody has said nothing new. Only time that this process saw pass counts: one that was stopped
/// itself, by Ctrl-Z or a sleeping machine, must not blame the others for it.
class Silence {
 public:
    using Clock = std::chrono::steady_clock;
    /// `most` counts of the time since the last look at most.
    explicit Silence(Clock::duration most) : most_(most) {}
    Clock::duration after(const std::string& note, Clock::time_point now);

 private:
    Clock::duration most_, silent_{};
    Clock::time_point looked_{};
    std::string note_;
    bool began_ = false;
};

/// The roll of a run. One thread calls round() once a period(); the others ask loss() whether somebody is missing. A
/// process that computes for long is no loss as long as its rounds go on. Thread-safe.
class RollCall {
 public:
    using Clock = Silence::Clock;
    /// How a process ends.
    enum class Farewell { done, failed };

    /// `hosts`: of every rank; `keeper`: who keeps the board, for messages ("rank 0 (on host)").
    RollCall(std::unique_ptr<NoticeBoard> board, int rank, std::vector<std::string> hosts, std::string keeper,
             std::chrono::milliseconds lost_after);

    Clock::duration period() const { return lost_after_ / 20; }
    Clock::duration lost_after() const { return lost_after_; }

    /// Writes that this process lives, or its farewell, and reads what the others wrote. False if there is nothing to
    /// do any more: the board is gone, or this process has said farewell and, if `linger`, all others have.
    bool round(Clock::time_point now, bool linger);
    /// Rounds so far.
    std::uint64_t rounds() const;
    /// Why the run cannot go on: a sentence that names the rank and its host, the same in all processes; empty: nobody
    /// is missing. Also tells of a board that does not answer.
    std::string loss(Clock::time_point now);
    /// What loss() says from now on, and whom it is about, unless somebody is missing already. -1: nobody knows.
    void tell_loss(int rank, const std::string& sentence);
    /// The next round is the last sign of life. A process that knows of a loss passes that on.
    void leave(Farewell farewell);

    /// "rank 1 (on alpha)".
    std::string name_of(int rank) const;

 private:
    /// Reads the note of every other rank; whether one of them still lives.
    bool look_around(Clock::time_point now);

    const std::unique_ptr<NoticeBoard> board_;
    const int rank_;
    const std::vector<std::string> hosts_;
    const std::string keeper_;
    const Clock::duration lost_after_;
    std::vector<Silence> others_;  ///< used by the thread of the rounds alone
    mutable std::mutex mutex_;
    std::uint64_t rounds_ = 0;
    Silence board_silence_;
    std::string loss_, farewell_;
    int lost_rank_ = -1;
};

/// Calls the roll in a thread of its own until it is left.
class RollCallThread {
 public:
    /// With `linger` it goes on, after leave(), until all others have left: for the process that keeps the board.
    RollCallThread(std::shared_ptr<RollCall> roll, bool linger);
    /// As leave(done).
    ~RollCallThread();
    RollCallThread(const RollCallThread&) = delete;
    RollCallThread& operator=(const RollCallThread&) = delete;

    RollCall& roll() const { return *roll_; }
    /// Says farewell and waits for the thread, though no longer than lost_after(): one whose board does not answer is
    /// left behind. The first call counts.
    void leave(RollCall::Farewell farewell);

 private:
    /// Lives as long as the thread, which may be left behind.
    struct Shared {
        std::mutex mutex;
        std::condition_variable changed;
        bool leaving = false, ended = false;
    };
    static void go(const std::shared_ptr<RollCall>& roll, const std::shared_ptr<Shared>& shared, bool linger);

    std::shared_ptr<RollCall> roll_;
    std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
    std::thread thread_;
};

}  // namespace affectsr
