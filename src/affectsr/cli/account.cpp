#include "affectsr/cli/account.h"

#include <cstdio>

namespace affectsr::cli {

namespace {

std::string counted(std::size_t n, const std::string& one, const std::string& many) {
    return std::to_string(n) + " " + (n == 1 ? one : many);
}

}  // namespace

void Account::add(const std::string& error_code, std::size_t row_faces, std::size_t row_undetermined) {
    ++seen;
    faces += row_faces;
    undetermined += row_undetermined;
    if (error_code.empty()) return;
    ++failed;
    ++failures[error_code];
}

void Account::add_earlier(const std::string& error_code, std::size_t row_faces, std::size_t row_undetermined) {
    add(error_code, row_faces, row_undetermined);
    ++earlier;
}

std::string Account::note() const {
    return std::to_string(failed) + " failed  " + counted(faces, "face", "faces");
}

std::string Account::text(double seconds, const std::string& stopped_by) const {
    std::string text = stopped_by.empty() ? "" : "stopped by " + stopped_by + ": ";
    text += counted(seen, "input", "inputs");
    if (seen != inputs) text += " of " + std::to_string(inputs);
    text += " seen";
    if (earlier > 0) text += " (" + std::to_string(earlier) + " in an earlier run)";
    text += ", " + std::to_string(failed) + " failed";
    std::string by_code;
    for (const auto& [code, n] : failures) by_code += (by_code.empty() ? "" : ", ") + code + " " + std::to_string(n);
    if (!by_code.empty()) text += " (" + by_code + ")";
    text += ", " + counted(faces, "face", "faces");
    if (undetermined > 0) text += " (" + std::to_string(undetermined) + " " + unanswered_word + ")";
    char time[64];
    const double per_second = seconds > 0 ? static_cast<double>(seen - earlier) / seconds : 0;
    std::snprintf(time, sizeof time, ", %.1f s, %.1f inputs/s", seconds, per_second);
    return text + time;
}

}  // namespace affectsr::cli
