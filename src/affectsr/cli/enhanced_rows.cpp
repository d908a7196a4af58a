#include "affectsr/cli/enhanced_rows.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string_view>

#include "affectsr/base/error.h"
#include "affectsr/cli/csv.h"
#include "affectsr/cli/row_values.h"

namespace affectsr::cli {

namespace {

Json to_json(const EnhancedFace& face) {
    const Box& box = face.face.box_in_photo;
    return {{"box", {rounded(box.x, 100), rounded(box.y, 100), rounded(box.width, 100), rounded(box.height, 100)}},
            {"score", rounded(face.face.score, 1e6)},
            {"restored", face.restored},
            {"reason", text_or_null(face.reason)},
            {"restorer_reason", text_or_null(face.restorer_reason)},
            {"crop_px", rounded(face.crop_px, 100)},
            {"made_px", face.made_px == 0 ? Json(nullptr) : Json(face.made_px)},
            {"roll_deg", face.roll_deg ? rounded(*face.roll_deg, 10) : Json(nullptr)}};
}

/// A CSV column: its name and where its value lies in the row's JSON; those of a face begin with "/face/".
struct PlacedColumn {
    const char *name, *place;
};
constexpr PlacedColumn kColumns[] = {
    {"input", "/input"},
    {"status", "/status"},
    {"error_code", "/error/code"},
    {"error_message", "/error/message"},
    {"width", "/width"},
    {"height", "/height"},
    {"picture", "/picture"},
    {"picture_width", "/picture_width"},
    {"picture_height", "/picture_height"},
    {"restorer", "/restorer"},
    {"model_sha256", "/model_sha256"},
    {"scale", "/scale"},
    {"enlarged", "/enlarged"},
    {"faces_found", "/faces_found"},
    {"face", "/number"},
    {"x", "/face/box/0"},
    {"y", "/face/box/1"},
    {"box_width", "/face/box/2"},
    {"box_height", "/face/box/3"},
    {"score", "/face/score"},
    {"restored", "/face/restored"},
    {"reason", "/face/reason"},
    {"restorer_reason", "/face/restorer_reason"},
    {"crop_px", "/face/crop_px"},
    {"made_px", "/face/made_px"},
    {"roll_deg", "/face/roll_deg"},
    {"total_ms", "/ms/total"},
};

bool is_shown(const PlacedColumn& column, const RowStyle& style) {
    return style.timings || std::string_view(column.place) != "/ms/total";
}

/// One line per face, and one for an input without faces: every input has a line.
std::string csv_lines(const RowStyle& style, const EnhancedRow& row) {
    Json json = to_json(row, style.timings);
    std::string lines;
    for (std::size_t i = 0; i < std::max<std::size_t>(row.faces.size(), 1); ++i) {
        if (!row.faces.empty()) json["number"] = i + 1, json["face"] = json["faces"][i];
        std::string line;
        for (const PlacedColumn& column : kColumns) {
            if (!is_shown(column, style)) continue;
            const Json::json_pointer place(column.place);
            line += (line.empty() ? "" : ",") + csv_cell(json.contains(place) ? json[place] : Json(), style.csv_safe);
            if (line.empty()) line = "\"\"";  // an input without a name, so that the next cell gets its comma
        }
        lines += line + "\n";
    }
    return lines;
}

std::string text_lines(const EnhancedRow& row) {
    const std::string name = printable(row.input);
    if (row.failed()) return name + ": failed (" + row.error_code + "): " + printable(row.error_message) + "\n";
    const std::size_t n = row.faces.size(), restored = n - row.left_alone();
    std::string lines = name + ": " + std::to_string(row.photo.width) + "×" + std::to_string(row.photo.height) + " → " +
                        std::to_string(row.made.width) + "×" + std::to_string(row.made.height) + ", " +
                        std::to_string(restored) + " of " + std::to_string(n) + (n == 1 ? " face" : " faces") +
                        " restored, " + printable(row.picture) + "\n";
    for (std::size_t i = 0; i < n; ++i) {
        const EnhancedFace& face = row.faces[i];
        char text[160];
        if (face.restored)
            std::snprintf(text, sizeof text, "  %3zu  %.0f px → %d px", i + 1, face.crop_px, face.made_px);
        else
            std::snprintf(text, sizeof text, "  %3zu  %.0f px, left as it is (%s)", i + 1, face.crop_px,
                          face.reason.c_str());
        lines += text;
        if (!face.restorer_reason.empty()) lines += ", without landmarks (" + face.restorer_reason + ")";
        lines += "\n";
    }
    return lines;
}

}  // namespace

std::size_t EnhancedRow::left_alone() const {
    return static_cast<std::size_t>(
        std::count_if(faces.begin(), faces.end(), [](const EnhancedFace& face) { return !face.restored; }));
}

Json to_json(const EnhancedRow& row, bool timings) {
    const auto side = [&row](int value) { return row.failed() ? Json(nullptr) : Json(value); };
    Json json;
    json["input"] = valid_utf8(row.input);
    json["status"] = row.failed() ? "failed" : "ok";
    json["error"] = nullptr;
    if (row.failed()) json["error"] = {{"code", row.error_code}, {"message", valid_utf8(row.error_message)}};
    json["width"] = side(row.photo.width);
    json["height"] = side(row.photo.height);
    json["picture"] = text_or_null(row.picture);
    json["picture_width"] = side(row.made.width);
    json["picture_height"] = side(row.made.height);
    json["restorer"] = row.restorer;
    json["model_sha256"] = text_or_null(row.model_sha256);
    json["scale"] = row.scale;
    json["enlarged"] = row.enlarged;
    json["faces_found"] = row.faces_found;
    json["faces"] = Json::array();
    for (const EnhancedFace& face : row.faces) json["faces"].push_back(to_json(face));
    if (!timings) return json;
    json["ms"] = {{"read", rounded(row.read_ms, 100)},
                  {"detect", rounded(row.ms.detect_ms, 100)},
                  {"cut", rounded(row.ms.cut_ms, 100)},
                  {"restore", rounded(row.ms.restore_ms, 100)},
                  {"paste", rounded(row.ms.paste_ms, 100)},
                  {"write", rounded(row.write_ms, 100)},
                  {"total", rounded(row.read_ms + row.ms.total_ms + row.write_ms, 100)}};
    return json;
}

std::string enhanced_csv_head(const RowStyle& style) {
    std::string head;
    for (const PlacedColumn& column : kColumns)
        if (is_shown(column, style)) head += (head.empty() ? "" : ",") + std::string(column.name);
    return head + "\n";
}

std::string row_text(const RowStyle& style, const EnhancedRow& row, bool first) {
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

}  // namespace affectsr::cli
