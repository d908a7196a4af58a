// Comma-separated values as RFC 4180 writes them, with the habits of real files: byte-order mark, CR, LF or CRLF.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "affectsr/data/text_list.h"

namespace affectsr {

/// A row: its cells without quotes, and the 1-based line of the text on which it begins.
struct CsvRow {
    std::int64_t line = 0;
    std::vector<std::string> cells;
};

/// Reads a text row by row. Blank lines are skipped, a byte-order mark at the front is dropped, rows end with LF, CRLF
/// or a lone CR, and a quoted cell may hold commas, line ends and doubled quotes. Not thread-safe. Source: RFC 4180.
class CsvReader {
 public:
    /// Longest row taken, in bytes: a hundred times a row of FER2013. A longer one is mostly a quote that never closes.
    static constexpr std::size_t kMostRowBytes = 1 << 20;

    /// `text` must outlive the reader; `name` begins every message.
    CsvReader(std::string_view text, std::string name);
    /// Moves to the next row and fills `row`; false at the end of the text. Throws InputError (`dataset_unreadable`)
    /// naming the line for a quote that opens inside a cell, is followed by text or never closes, a NUL byte, a row
    /// over kMostRowBytes.
    bool next(CsvRow& row);

 private:
    void read_row(CsvRow& row);
    std::string read_cell();
    std::string read_quoted_cell();
    bool at_cell_end() const;
    void end_line();
    void check_length() const;
    [[noreturn]] void refuse(const std::string& what, std::int64_t line) const;

    std::string_view text_;
    std::string name_;
    std::size_t at_ = 0;
    std::size_t row_start_ = 0;
    std::int64_t line_ = 1;
};

/// Which column has which name. Names are compared trimmed and without regard to case.
class CsvHeader {
 public:
    /// `name` begins every message. Throws InputError (`dataset_unreadable`) if two columns have the same name.
    CsvHeader(const CsvRow& row, std::string name);
    std::size_t columns() const { return names_.size(); }
    std::optional<std::size_t> find(std::string_view column) const;
    /// Throws InputError (`dataset_unreadable`) naming the column and those that are there.
    std::size_t require(std::string_view column) const;

 private:
    std::vector<std::string> names_;
    std::string name_;
};

/// The cell without blanks around it; empty if the row is shorter or there is no such column.
std::string_view cell_of(const CsvRow& row, std::optional<std::size_t> column);

}  // namespace affectsr
