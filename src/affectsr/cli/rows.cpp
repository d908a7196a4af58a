#include "affectsr/cli/rows.h"

#include <cmath>
#include <cstdio>

namespace affectsr::cli {

namespace {

/// JSON has no NaN: a number that is none becomes null.
Json rounded(double value, double per_unit) {
    if (!std::isfinite(value)) return nullptr;
    return std::round(value * per_unit) / per_unit;
}
Json pixels(double value) {
    return rounded(value, 100);
}
Json probability(double value) {
    return rounded(value, 1e6);
}

Json to_json(const FaceRow& face) {
    Json json;
    json["box"] = {pixels(face.box.x), pixels(face.box.y), pixels(face.box.width), pixels(face.box.height)};
    json["score"] = probability(face.score);
    const bool determined = !face.expression.empty();
    json["expression"] = determined ? name_of(face.expression.best()) : "undetermined";
    json["confidence"] = determined ? probability(face.expression.confidence()) : Json(nullptr);
    json["probabilities"] = Json::object();
    for (std::size_t i = 0; i < face.expression.labels.size(); ++i)
        json["probabilities"][name_of(face.expression.labels[i])] = probability(face.expression.probability[i]);
    json["reason"] = face.reason.empty() ? Json(nullptr) : Json(face.reason);
    json["road"] = face.road;
    return json;
}

std::string dumped(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// A cell as RFC 4180 quotes it.
std::string cell(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}
std::string cell(const Json& number) {
    return number.is_null() ? "" : number.dump();
}

std::string csv_head(bool timings) {
    std::string head = "input,status,error_code,error_message,width,height,faces,face,x,y,box_width,box_height,score,";
    head += "expression,confidence";
    for (const Emotion emotion : seven_emotions()) head += std::string(",") + name_of(emotion);
    return head + ",reason,road" + (timings ? ",total_ms" : "") + "\n";
}

/// One line per face, and one for an input without faces: every input has a line.
std::string csv_lines(const Row& row, bool timings) {
    const std::string begin = cell(valid_utf8(row.input)) + (row.failed() ? ",failed," : ",ok,") +
                              cell(row.error_code) + "," + cell(valid_utf8(row.error_message)) + "," +
                              std::to_string(row.width) + "," + std::to_string(row.height) + "," +
                              std::to_string(row.faces.size());
    const std::string end = timings ? "," + cell(rounded(row.read_ms + row.ms.total_ms, 100)) + "\n" : "\n";
    if (row.faces.empty()) return begin + std::string(17, ',') + end;
    std::string lines;
    for (std::size_t i = 0; i < row.faces.size(); ++i) {
        const FaceRow& face = row.faces[i];
        const bool determined = !face.expression.empty();
        lines += begin + "," + std::to_string(i + 1) + "," + cell(pixels(face.box.x)) + "," + cell(pixels(face.box.y)) +
                 "," + cell(pixels(face.box.width)) + "," + cell(pixels(face.box.height)) + "," +
                 cell(probability(face.score));
        lines += determined ? std::string(",") + name_of(face.expression.best()) : ",undetermined";
        lines += "," + (determined ? cell(probability(face.expression.confidence())) : "");
        for (const Emotion emotion : seven_emotions())
            lines += "," + (determined ? cell(probability(face.expression.of(emotion))) : "");
        lines += "," + cell(face.reason) + "," + face.road + end;
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
        std::snprintf(text, sizeof text, "  at %.0f,%.0f size %.0f×%.0f px\n", static_cast<double>(face.box.x),
                      static_cast<double>(face.box.y), static_cast<double>(face.box.width),
                      static_cast<double>(face.box.height));
        lines += text;
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
                             name_of(seen.look.route.road)});
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
    json["faces_found"] = row.faces_found;
    json["faces"] = Json::array();
    for (const FaceRow& face : row.faces) json["faces"].push_back(to_json(face));
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

std::string opening(RowFormat format, bool timings) {
    if (format == RowFormat::csv) return csv_head(timings);
    return format == RowFormat::json ? "[" : "";
}

std::string row_text(RowFormat format, const Row& row, bool timings, bool first) {
    switch (format) {
        case RowFormat::text:
            return text_lines(row);
        case RowFormat::json:
            return (first ? "\n" : ",\n") + dumped(to_json(row, timings));
        case RowFormat::jsonl:
            return dumped(to_json(row, timings)) + "\n";
        case RowFormat::csv:
            return csv_lines(row, timings);
    }
    throw Bug("a row format without a writer");
}

std::string closing(RowFormat format, bool any) {
    if (format != RowFormat::json) return "";
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
