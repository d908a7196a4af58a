#include "affectsr/program/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace affectsr::cli {

namespace {

constexpr double kRedrawSeconds = 0.1;

int terminal_width() {
    winsize size = {};
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

std::string speed_text(double per_second) {
    char text[32];
    std::snprintf(text, sizeof text, per_second < 10 ? "%.2f/s" : "%.0f/s", per_second);
    return text;
}

}  // namespace

bool stderr_is_lively() {
    const char* no_color = std::getenv("NO_COLOR");
    const char* term = std::getenv("TERM");
    if (no_color && *no_color) return false;
    if (!term || std::string_view(term) == "dumb") return false;
    return isatty(STDERR_FILENO) == 1;
}

std::string clock_text(double seconds) {
    if (!(seconds >= 0) || seconds > 1e9) return "–";
    const auto whole = static_cast<long long>(std::llround(seconds));
    char text[48];
    if (whole >= 3600)
        std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", whole / 3600, whole / 60 % 60, whole % 60);
    else
        std::snprintf(text, sizeof text, "%lld:%02lld", whole / 60, whole % 60);
    return text;
}

std::string progress_line(const ProgressState& state, int width) {
    const double per_second = state.seconds > 0 ? static_cast<double>(state.done - state.before) / state.seconds : 0;
    std::string head = state.title + " " + std::to_string(state.done);
    std::string tail;
    if (!state.note.empty()) tail += "  " + state.note;
    if (per_second > 0) tail += "  " + speed_text(per_second);
    if (state.total > 0) {
        head += "/" + std::to_string(state.total);
        const double left = static_cast<double>(state.total - state.done);
        if (per_second > 0) tail += "  ETA " + clock_text(left / per_second);
        // The bar takes what the words leave, if that is worth drawing.
        const int room = std::min(40, width - static_cast<int>(head.size() + tail.size()) - 4);
        if (room >= 8) {
            const double share =
                std::clamp(static_cast<double>(state.done) / static_cast<double>(state.total), 0.0, 1.0);
            const auto filled = static_cast<std::size_t>(share * room);
            head += " [" + std::string(filled, '#') + std::string(static_cast<std::size_t>(room) - filled, '.') + "]";
        }
    }
    std::string line = head + tail;
    if (static_cast<int>(line.size()) > width) line.resize(static_cast<std::size_t>(std::max(0, width)));
    return line;
}

Progress::Progress(std::string title, std::int64_t total, bool lively, std::int64_t before) : lively_(lively) {
    state_.title = std::move(title);
    state_.total = total;
    state_.done = state_.before = before;
}

Progress::~Progress() {
    hide();
}

double Progress::seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

void Progress::update(std::int64_t done, const std::string& note) {
    if (!lively_) return;
    const std::lock_guard lock(mutex_);
    state_.done = done;
    state_.note = note;
    state_.seconds = seconds();
    if (visible_ && state_.seconds - drawn_at_ < kRedrawSeconds) return;
    drawn_at_ = state_.seconds;
    visible_ = true;
    draw("\r" + progress_line(state_, terminal_width() - 1) + "\033[K");
}

void Progress::hide() {
    const std::lock_guard lock(mutex_);
    if (!visible_) return;
    visible_ = false;
    draw("\r\033[K");
}

void Progress::draw(const std::string& line) {
    // A terminal that went away has nobody to tell.
    [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace affectsr::cli
