// Reads a stream to its end without ever being deaf to a stop.
#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace affectsr::cli {

/// A stop was asked for while a stream had not ended.
struct Interrupted {};

/// Everything that the descriptor gives, at most `most_bytes`; `name` stands for it in messages. Throws InputError
/// (`too_large`, `not_readable`), Interrupted.
std::vector<std::uint8_t> read_stream(int descriptor, const std::string& name, std::int64_t most_bytes,
                                      std::stop_token stop);

/// The same of stdin.
std::vector<std::uint8_t> read_stdin(std::int64_t most_bytes, std::stop_token stop);

}  // namespace affectsr::cli
