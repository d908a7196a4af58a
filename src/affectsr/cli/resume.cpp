#include "affectsr/cli/resume.h"

#include <fstream>

#include "affectsr/base/error.h"

namespace affectsr::cli {

namespace {

/// Counts one row; false if the line is none.
bool count_row(const std::string& line, FinishedRows& finished, Account& account) {
    const Json row = Json::parse(line, nullptr, false);
    if (!row.is_object() || !row.contains("input") || !row["input"].is_string()) return false;
    if (!row.contains("status") || !row.contains("faces") || !row["faces"].is_array()) return false;
    std::string code;
    if (row["status"] == "failed") {
        if (!row.contains("error") || !row["error"].is_object()) return false;
        code = row["error"].value("code", "unknown");
    }
    std::size_t undetermined = 0;
    for (const Json& face : row["faces"])
        if (face.is_object() && face.value("expression", "") == "undetermined") ++undetermined;
    account.add_earlier(code, row["faces"].size(), undetermined);
    ++finished.rows_by_input[row["input"].get<std::string>()];
    return true;
}

}  // namespace

FinishedRows read_finished_rows(const std::filesystem::path& file, Account& account) {
    FinishedRows finished;
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) return finished;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw InputError("not_readable", "cannot read " + file.string() + " to resume from it");
    std::size_t number = 0;
    for (std::string line; std::getline(stream, line);) {
        if (stream.eof()) {  // no line end follows: the run was killed while it wrote this row
            finished.cut_off = !line.empty();
            break;
        }
        ++number;
        if (!count_row(line, finished, account))
            throw UsageError(file.string() + " line " + std::to_string(number) +
                                 " is not a row of affectsr analyze; resume needs its own --format jsonl output",
                             "not_rows");
        finished.whole_bytes += line.size() + 1;
    }
    return finished;
}

std::vector<std::size_t> without_rows(const std::vector<Input>& inputs, FinishedRows finished) {
    std::vector<std::size_t> left;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto found = finished.rows_by_input.find(valid_utf8(inputs[i].name));
        if (found != finished.rows_by_input.end() && found->second > 0)
            --found->second;
        else
            left.push_back(i);
    }
    return left;
}

}  // namespace affectsr::cli
