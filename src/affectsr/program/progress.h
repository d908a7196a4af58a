// A progress bar with the time left, on stderr, only where a person watches.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace affectsr::cli {

/// Whether stderr is a terminal that can redraw a line, and nobody asked for plain output (NO_COLOR, TERM=dumb).
bool stderr_is_lively();

/// "0:42", "12:05", "3:07:09"; "–" for a negative or endless time.
std::string clock_text(double seconds);

/// What a bar shows at one moment.
struct ProgressState {
    std::string title;        ///< what is being done: "analyze"
    std::int64_t done = 0;    ///< units finished, those of an earlier run included
    std::int64_t total = 0;   ///< 0: not known
    std::int64_t before = 0;  ///< units that an earlier run had finished: they do not count for the speed
    double seconds = 0;       ///< since this run began
    std::string note;         ///< what else is worth knowing: "4 failed  310 faces"
};

/// One line of at most `width` columns: title, done/total, bar, note, speed, time left.
std::string progress_line(const ProgressState& state, int width);

/// A bar on stderr, redrawn at most ten times a second. Draws nothing unless `lively`. Thread-safe.
class Progress {
 public:
    Progress(std::string title, std::int64_t total, bool lively, std::int64_t before = 0);
    ~Progress();  ///< wipes the bar
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void update(std::int64_t done, const std::string& note = "");
    /// Wipes the bar, so that a line of output can take its place; the next update draws it again.
    void hide();
    double seconds() const;  ///< since it was made

 private:
    void draw(const std::string& line);

    const bool lively_;
    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::mutex mutex_;
    ProgressState state_;
    double drawn_at_ = -1;  ///< seconds; negative: never or hidden
    bool visible_ = false;
};

}  // namespace affectsr::cli
