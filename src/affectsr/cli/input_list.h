// The names of inputs that a list holds (--files-from).
#pragma once

#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace affectsr::cli {

/// The words of a list: one a line (LF or CRLF, blank lines and a UTF-8 byte order mark left out), or `null_separated`
/// and then taken byte for byte. "-" reads stdin. Throws UsageError (`list_unreadable`) naming the file and the cure if
/// it cannot be read, is UTF-16, or is separated the other way; Interrupted.
std::vector<std::string> read_list_of_inputs(const std::filesystem::path& list, bool null_separated,
                                             std::stop_token stop = {});

/// The same of a list's bytes; `name` stands for it in messages.
std::vector<std::string> words_of_list(std::string_view bytes, bool null_separated, const std::string& name);

}  // namespace affectsr::cli
