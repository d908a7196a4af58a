// What the rows of every command write alike: numbers, texts, and a row as JSON.
#pragma once

#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/cli/rows.h"

namespace affectsr::cli {

/// The number in steps of 1 / per_unit; null for one that is none, which JSON has not.
Json rounded(double value, double per_unit);
/// Valid UTF-8, null for an empty text.
Json text_or_null(const std::string& text);
/// JSON on one line; broken bytes become U+FFFD.
std::string dumped(const Json& json);
/// A row of RowFormat::json, parted from the row before by a comma, or of RowFormat::jsonl, a line of its own.
std::string json_row(RowFormat format, const Json& row, bool first);

}  // namespace affectsr::cli
