// One row per input of `enhance`: which faces were restored, by what, and why others were left as they are.
#pragma once

#include <string>
#include <vector>

#include "affectsr/cli/rows.h"
#include "affectsr/pipeline/enhancer.h"

namespace affectsr::cli {

/// What is told of one input.
struct EnhancedRow {
    std::string input;                   ///< as the user named it or as the folder was walked; any bytes
    std::string error_code;              ///< stable; empty: the input was read
    std::string error_message;           ///< what, which value, what to do
    ImageSize photo, made;               ///< of the upright photo and of the picture that was written, in pixels
    std::string picture;                 ///< its file
    std::string restorer, model_sha256;  ///< no hash: it has no weights
    int scale = 0;                       ///< how many times larger the restorer makes faces
    int enlarged = 0;                    ///< how many times larger the picture is; 1 with --keep-size
    std::vector<EnhancedFace> faces;
    std::size_t faces_found = 0;
    double read_ms = 0, write_ms = 0;  ///< opening and decoding; encoding and storing
    EnhancingTimes ms;
    bool failed() const { return !error_code.empty(); }
    std::size_t left_alone() const;  ///< faces that were not restored
};

/// The row with every key always there (docs/command_line.md), rounded as the rows of `analyze` are.
Json to_json(const EnhancedRow& row, bool timings);

/// The names of the CSV columns, a line.
std::string enhanced_csv_head(const RowStyle& style);
/// One row; `first` matters to JSON, whose rows are parted by commas.
std::string row_text(const RowStyle& style, const EnhancedRow& row, bool first);

}  // namespace affectsr::cli
