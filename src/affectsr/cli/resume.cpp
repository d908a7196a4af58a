#include "affectsr/cli/resume.h"

#include <algorithm>
#include <fstream>
#include <string_view>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/cli/photographs.h"
#include "affectsr/cli/rows.h"

namespace affectsr::cli {

namespace {

constexpr const char* kEnhancedKey = "enlarged";  // which no other row has
constexpr std::string_view kRowBegin = R"({"input":")";

/// Whether a row of ours can begin with these bytes.
bool begins_row(std::string_view bytes) {
    const std::size_t n = std::min(bytes.size(), kRowBegin.size());
    return bytes.substr(0, n) == kRowBegin.substr(0, n);
}

std::string text_at(const Json& object, const char* key) {
    return object.contains(key) && object[key].is_string() ? object[key].get<std::string>() : "";
}

/// Keeps one row; false if the line is none.
bool keep_row(const std::string& line, RowsOf rows, FinishedRows& finished) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object() || !json.contains("input") || !json["input"].is_string()) return false;
    if (!json.contains("status") || !json.contains("faces") || !json["faces"].is_array()) return false;
    if (json.contains(kEnhancedKey) != (rows == RowsOf::enhance)) return false;
    FinishedRow row;
    if (json["status"] == "failed") {
        if (!json.contains("error") || !json["error"].is_object()) return false;
        row.error_code = text_at(json["error"], "code");
        if (row.error_code.empty()) row.error_code = "unknown";
    }
    row.faces = json["faces"].size();
    row.stem = std::filesystem::path(text_at(json, "picture")).stem().native();
    for (const Json& face : json["faces"]) {
        if (!face.is_object()) return false;
        const bool left_alone = face.contains("restored") && face["restored"] == false;
        row.undetermined += left_alone || text_at(face, "expression") == "undetermined" ? 1 : 0;
        if (row.stem.empty()) row.stem = stem_of(text_at(face, "strip"));
    }
    finished.by_input[json["input"].get<std::string>()].push_back(std::move(row));
    return true;
}

}  // namespace

std::vector<std::string> FinishedRows::stems() const {
    std::vector<std::string> stems;
    for (const auto& [input, rows] : by_input)
        for (const FinishedRow& row : rows)
            if (!row.stem.empty()) stems.push_back(row.stem);
    return stems;
}

FinishedRows read_finished_rows(const std::filesystem::path& file, RowsOf rows) {
    FinishedRows finished;
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) return finished;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw InputError("not_readable", "cannot read " + file.string() + " to resume from it");
    std::size_t number = 0;
    for (std::string line; std::getline(stream, line);) {
        ++number;
        const bool whole = !stream.eof();  // no line end follows: the run was killed while it wrote this row
        if (whole ? !keep_row(line, rows, finished) : !begins_row(line))
            throw UsageError(file.string() + " line " + std::to_string(number) + " is not a row of affectsr " +
                                 name_of(rows) + "; resume needs its own jsonl output",
                             "not_rows");
        if (!whole) finished.cut_off = true;
        if (whole) finished.whole_bytes += line.size() + 1;
    }
    if (stream.bad()) throw InputError("not_readable", "cannot read all of " + file.string() + " to resume from it");
    return finished;
}

std::vector<const FinishedRow*> match_rows(const std::vector<Input>& inputs, const FinishedRows& finished) {
    std::map<std::string, std::size_t> used;
    std::vector<const FinishedRow*> rows;
    for (const Input& input : inputs) {
        const std::string name = valid_utf8(input.name);
        const auto found = finished.by_input.find(name);
        std::size_t* next = found == finished.by_input.end() ? nullptr : &used[name];
        rows.push_back(next && *next < found->second.size() ? &found->second[(*next)++] : nullptr);
    }
    return rows;
}

}  // namespace affectsr::cli
