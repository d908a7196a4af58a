// Cells of CSV tables.
#pragma once

#include <string>

#include "affectsr/base/fields.h"

namespace affectsr::cli {

/// A cell as RFC 4180 quotes it: a text in quotes where it must be, a number as it is, nothing for null. `safe`: a text
/// that a spreadsheet would run as a formula gets an apostrophe in front.
std::string csv_cell(const Json& value, bool safe);

/// The same value, every text in it that a spreadsheet would run as a formula with an apostrophe in front.
Json safe_in_spreadsheets(Json value);

}  // namespace affectsr::cli
