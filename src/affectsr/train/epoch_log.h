// The log of a training run: one JSON line per epoch, kept in step with the checkpoints.
#pragma once

#include <cstdint>
#include <filesystem>

#include "affectsr/base/fields.h"

namespace affectsr {

/// A file of JSON lines that can be taken back to a point of its past. Not thread-safe; one process at a time.
class EpochLog {
 public:
    explicit EpochLog(std::filesystem::path path) : path_(std::move(path)) {}

    /// Begins a new log; an old one is kept as NAME.log.1.jsonl, NAME.log.2.jsonl, …, and a warning says so. Throws
    /// ResourceError naming the file.
    void begin();
    /// Goes on from where the log had `bytes` bytes: what came after is cut away. A log that is shorter, because
    /// somebody took lines away, is gone on with from its end, with a warning. Throws ResourceError naming the file.
    void go_on(std::int64_t bytes);
    /// Adds one line and flushes it to the disk. A line that cannot be written whole leaves nothing behind. Throws
    /// ResourceError naming the file.
    void add(const Json& line);
    /// Its length now.
    std::int64_t bytes() const { return bytes_; }

 private:
    [[noreturn]] void refuse(const std::string& why) const;

    std::filesystem::path path_;
    std::int64_t bytes_ = 0;
};

}  // namespace affectsr
