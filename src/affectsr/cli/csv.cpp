#include "affectsr/cli/csv.h"

namespace affectsr::cli {

namespace {

/// Whether a spreadsheet would run the text as a formula, also after it has skipped blanks, or would take it for one of
/// those that were made safe. The last four are the full-width forms, which some languages' versions read alike.
bool is_like_formula(const std::string& text) {
    for (const char* begin : {"=", "+", "-", "@", "\t", "\r", "\n", "'", "\uFF1D", "\uFF0B", "\uFF0D", "\uFF20"})
        if (text.starts_with(begin)) return true;
    return false;
}

std::string safe_text(std::string text) {
    if (is_like_formula(text)) text.insert(0, 1, '\'');
    return text;
}

}  // namespace

Json safe_in_spreadsheets(Json value) {
    if (value.is_string()) return safe_text(value.get<std::string>());
    if (value.is_structured())
        for (Json& part : value) part = safe_in_spreadsheets(std::move(part));
    return value;
}

std::string csv_cell(const Json& value, bool safe) {
    if (value.is_null()) return "";
    if (!value.is_string()) return value.dump();  // a number that begins with a minus is a number to everyone
    std::string text = value.get<std::string>();
    if (safe) text = safe_text(std::move(text));
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

}  // namespace affectsr::cli
