#include "affectsr/base/log.h"

#include <unistd.h>

#include <atomic>
#include <string>

namespace affectsr {

namespace {

std::atomic<LogLevel> g_level{LogLevel::warning};

const char* word(LogLevel level) {
    switch (level) {
        case LogLevel::error:
            return "error: ";
        case LogLevel::warning:
            return "warning: ";
        case LogLevel::debug:
            return "debug: ";
        default:
            return "";
    }
}

}  // namespace

void set_log_level(LogLevel level) {
    g_level = level;
}

void log(LogLevel level, std::string_view message) noexcept {
    if (level > g_level.load()) return;
    try {
        std::string line = std::string("affectsr: ") + word(level);
        for (const char c : message) {
            const auto byte = static_cast<unsigned char>(c);
            line += c == '\n' ? ' ' : (byte < 32 || byte == 127 ? '?' : c);
        }
        line += '\n';
        // A full or closed stderr leaves nobody to tell.
        [[maybe_unused]] const auto written = ::write(STDERR_FILENO, line.data(), line.size());
    } catch (...) {  // out of memory while building a log line: the event itself is reported by its own path
    }
}

}  // namespace affectsr
