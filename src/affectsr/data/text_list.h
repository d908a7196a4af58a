// Lists as plain text: lines, words and numbers, forgiving about line ends, blanks and byte-order marks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace affectsr {

/// A list file in memory.
class ListText {
 public:
    ListText() = default;
    explicit ListText(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
    /// The whole file; valid as long as this object.
    std::string_view view() const { return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()}; }
    /// SHA-256 of the bytes as 64 hex digits.
    std::string sha256() const;

 private:
    std::vector<std::uint8_t> bytes_;
};

/// Reads a list file, at most 1 GiB. Throws InputError (`dataset_unreadable`) naming it if it cannot be read, is UTF-16
/// or holds a NUL byte.
ListText read_list(const std::filesystem::path& path);

/// SHA-256 of a text as 64 hex digits.
std::string sha256_of(std::string_view text);

/// One line without blanks at its ends, and its 1-based number.
struct TextLine {
    std::int64_t number = 0;
    std::string_view text;
};

/// The lines of `text` that are not blank. They end with LF, CRLF or a lone CR; a byte-order mark is dropped. The views
/// live as long as `text`.
std::vector<TextLine> lines_of(std::string_view text);
/// The words of a line, which blanks, tabs or commas separate. The views live as long as `line`.
std::vector<std::string_view> words_of(std::string_view line);

/// `text` without blanks (space, tab, CR, LF) at both ends.
std::string_view trimmed(std::string_view text);
/// A whole decimal number (sign allowed) that fills `text`; anything else: none.
std::optional<std::int64_t> whole_number(std::string_view text);
/// A finite decimal number (exponent allowed) that fills `text`; anything else: none.
std::optional<double> decimal_number(std::string_view text);
/// The text without a UTF-8 byte-order mark.
std::string_view without_bom(std::string_view text);

}  // namespace affectsr
