#include "affectsr/data/text_list.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <span>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/base/sha256.h"

namespace affectsr {
namespace {

// fer2013.csv has 301 MB; no list of a known data set is longer.
constexpr std::int64_t kMostListBytes = 1ll << 30;

template <class Number>
std::optional<Number> number_from(std::string_view text) {
    if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    Number value = 0;
    const char* end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, value);
    if (text.empty() || result.ec != std::errc{} || result.ptr != end) return std::nullopt;
    return value;
}

// Read as bytes, a UTF-16 list would give one line, or names that no file has.
void expect_utf8(std::string_view text, const std::filesystem::path& path) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF"))
        throw InputError("dataset_unreadable", path.string() + ": is UTF-16; save it as UTF-8");
    const std::size_t nul = text.find('\0');
    if (nul != std::string_view::npos) {
        throw InputError(
            "dataset_unreadable",
            path.string() + ": line " +
                std::to_string(1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(nul), '\n')) +
                " holds a NUL byte, so it is not a text in UTF-8");
    }
}

}  // namespace

std::string ListText::sha256() const {
    return sha256_hex(std::as_bytes(std::span(bytes_)));
}

std::string sha256_of(std::string_view text) {
    return sha256_hex(std::as_bytes(std::span(text.data(), text.size())));
}

ListText read_list(const std::filesystem::path& path) {
    try {
        ListText text(read_bytes(path, kMostListBytes));
        expect_utf8(text.view(), path);
        return text;
    } catch (const InputError& error) {
        const std::string what = error.what();
        const bool named = what.find(path.string()) != std::string::npos;
        throw InputError("dataset_unreadable", "cannot read the list: " + (named ? what : path.string() + ": " + what));
    }
}

std::vector<TextLine> lines_of(std::string_view text) {
    text = without_bom(text);
    std::vector<TextLine> lines;
    std::int64_t number = 1;
    for (std::size_t start = 0; start < text.size(); ++number) {
        const std::size_t end = std::min(text.find_first_of("\r\n", start), text.size());
        const std::string_view line = trimmed(text.substr(start, end - start));
        if (!line.empty()) lines.push_back({number, line});
        start = end + (text.substr(end, 2) == "\r\n" ? 2 : 1);
    }
    return lines;
}

std::vector<std::string_view> words_of(std::string_view line) {
    constexpr std::string_view kSeparators = " \t,";
    std::vector<std::string_view> words;
    std::size_t start = line.find_first_not_of(kSeparators);
    while (start != std::string_view::npos) {
        const std::size_t end = std::min(line.find_first_of(kSeparators, start), line.size());
        words.push_back(line.substr(start, end - start));
        start = line.find_first_not_of(kSeparators, end);
    }
    return words;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
    return number_from<std::int64_t>(text);
}

std::optional<double> decimal_number(std::string_view text) {
    const auto value = number_from<double>(text);
    return value && std::isfinite(*value) ? value : std::nullopt;
}

std::string_view without_bom(std::string_view text) {
    constexpr std::string_view kBom = "\xEF\xBB\xBF";
    return text.starts_with(kBom) ? text.substr(kBom.size()) : text;
}

}  // namespace affectsr
