// What names and words need before they are compared or shown.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace affectsr {

/// `text` with its ASCII letters made small, whatever the locale; every other byte stays. Thread-safe.
std::string lower_case(std::string_view text);

/// Words as one line that a shell splits into the same words. Thread-safe.
std::string quoted_command(std::span<const std::string> words);

}  // namespace affectsr
