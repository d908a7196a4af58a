// Whole files: read with a limit, written by atomic rename.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

namespace affectsr {

/// The bytes of a regular file, none if it is empty. Throws InputError `not_found`, `not_readable`, `not_a_file`, and
/// `too_large` above `most_bytes`; ResourceError `out_of_descriptors`.
std::vector<std::uint8_t> read_bytes(const std::filesystem::path& path, std::int64_t most_bytes);

/// Writes bytes to a temporary file in the same folder, flushes it to disk and renames it over `path`: a reader sees
/// the old file or the new one, never a part. A symbolic link is followed, an old file's mode is kept. Throws
/// ResourceError (`cannot_write`) naming the path, also for a folder, pipe or device; the old file stays. Thread-safe.
void write_file_atomically(const std::filesystem::path& path, std::span<const std::uint8_t> bytes);
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// Makes the names that were given or taken in the folder of `file` survive a power cut. Some file systems cannot,
/// which is no error: the bytes were flushed before. Thread-safe.
void flush_folder_of(const std::filesystem::path& file);

}  // namespace affectsr
