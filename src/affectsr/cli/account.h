// The account of a whole run: how many inputs were seen, failed, and how many faces they held.
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace affectsr::cli {

/// Counts rows as they are written. Not thread-safe.
struct Account {
    std::size_t inputs = 0;   ///< of the whole run
    std::size_t seen = 0;     ///< rows written, those of an earlier run included
    std::size_t earlier = 0;  ///< of these, rows that were there before
    std::size_t failed = 0;
    std::size_t faces = 0;
    std::size_t undetermined = 0;                  ///< faces without an answer
    std::string unanswered_word = "undetermined";  ///< what those are called
    std::map<std::string, std::size_t> failures;   ///< rows by error code

    void add(const std::string& error_code, std::size_t row_faces, std::size_t row_undetermined);
    /// Counts a row that an earlier run wrote.
    void add_earlier(const std::string& error_code, std::size_t row_faces, std::size_t row_undetermined);
    /// What a progress bar says beside its numbers.
    std::string note() const;
    /// Sentences for the end of a run that took `seconds`; `stopped_by` is the signal's name or "".
    std::string text(double seconds, const std::string& stopped_by) const;
};

}  // namespace affectsr::cli
