#include "affectsr/cli/models_differences.h"

#include <algorithm>
#include <cstdio>

#include "affectsr/cli/rows.h"
#include "affectsr/experiment/card_changes.h"

namespace affectsr::cli {

namespace {

std::string line(const std::string& name, const std::string& value) {
    constexpr std::size_t kNameWidth = 12;
    return name + std::string(kNameWidth - std::min(kNameWidth - 1, name.size()), ' ') + printable(value) + "\n";
}

std::string text_of(const Json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// "7, now 9 (+2)".
std::string whole_change(const Json& change) {
    const auto difference = change["difference"].get<std::int64_t>();
    if (difference == 0) return change["now"].dump();
    return change["before"].dump() + ", now " + change["now"].dump() + " (" + (difference > 0 ? "+" : "") +
           std::to_string(difference) + ")";
}

std::string number(const Json& value, bool with_sign = false) {
    if (!value.is_number()) return "-";
    char text[32];
    if (with_sign)
        std::snprintf(text, sizeof text, "%+.4f", value.get<double>());
    else
        std::snprintf(text, sizeof text, "%.4f", value.get<double>());
    return text;
}

/// ".857 .861 +.004" in columns.
std::string cells(const Json& change) {
    char text[64];
    std::snprintf(text, sizeof text, "  %7s %7s %8s", number(change["before"]).c_str(), number(change["now"]).c_str(),
                  number(change["difference"], true).c_str());
    return text;
}

/// The rows of one evaluation, of which `at` is the first.
std::string evaluation_text(const Json& figures, std::size_t& at) {
    const Json first = figures[at];
    const auto same = [&first](const Json& row) {
        for (const char* key : {"dataset", "split", "truth", "views"})
            if (row[key] != first[key]) return false;
        return true;
    };
    std::string text = "\n" +
                       printable(text_of(first["dataset"]) + " " + text_of(first["split"]) +
                                 ", truth: " + text_of(first["truth"]) + ", views: " + text_of(first["views"])) +
                       (first["same_data"] == false ? " (measured on different data)" : "") +
                       "\n                   size   before     now   change\n";
    for (; at < figures.size() && same(figures[at]); ++at) {
        const Json& row = figures[at];
        const auto add = [&](const std::string& name, const Json& change) {
            char head[64];
            std::snprintf(head, sizeof head, "  %-15.15s %5s", printable(name).c_str(), text_of(row["size"]).c_str());
            text += head + cells(change) + "\n";
        };
        add("accuracy", row["accuracy"]);
        add("balanced", row["balanced_accuracy"]);
        add("ece", row["ece"]);
        for (const auto& [name, recall] : row["recall"].items()) add("  " + name, recall);
    }
    return text;
}

}  // namespace

Json model_changes(const ModelState& before, const ModelState& now) {
    const ModelFile old_file = ModelFile::open(before.file, false), new_file = ModelFile::open(now.file, false);
    const auto bytes_before = static_cast<std::int64_t>(before.bytes), bytes_now = static_cast<std::int64_t>(now.bytes);
    Json changes{{"before", to_json(before)},
                 {"now", to_json(now)},
                 {"bytes", {{"before", bytes_before}, {"now", bytes_now}, {"difference", bytes_now - bytes_before}}}};
    changes.update(card_changes(old_file, new_file));
    return changes;
}

std::string printable_changes(const Json& changes) {
    const auto state = [&](const char* which) {
        const Json& model = changes[which];
        return text_of(model["file"]) + ", " + text_of(model["network"]) + ", sha256 " + text_of(model["sha256"]);
    };
    const auto changed = [&](const char* part) {
        const std::string what = text_of(changes[part]);
        return what.empty() ? "the same" : what;
    };
    std::string text = line("before", state("before")) + line("now", state("now")) +
                       line("bytes", whole_change(changes["bytes"])) +
                       line("parameters", whole_change(changes["parameters"])) +
                       line("weights", changes["same_weights"] == true ? "the same" : "others") +
                       line("recipe", changed("recipe")) + line("card", changed("card"));
    const Json& figures = changes["figures"];
    if (figures.empty()) text += line("figures", "neither card has any of `evaluate sizes` (affectsr models record)");
    for (std::size_t at = 0; at < figures.size();) text += evaluation_text(figures, at);
    return text;
}

}  // namespace affectsr::cli
