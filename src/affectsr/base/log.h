// Events of a run: one line each, to stderr.
#pragma once

#include <string_view>

namespace affectsr {

enum class LogLevel { quiet, error, warning, info, debug };

/// Lines above this level are dropped; the default is `warning`. Thread-safe.
void set_log_level(LogLevel level);
/// Writes "affectsr: warning: message\n" in one write, so that lines of several threads never mix. Newlines inside
/// `message` become spaces and control characters '?', because messages may quote file names. Never throws.
void log(LogLevel level, std::string_view message) noexcept;

}  // namespace affectsr
