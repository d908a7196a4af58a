// Finds out what an interrupted run has already written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "affectsr/cli/inputs.h"
#include "affectsr/cli/rows.h"

namespace affectsr::cli {

/// What a row of an earlier run says.
struct FinishedRow {
    std::string error_code;                   ///< empty: the input was read
    std::size_t faces = 0, undetermined = 0;  ///< undetermined: without an answer
    std::string stem;                         ///< that its picture and strips are named after; empty: it names none
};

/// What a JSON Lines file of rows holds.
struct FinishedRows {
    std::map<std::string, std::vector<FinishedRow>> by_input;  ///< names as in the rows, that is, valid UTF-8
    std::uintmax_t whole_bytes = 0;                            ///< length up to the end of the last whole row
    bool cut_off = false;                                      ///< a part of a row follows, which a killed run left
    /// Every stem that a row names.
    std::vector<std::string> stems() const;
};

/// Reads the rows of `file`; no file: nothing. Throws UsageError (`not_rows`) naming the line if a whole line is not a
/// row of that command or what follows them is not the beginning of one, InputError if it cannot be read.
FinishedRows read_finished_rows(const std::filesystem::path& file, RowsOf rows = RowsOf::analyze);

/// The row of each input, or nullptr where it has none. An input that is named twice needs two rows; rows of other
/// inputs are left alone. The pointers lead into `finished`.
std::vector<const FinishedRow*> match_rows(const std::vector<Input>& inputs, const FinishedRows& finished);

}  // namespace affectsr::cli
