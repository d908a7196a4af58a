// One row per input, as people and programs read it: text, JSON, JSON Lines, CSV.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "affectsr/base/error.h"
#include "affectsr/base/fields.h"
#include "affectsr/face/face.h"
#include "affectsr/pipeline/pipeline.h"

namespace affectsr::cli {

/// What is told of one face.
struct FaceRow {
    Box box;
    float score = 1;
    Expression expression;                ///< empty: undetermined
    std::string reason;                   ///< why it is undetermined, a stable code
    std::string road;                     ///< "direct", "enlarged", "undetermined": see Route
    std::string strip = {};               ///< file of what the model saw; empty: none was written
    std::optional<double> roll_deg = {};  ///< as in Look
    std::string restorer_reason = {};     ///< as in Look
};

/// What is told of one input: all that an Answer says, without its pictures.
struct Row {
    std::string input;          ///< as the user named it or as the folder was walked; any bytes
    std::string error_code;     ///< stable; empty: the input was read
    std::string error_message;  ///< what, which value, what to do
    int width = 0, height = 0;  ///< of the upright photo in pixels; 0: not read
    std::string picture;        ///< file of the marked photo; empty: none was written
    std::vector<FaceRow> faces;
    std::size_t faces_found = 0;  ///< before `most_faces` was applied
    double read_ms = 0;           ///< opening and decoding
    Timings ms;
    bool failed() const { return !error_code.empty(); }
};

/// The row of a photo that was answered.
Row answered_row(const std::string& input, ImageSize photo, const Answer& answer, double read_ms);
/// The row of an input that could not be read or used.
Row failed_row(const std::string& input, const std::string& code, const std::string& message);

/// Whose rows they are: each command has columns of its own.
enum class RowsOf { analyze, enhance };
const char* name_of(RowsOf command);  ///< as typed

/// How rows are written.
enum class RowFormat { text, json, jsonl, csv };

/// What a writer of rows is told once for the whole run.
struct RowStyle {
    RowFormat format = RowFormat::jsonl;
    bool timings = true;    ///< false: no milliseconds, and a row is the same in every run
    bool csv_safe = false;  ///< CSV cells that a spreadsheet would run as a formula get an apostrophe in front
    RowsOf rows = RowsOf::analyze;
};

/// The row with every key always there (docs/command_line.md): numbers rounded to what they mean (probabilities 6
/// places, pixels 2, milliseconds 2), nothing for a number that is not finite. Without `timings` there is no key "ms".
Json to_json(const Row& row, bool timings);

/// What comes before the first row.
std::string opening(const RowStyle& style);
/// One row; `first` matters to JSON, whose rows are parted by commas.
std::string row_text(const RowStyle& style, const Row& row, bool first);
/// What comes after the last row; `any`: whether there was one.
std::string closing(const RowStyle& style, bool any);

/// The text as valid UTF-8: broken bytes become U+FFFD.
std::string valid_utf8(std::string_view bytes);
/// The text for a terminal: valid UTF-8, every control character (escape sequences start with one) a '?'.
std::string printable(std::string_view bytes);

}  // namespace affectsr::cli
