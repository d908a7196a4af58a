// Finds out what an interrupted run has already written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "affectsr/cli/account.h"
#include "affectsr/cli/inputs.h"

namespace affectsr::cli {

/// What a JSON Lines file of rows holds.
struct FinishedRows {
    std::map<std::string, std::size_t> rows_by_input;  ///< names as in the rows, that is, valid UTF-8
    std::uintmax_t whole_bytes = 0;                    ///< length up to the end of the last whole row
    bool cut_off = false;                              ///< a part of a row follows, which a killed run left
};

/// Reads the rows of `file` and counts them in `account`; no file: nothing. Throws UsageError (`not_rows`) naming the
/// line if a whole line is not a row of `analyze`, InputError if it cannot be read.
FinishedRows read_finished_rows(const std::filesystem::path& file, Account& account);

/// Which of `inputs` still have no row, as indices in their order. An input that is named twice needs two rows.
std::vector<std::size_t> without_rows(const std::vector<Input>& inputs, FinishedRows finished);

}  // namespace affectsr::cli
