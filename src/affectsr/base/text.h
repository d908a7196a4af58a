// What names and words need before they are compared.
#pragma once

#include <string>
#include <string_view>

namespace affectsr {

/// `text` with its ASCII letters made small, whatever the locale; every other byte stays. Thread-safe.
std::string lower_case(std::string_view text);

}  // namespace affectsr
