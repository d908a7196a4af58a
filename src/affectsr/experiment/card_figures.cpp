#include "affectsr/experiment/card_figures.h"

#include <cmath>

namespace affectsr {

namespace {

Json rounded(const Json& value) {
    return value.is_number_float() ? Json(std::round(value.get<double>() * 1e4) / 1e4) : value;
}

const Json& part(const Json& json, const char* key, const std::string& where) {
    if (!json.is_object() || !json.contains(key))
        throw InputError("not_a_report", where + " is not a report of `evaluate sizes`: \"" + key + "\" is missing");
    return json[key];
}

std::int64_t count_at(const Json& json, const char* key) {
    return json.is_object() && json.contains(key) && json[key].is_number_integer() ? json[key].get<std::int64_t>() : 0;
}

// What is in no figure is told beside them.
void keep_left_out(const Json& report, const Json& made_by, Json& figures) {
    for (const char* key : {"skipped", "unreadable"}) {
        const std::int64_t count = count_at(made_by, (std::string("dataset_") + key).c_str());
        if (count > 0) figures[key] = count;
    }
    if (!report.contains("faces")) return;
    const Json& faces = report["faces"];
    if (count_at(faces, "judged") == count_at(faces, "with_truth")) return;
    figures["judged"] = count_at(faces, "judged");
    figures["of"] = count_at(faces, "with_truth");
}

}  // namespace

Json card_figures(const Json& report, const std::string& where) {
    if (report.is_object() && report.value("interrupted", Json(false)) == true) {
        throw InputError("interrupted", where +
                                            " was made by a run that was stopped; a card takes the figures of whole "
                                            "runs: run its command again");
    }
    const Json& made_by = part(report, "provenance", where);
    Json figures{{"dataset", part(made_by, "dataset", where)},
                 {"split", part(made_by, "split", where)},
                 {"truth", part(part(made_by, "options", where), "truth", where)},
                 {"dataset_sha256", part(made_by, "dataset_sha256", where)},
                 {"commit", part(made_by, "commit", where)},
                 {"command", part(made_by, "command", where)},
                 {"rows", Json::array()}};
    if (made_by["options"].contains("views")) figures["views"] = made_by["options"]["views"];
    keep_left_out(report, made_by, figures);
    for (const Json& row : part(report, "rows", where)) {
        Json kept;
        for (const char* key : {"size", "n", "left_out", "accuracy", "balanced_accuracy", "ece"})
            kept[key] = rounded(part(row, key, where));
        for (const auto& [emotion, figure] : part(row, "by_class", where).items())
            kept["recall"][emotion] = rounded(part(figure, "recall", where));
        if (count_at(row, "failed") > 0) kept["failed"] = count_at(row, "failed");
        figures["rows"].push_back(std::move(kept));
    }
    return figures;
}

}  // namespace affectsr
