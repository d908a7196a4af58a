#include "affectsr/cli/rows.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <functional>
#include <utility>

#include "affectsr/cli/csv.h"
#include "affectsr/cli/enhanced_rows.h"
#include "affectsr/cli/row_values.h"
#include "affectsr/pipeline/restoration.h"

namespace affectsr::cli {

namespace {

Json pixels(double value) {
    return rounded(value, 100);
}
Json probability(double value) {
    return rounded(value, 1e6);
}

/// Left, top, right, bottom of the part of the box that lies in the photo, in whole pixels rounded outwards: the bounds
/// of a cut-out, photo[top:bottom, left:right]. A box itself may reach past the edges.
std::array<Json, 4> corners(const Box& box, const Row& row) {
    const auto clipped = [](double value, int most) -> Json {
        if (!std::isfinite(value)) return nullptr;
        return static_cast<std::int64_t>(std::clamp(value, 0.0, static_cast<double>(most)));
    };
    const auto hundredths = [](double value) { return std::round(value * 100) / 100; };  // as the box is written
    const double x = static_cast<double>(box.x), y = static_cast<double>(box.y);
    return {clipped(std::floor(hundredths(x)), row.width), clipped(std::floor(hundredths(y)), row.height),
            clipped(std::ceil(hundredths(x + static_cast<double>(box.width))), row.width),
            clipped(std::ceil(hundredths(y + static_cast<double>(box.height))), row.height)};
}

Json to_json(const FaceRow& face, const Row& row) {
    Json json;
    json["box"] = {pixels(face.box.x), pixels(face.box.y), pixels(face.box.width), pixels(face.box.height)};
    json["corners"] = corners(face.box, row);
    json["score"] = probability(face.score);
    const bool determined = !face.expression.empty();
    json["expression"] = determined ? name_of(face.expression.best()) : "undetermined";
    json["confidence"] = determined ? probability(face.expression.confidence()) : Json(nullptr);
    json["probabilities"] = Json::object();
    for (std::size_t i = 0; i < face.expression.labels.size(); ++i)
        json["probabilities"][name_of(face.expression.labels[i])] = probability(face.expression.probability[i]);
    json["reason"] = text_or_null(face.reason);
    json["road"] = face.road;
    json["restorer_reason"] = text_or_null(face.restorer_reason);
    json["roll_deg"] = face.roll_deg ? rounded(*face.roll_deg, 10) : Json(nullptr);
    json["strip"] = text_or_null(face.strip);
    return json;
}

/// One line of a CSV table: a face of a row, or a row without faces.
struct CsvLine {
    const Row& row;
    const FaceRow* face;  ///< nullptr: the row has none
    std::size_t number;   ///< of the face, from 1
};

/// A column of the CSV table; columns of faces are empty in a line without one.
struct CsvColumn {
    std::string name;
    std::function<Json(const CsvLine&)> value;
};

CsvColumn of_row(std::string name, std::function<Json(const Row&)> value) {
    return {std::move(name), [value = std::move(value)](const CsvLine& line) { return value(line.row); }};
}
CsvColumn of_face(std::string name, std::function<Json(const FaceRow&)> value) {
    return {std::move(name),
            [value = std::move(value)](const CsvLine& line) { return line.face ? value(*line.face) : Json(nullptr); }};
}
CsvColumn corner(std::string name, std::size_t i) {
    return {std::move(name),
            [i](const CsvLine& line) { return line.face ? corners(line.face->box, line.row)[i] : Json(nullptr); }};
}

std::vector<CsvColumn> csv_columns(bool timings) {
    const auto size = [](const Row& row, int side) { return row.failed() ? Json(nullptr) : Json(side); };
    std::vector<CsvColumn> columns = {
        of_row("input", [](const Row& row) { return Json(valid_utf8(row.input)); }),
        of_row("status", [](const Row& row) { return Json(row.failed() ? "failed" : "ok"); }),
        of_row("error_code", [](const Row& row) { return text_or_null(row.error_code); }),
        of_row("error_message", [](const Row& row) { return text_or_null(row.error_message); }),
        of_row("width", [size](const Row& row) { return size(row, row.width); }),
        of_row("height", [size](const Row& row) { return size(row, row.height); }),
        of_row("faces_found", [](const Row& row) { return Json(row.faces_found); }),
        of_row("faces", [](const Row& row) { return Json(row.faces.size()); }),
        {"face", [](const CsvLine& line) { return line.face ? Json(line.number) : Json(nullptr); }},
        of_face("x", [](const FaceRow& face) { return pixels(face.box.x); }),
        of_face("y", [](const FaceRow& face) { return pixels(face.box.y); }),
        of_face("box_width", [](const FaceRow& face) { return pixels(face.box.width); }),
        of_face("box_height", [](const FaceRow& face) { return pixels(face.box.height); }),
        corner("x1", 0),
        corner("y1", 1),
        corner("x2", 2),
        corner("y2", 3),
        of_face("score", [](const FaceRow& face) { return probability(face.score); }),
        of_face("expression",
                [](const FaceRow& face) {
                    return Json(face.expression.empty() ? "undetermined" : name_of(face.expression.best()));
                }),
        of_face("confidence",
                [](const FaceRow& face) {
                    return face.expression.empty() ? Json(nullptr) : probability(face.expression.confidence());
                }),
    };
    for (const Emotion emotion : seven_emotions())
        columns.push_back(of_face(name_of(emotion), [emotion](const FaceRow& face) {
            return face.expression.empty() ? Json(nullptr) : probability(face.expression.of(emotion));
        }));
    columns.push_back(of_face("reason", [](const FaceRow& face) { return text_or_null(face.reason); }));
    columns.push_back(of_face("road", [](const FaceRow& face) { return Json(face.road); }));
    columns.push_back(
        of_face("restorer_reason", [](const FaceRow& face) { return text_or_null(face.restorer_reason); }));
    columns.push_back(of_face(
        "roll_deg", [](const FaceRow& face) { return face.roll_deg ? rounded(*face.roll_deg, 10) : Json(nullptr); }));
    columns.push_back(of_row("picture", [](const Row& row) { return text_or_null(row.picture); }));
    columns.push_back(of_face("strip", [](const FaceRow& face) { return text_or_null(face.strip); }));
    if (timings)
        columns.push_back(
            of_row("total_ms", [](const Row& row) { return rounded(row.read_ms + row.ms.total_ms, 100); }));
    return columns;
}

std::string csv_head(const RowStyle& style) {
    std::string head;
    for (const CsvColumn& column : csv_columns(style.timings)) head += (head.empty() ? "" : ",") + column.name;
    return head + "\n";
}

/// One line per face, and one for an input without faces: every input has a line.
std::string csv_lines(const RowStyle& style, const Row& row) {
    const std::vector<CsvColumn> columns = csv_columns(style.timings);
    std::string lines;
    for (std::size_t i = 0; i < std::max<std::size_t>(row.faces.size(), 1); ++i) {
        const CsvLine line{row, row.faces.empty() ? nullptr : &row.faces[i], i + 1};
        for (std::size_t k = 0; k < columns.size(); ++k)
            lines += (k == 0 ? "" : ",") + csv_cell(columns[k].value(line), style.csv_safe);
        lines += "\n";
    }
    return lines;
}

std::string text_lines(const Row& row) {
    const std::string name = printable(row.input);
    if (row.failed()) return name + ": failed (" + row.error_code + "): " + printable(row.error_message) + "\n";
    const std::size_t n = row.faces.size();
    std::string lines = name + ": " + std::to_string(row.width) + "×" + std::to_string(row.height) + ", " +
                        (n == 0 ? "no face" : std::to_string(n) + (n == 1 ? " face" : " faces"));
    if (row.faces_found > n) lines += " (of " + std::to_string(row.faces_found) + " found)";
    lines += "\n";
    for (std::size_t i = 0; i < n; ++i) {
        const FaceRow& face = row.faces[i];
        char text[160];
        if (face.expression.empty())
            std::snprintf(text, sizeof text, "  %3zu  undetermined (%s)", i + 1, face.reason.c_str());
        else
            std::snprintf(text, sizeof text, "  %3zu  %-10s %3.0f %%", i + 1, name_of(face.expression.best()),
                          100.0 * static_cast<double>(face.expression.confidence()));
        lines += text;
        std::snprintf(text, sizeof text, "  at %.0f,%.0f size %.0f×%.0f px", static_cast<double>(face.box.x),
                      static_cast<double>(face.box.y), static_cast<double>(face.box.width),
                      static_cast<double>(face.box.height));
        lines += text;
        if (!face.restorer_reason.empty())
            lines += (did_without_landmarks(face.restorer_reason) ? ", restored without landmarks ("
                                                                  : ", read from bicubic (") +
                     face.restorer_reason + ")";
        lines += "\n";
    }
    return lines;
}

}  // namespace

Row answered_row(const std::string& input, ImageSize photo, const Answer& answer, double read_ms) {
    Row row;
    row.input = input;
    row.width = photo.width;
    row.height = photo.height;
    row.faces_found = answer.faces_found;
    row.read_ms = read_ms;
    row.ms = answer.ms;
    for (const Answer::Seen& seen : answer.faces)
        row.faces.push_back({seen.face.box_in_photo, seen.face.score, seen.look.expression, seen.look.reason,
                             name_of(seen.look.route.road), "", seen.look.roll_deg, seen.look.restorer_reason});
    return row;
}

Row failed_row(const std::string& input, const std::string& code, const std::string& message) {
    Row row;
    row.input = input;
    row.error_code = code;
    row.error_message = message;
    return row;
}

Json to_json(const Row& row, bool timings) {
    Json json;
    json["input"] = valid_utf8(row.input);
    json["status"] = row.failed() ? "failed" : "ok";
    json["error"] = nullptr;
    if (row.failed()) json["error"] = {{"code", row.error_code}, {"message", valid_utf8(row.error_message)}};
    json["width"] = row.failed() ? Json(nullptr) : Json(row.width);
    json["height"] = row.failed() ? Json(nullptr) : Json(row.height);
    json["picture"] = text_or_null(row.picture);
    json["faces_found"] = row.faces_found;
    json["faces"] = Json::array();
    for (const FaceRow& face : row.faces) json["faces"].push_back(to_json(face, row));
    if (!timings) return json;
    const Timings& ms = row.ms;
    json["ms"] = {{"read", rounded(row.read_ms, 100)},
                  {"detect", rounded(ms.detect_ms, 100)},
                  {"cut", rounded(ms.cut_ms, 100)},
                  {"restore", rounded(ms.restore_ms, 100)},
                  {"classify", rounded(ms.classify_ms, 100)},
                  {"paste", rounded(ms.paste_ms, 100)},
                  {"total", rounded(row.read_ms + ms.total_ms, 100)}};
    return json;
}

const char* name_of(RowsOf command) {
    return command == RowsOf::analyze ? "analyze" : "enhance";
}

std::string opening(const RowStyle& style) {
    if (style.format == RowFormat::csv)
        return style.rows == RowsOf::analyze ? csv_head(style) : enhanced_csv_head(style);
    return style.format == RowFormat::json ? "[" : "";
}

std::string row_text(const RowStyle& style, const Row& row, bool first) {
    switch (style.format) {
        case RowFormat::text:
            return text_lines(row);
        case RowFormat::json:
        case RowFormat::jsonl:
            return json_row(style.format, to_json(row, style.timings), first);
        case RowFormat::csv:
            return csv_lines(style, row);
    }
    throw Bug("a row format without a writer");
}

std::string closing(const RowStyle& style, bool any) {
    if (style.format != RowFormat::json) return "";
    return any ? "\n]\n" : "]\n";
}

std::string valid_utf8(std::string_view bytes) {
    return Json::parse(dumped(Json(std::string(bytes)))).get<std::string>();
}

std::string printable(std::string_view bytes) {
    std::string text = valid_utf8(bytes);
    std::string safe;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        // C1 control characters (U+0080…U+009F) are two bytes, 0xC2 and one below 0xA0.
        const bool c1 = byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
        if (c1) ++i;
        safe += c1 || byte < 32 || byte == 127 ? '?' : text[i];
    }
    return safe;
}

}  // namespace affectsr::cli
