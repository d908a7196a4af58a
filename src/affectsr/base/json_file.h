// A JSON file, read with a limit.
#pragma once

#include <cstdint>
#include <filesystem>

#include "affectsr/base/fields.h"

namespace affectsr {

/// What the file says. Throws as read_bytes(), and InputError (`not_json`) naming the file and the place. Thread-safe.
Json read_json(const std::filesystem::path& file, std::int64_t most_bytes);

}  // namespace affectsr
