#include "affectsr/experiment/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <map>
#include <thread>

namespace affectsr {

namespace {

// The value at "a.b.c"; null if a step is missing, or for a number that is none: so JSON writes it, too.
Json value_at(const Json& row, const std::string& key) {
    const Json* value = &row;
    for (std::size_t begin = 0; begin <= key.size();) {
        const std::size_t end = std::min(key.find('.', begin), key.size());
        const std::string step = key.substr(begin, end - begin);
        if (!value->is_object() || !value->contains(step)) return {};
        value = &value->at(step);
        begin = end + 1;
    }
    if (value->is_number_float() && !std::isfinite(value->get<double>())) return {};
    return *value;
}

std::string fixed(double number, int digits) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", digits, number);
    return text;
}

// File names may hold bytes that are not UTF-8; they must not keep a report from being written.
std::string plain(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string cell(const Json& value, int digits) {
    if (value.is_null()) return "–";
    if (value.is_number() && digits >= 0) return fixed(value.get<double>(), digits);
    return plain(value);
}

// A pipe or a newline would end the cell of a Markdown table.
std::string escaped(const std::string& text) {
    std::string safe;
    for (const char c : text) {
        if (c == '|') safe += '\\';
        safe += c == '\n' || c == '\r' ? ' ' : c;
    }
    return safe;
}

std::string csv_cell(const Json& value) {
    if (value.is_null()) return "";
    std::string text = plain(value);
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    for (std::size_t i = 0; (i = text.find('"', i)) != std::string::npos; i += 2) text.insert(i, 1, '"');
    return "\"" + text + "\"";
}

std::string table_head(const std::vector<std::string>& titles) {
    std::string head = "|", rule = "|";
    for (const std::string& title : titles) {
        head += " " + escaped(title) + " |";
        rule += " ---: |";
    }
    return head + "\n" + rule + "\n";
}

std::string table_text(const Table& table, const std::vector<Json>& rows) {
    std::vector<std::string> titles;
    for (const Column& column : table.columns) titles.push_back(column.title);
    std::string text = (table.title.empty() ? "" : "## " + table.title + "\n\n") + table_head(titles);
    for (const Json& row : rows) {
        text += "|";
        for (const Column& column : table.columns) {
            text += " " + escaped(cell(value_at(row, column.key), column.digits)) + " |";
        }
        text += "\n";
    }
    return text;
}

std::string matrix_text(const Matrix& matrix) {
    std::vector<std::string> titles = {""};
    titles.insert(titles.end(), matrix.columns.begin(), matrix.columns.end());
    std::string text = "### " + matrix.title + "\n\n" + table_head(titles);
    for (std::size_t r = 0; r < matrix.cells.size(); ++r) {
        text += "| " + escaped(matrix.rows.at(r)) + " |";
        for (const std::int64_t count : matrix.cells[r]) text += " " + std::to_string(count) + " |";
        text += "\n";
    }
    return text;
}

std::string failed_text(const std::vector<FailedInput>& failed) {
    constexpr std::size_t kMostNamed = 20;
    std::string text =
        "## What could not be read\n\n" + failure_count(failed) + ".\n\n" + table_head({"code", "message"});
    for (std::size_t i = 0; i < std::min(failed.size(), kMostNamed); ++i)
        text += "| " + escaped(failed[i].code) + " | " + escaped(failed[i].message) + " |\n";
    if (failed.size() > kMostNamed) {
        text += "\nand " + std::to_string(failed.size() - kMostNamed) + " more; the JSON report names all.\n";
    }
    return text;
}

std::string utc_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&now, &parts);
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

}  // namespace

Json to_json(const Provenance& made_by) {
    Json json = {{"program", "affectsr"},      {"version", made_by.version},
                 {"commit", made_by.commit},   {"command", made_by.command},
                 {"dataset", made_by.dataset}, {"dataset_sha256", made_by.dataset_sha256}};
    if (!made_by.dataset.empty()) {
        json["dataset_listed"] = made_by.dataset_listed;
        json["dataset_skipped"] = made_by.dataset_skipped;
        json["dataset_unreadable"] = made_by.dataset_unreadable;
    }
    json["split"] = made_by.split;
    json["model"] = made_by.model;
    json["model_sha256"] = made_by.model_sha256;
    if (!made_by.restorer.empty()) {
        json["restorer"] = made_by.restorer;
        json["restorer_sha256"] = made_by.restorer_sha256;
    }
    if (!made_by.precision.empty()) {
        json["precision_asked"] = made_by.precision_asked;
        json["precision"] = made_by.precision;
    }
    json["seed"] = made_by.seed;
    json["options"] = made_by.options;
    json["protocol"] = made_by.protocol;
    json["hardware_threads"] = made_by.hardware_threads;
    json["date"] = made_by.date;
    return json;
}

std::string failure_count(std::span<const FailedInput> failed) {
    if (failed.empty()) return "";
    std::map<std::string, std::size_t> codes;
    for (const FailedInput& input : failed) ++codes[input.code];
    std::string text;
    for (const auto& [code, count] : codes) text += (text.empty() ? "" : ", ") + code + " " + std::to_string(count);
    return std::to_string(failed.size()) + (failed.size() == 1 ? " input failed: " : " inputs failed: ") + text;
}

Provenance provenance_now(std::string command) {
    Provenance made_by;
    made_by.command = std::move(command);
    made_by.hardware_threads = std::thread::hardware_concurrency();
    made_by.date = utc_now();
    return made_by;
}

Json Report::json() const {
    Json whole = {{"provenance", to_json(made_by)}};
    for (const auto& [key, value] : facts.items()) whole[key] = value;
    whole["interrupted"] = interrupted;
    whole["failed_inputs"] = Json::array();
    for (const FailedInput& input : failed) {
        whole["failed_inputs"].push_back({{"path", input.path},
                                          {"row", input.row > 0 ? Json(input.row) : Json()},
                                          {"code", input.code},
                                          {"message", input.message}});
    }
    whole["rows"] = rows;
    return whole;
}

std::string Report::markdown() const {
    std::string text = "# " + title + "\n\n";
    if (interrupted) text += "**Interrupted: these figures are of a part of the faces only.**\n\n";
    for (const std::string& note : notes) text += "- " + note + "\n";
    if (!notes.empty()) text += "\n";
    for (const Table& table : tables) text += table_text(table, rows) + "\n";
    for (const Matrix& matrix : matrices) text += matrix_text(matrix) + "\n";
    if (!failed.empty()) text += failed_text(failed) + "\n";
    text += "## How it was made\n\n| | |\n| --- | --- |\n";
    const Json account = to_json(made_by);
    for (const auto& [key, value] : account.items()) {
        text += "| " + key + " | " + escaped(cell(value, -1)) + " |\n";
    }
    return text;
}

std::string Report::csv() const {
    std::vector<std::string> keys;
    for (const Table& table : tables) {
        for (const Column& column : table.columns) {
            if (std::find(keys.begin(), keys.end(), column.key) == keys.end()) keys.push_back(column.key);
        }
    }
    std::string text;
    for (const std::string& key : keys) text += (text.empty() ? "" : ",") + csv_cell(key);
    text += interrupted ? ",interrupted\r\n" : "\r\n";
    for (const Json& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < keys.size(); ++i) line += (i > 0 ? "," : "") + csv_cell(value_at(row, keys[i]));
        text += line + (interrupted ? ",true\r\n" : "\r\n");
    }
    return text;
}

}  // namespace affectsr
