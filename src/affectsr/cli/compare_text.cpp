#include "affectsr/cli/compare_text.h"

#include <algorithm>
#include <cstdio>

#include "affectsr/cli/rows.h"

namespace affectsr::cli {

namespace {

std::string word(const Json& row, const char* key) {
    return row.at(key).is_string() ? row.at(key).get<std::string>() : "";
}

std::string answer(const Json& row, const char* label, const char* confidence) {
    if (!row.at(confidence).is_number()) return word(row, label);
    char text[64];
    std::snprintf(text, sizeof text, "%s %.0f %%", word(row, label).c_str(), 100 * row.at(confidence).get<double>());
    return text;
}

std::string face_line(const Json& row, bool several_judges) {
    char number[32];
    std::snprintf(number, sizeof number, "  %3d  ", row.at("face").get<int>());
    std::string line = number;
    if (several_judges) line += printable(word(row, "judge")) + ": ";
    const std::string status = word(row, "status");
    if (status == "vanished") return line + answer(row, "label_before", "confidence_before") + " → vanished";
    if (status == "appeared") return line + "appeared: " + answer(row, "label_after", "confidence_after");
    line += word(row, "verdict");
    const std::string reason = word(row, "reason");
    if (!reason.empty()) line += " (" + reason + ")";
    line += ": " + answer(row, "label_before", "confidence_before") + " → " +
            answer(row, "label_after", "confidence_after");
    char bits[64];
    if (row.at("divergence_bits").is_number()) {
        std::snprintf(bits, sizeof bits, ", %.3f bits", row.at("divergence_bits").get<double>());
        line += bits;
    }
    if (row.at("landmark_shift").is_number()) {
        std::snprintf(bits, sizeof bits, ", shift %.3f", row.at("landmark_shift").get<double>());
        line += bits;
    }
    std::snprintf(bits, sizeof bits, ", %.0f px before", row.at("face_px").get<double>());
    return line + bits;
}

}  // namespace

std::string compared_text(const std::vector<Json>& rows) {
    if (rows.empty()) return "";
    const Json& first = rows.front();
    const std::string before = word(first, "before"), after = word(first, "after");
    std::string text = printable(before) + (before.empty() || after.empty() ? "" : " → ") + printable(after) + ": ";
    const std::string status = word(first, "status");
    if (status == "failed")
        return text + "failed (" + first.at("error").at("code").get<std::string>() +
               "): " + printable(first.at("error").at("message").get<std::string>()) + "\n";
    if (status == "no_face") return text + "no face\n";
    const int faces = rows.back().at("face").get<int>();
    text += std::to_string(faces) + (faces == 1 ? " face\n" : " faces\n");
    const bool several =
        std::any_of(rows.begin(), rows.end(), [&](const Json& row) { return row.at("judge") != first.at("judge"); });
    for (const Json& row : rows) text += face_line(row, several) + "\n";
    return text;
}

}  // namespace affectsr::cli
