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

}  // namespace

Json card_figures(const Json& report, const std::string& where) {
    const Json& made_by = part(report, "provenance", where);
    Json figures{{"dataset", part(made_by, "dataset", where)},
                 {"split", part(made_by, "split", where)},
                 {"truth", part(part(made_by, "options", where), "truth", where)},
                 {"dataset_sha256", part(made_by, "dataset_sha256", where)},
                 {"commit", part(made_by, "commit", where)},
                 {"command", part(made_by, "command", where)},
                 {"rows", Json::array()}};
    for (const Json& row : part(report, "rows", where)) {
        Json kept;
        for (const char* key : {"size", "n", "left_out", "accuracy", "balanced_accuracy", "ece"})
            kept[key] = rounded(part(row, key, where));
        for (const auto& [emotion, figure] : part(row, "by_class", where).items())
            kept["recall"][emotion] = rounded(part(figure, "recall", where));
        figures["rows"].push_back(std::move(kept));
    }
    return figures;
}

}  // namespace affectsr
