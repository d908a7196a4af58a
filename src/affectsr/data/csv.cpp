#include "affectsr/data/csv.h"

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/base/text.h"

namespace affectsr {

CsvReader::CsvReader(std::string_view text, std::string name) : text_(without_bom(text)), name_(std::move(name)) {}

bool CsvReader::next(CsvRow& row) {
    while (at_ < text_.size()) {
        read_row(row);
        const bool blank = row.cells.size() == 1 && trimmed(row.cells.front()).empty();
        if (!blank) return true;
    }
    return false;
}

void CsvReader::read_row(CsvRow& row) {
    row_start_ = at_;
    row.line = line_;
    row.cells.clear();
    for (;;) {
        row.cells.push_back(read_cell());
        if (at_ == text_.size()) return;
        if (text_[at_] != ',') break;
        ++at_;
        check_length();
    }
    end_line();
}

std::string CsvReader::read_cell() {
    if (at_ < text_.size() && text_[at_] == '"') return read_quoted_cell();
    const std::size_t start = at_;
    while (!at_cell_end()) {
        if (text_[at_] == '\0') refuse("holds a NUL byte, so it is not a text", line_);
        if (text_[at_] == '"')
            refuse("has a quote inside a cell that does not begin with one; double it and quote the cell", line_);
        ++at_;
        check_length();
    }
    return std::string(text_.substr(start, at_ - start));
}

std::string CsvReader::read_quoted_cell() {
    const std::int64_t opened = line_;
    std::string cell;
    ++at_;
    for (;;) {
        if (at_ == text_.size()) refuse("opens a quote that never closes", opened);
        const char c = text_[at_];
        if (c == '\0') refuse("holds a NUL byte, so it is not a text", line_);
        if (c == '"') {
            ++at_;
            if (at_ < text_.size() && text_[at_] == '"') {
                cell += '"';
                ++at_;
                continue;
            }
            if (!at_cell_end()) refuse("has text after a closing quote", line_);
            return cell;
        }
        const bool crlf = c == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n';
        if (c == '\n' || (c == '\r' && !crlf)) ++line_;
        cell += c;
        ++at_;
        if (at_ - row_start_ > kMostRowBytes) refuse("opens a quote that is not closed within 1 MiB", opened);
    }
}

bool CsvReader::at_cell_end() const {
    return at_ == text_.size() || text_[at_] == ',' || text_[at_] == '\n' || text_[at_] == '\r';
}

void CsvReader::end_line() {
    if (text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n') ++at_;
    ++at_;
    ++line_;
}

void CsvReader::check_length() const {
    if (at_ - row_start_ > kMostRowBytes) refuse("is longer than 1 MiB", line_);
}

void CsvReader::refuse(const std::string& what, std::int64_t line) const {
    throw InputError("dataset_unreadable", name_ + ": line " + std::to_string(line) + " " + what);
}

CsvHeader::CsvHeader(const CsvRow& row, std::string name) : name_(std::move(name)) {
    for (const std::string& cell : row.cells) {
        std::string column = lower_case(trimmed(cell));
        if (!column.empty() && std::find(names_.begin(), names_.end(), column) != names_.end()) {
            throw InputError("dataset_unreadable", name_ + ": two columns are called \"" + column + "\"");
        }
        names_.push_back(std::move(column));
    }
}

std::optional<std::size_t> CsvHeader::find(std::string_view column) const {
    const auto place = std::find(names_.begin(), names_.end(), lower_case(trimmed(column)));
    if (place == names_.end()) return std::nullopt;
    return static_cast<std::size_t>(place - names_.begin());
}

std::size_t CsvHeader::require(std::string_view column) const {
    if (const auto place = find(column)) return *place;
    std::string known;
    for (const std::string& name : names_) known += (known.empty() ? "" : ", ") + name;
    throw InputError("dataset_unreadable",
                     name_ + ": the first line names no column \"" + std::string(column) + "\"; it has: " + known);
}

std::string_view cell_of(const CsvRow& row, std::optional<std::size_t> column) {
    if (!column || *column >= row.cells.size()) return {};
    return trimmed(row.cells[*column]);
}

}  // namespace affectsr
