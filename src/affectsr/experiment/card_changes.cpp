#include "affectsr/experiment/card_changes.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "affectsr/base/differences.h"

namespace affectsr {

namespace {

constexpr std::size_t kMostNamed = 64;  // differences of recipe and card

Json change(const Json& before, const Json& now) {
    Json difference;
    if (before.is_number_integer() && now.is_number_integer())
        difference = now.get<std::int64_t>() - before.get<std::int64_t>();
    else if (before.is_number() && now.is_number())
        difference = std::round((now.get<double>() - before.get<double>()) * 1e6) / 1e6;
    return {{"before", before}, {"now", now}, {"difference", difference}};
}

Json parameters_of(const ModelFile& file) {
    std::int64_t count = 0;
    for (const auto& [name, tensor] : file.tensors) count += static_cast<std::int64_t>(tensor.count());
    return count;
}

bool same_tensors(const TensorMap& before, const TensorMap& now) {
    return before.size() == now.size() &&
           std::equal(before.begin(), before.end(), now.begin(), [](const auto& a, const auto& b) {
               const auto bytes_a = a.second.bytes(), bytes_b = b.second.bytes();
               return a.first == b.first && a.second.type() == b.second.type() &&
                      a.second.shape() == b.second.shape() &&
                      std::equal(bytes_a.begin(), bytes_a.end(), bytes_b.begin(), bytes_b.end());
           });
}

Json about(const ModelCard& card) {
    Json json = to_json(card);
    for (const char* apart : {"recipe", "figures", "sha256"}) json.erase(apart);
    return json;
}

Json value_of(const Json& object, const char* key) {
    return object.is_object() && object.contains(key) ? object[key] : Json();
}

/// One size of one evaluation of a card.
struct CardRow {
    Json dataset, split, truth, views, size;
    Json data_sha256;
    Json figures;
    bool is_of(const CardRow& other) const {
        return dataset == other.dataset && split == other.split && truth == other.truth && views == other.views &&
               size == other.size;
    }
};

std::vector<CardRow> rows_of(const ModelCard& card) {
    std::vector<CardRow> rows;
    const Json evaluations = value_of(card.figures, "evaluation");
    for (const Json& evaluation : evaluations.is_array() ? evaluations : Json::array()) {
        const Json views = value_of(evaluation, "views"), sizes = value_of(evaluation, "rows");
        for (const Json& figures : sizes.is_array() ? sizes : Json::array())
            rows.push_back({value_of(evaluation, "dataset"), value_of(evaluation, "split"),
                            value_of(evaluation, "truth"), views.is_null() ? Json(1) : views, value_of(figures, "size"),
                            value_of(evaluation, "dataset_sha256"), figures});
    }
    return rows;
}

Json change_of_row(const CardRow& key, const CardRow& before, const CardRow& now) {
    Json row{
        {"dataset", key.dataset}, {"split", key.split}, {"truth", key.truth}, {"views", key.views}, {"size", key.size}};
    const bool both = !before.figures.is_null() && !now.figures.is_null();
    row["same_data"] = both ? Json(before.data_sha256 == now.data_sha256) : Json();
    for (const char* figure : {"accuracy", "balanced_accuracy", "ece"})
        row[figure] = change(value_of(before.figures, figure), value_of(now.figures, figure));
    const Json recall_before = value_of(before.figures, "recall"), recall_now = value_of(now.figures, "recall");
    row["recall"] = Json::object();
    for (const Json& recall : {recall_before, recall_now}) {
        if (!recall.is_object()) continue;
        for (const auto& [name, value] : recall.items())
            row["recall"][name] = change(value_of(recall_before, name.c_str()), value_of(recall_now, name.c_str()));
    }
    return row;
}

Json changed_figures(const ModelCard& before, const ModelCard& now) {
    const std::vector<CardRow> old_rows = rows_of(before), new_rows = rows_of(now);
    const auto find = [](const std::vector<CardRow>& rows, const CardRow& wanted) {
        const auto found =
            std::find_if(rows.begin(), rows.end(), [&](const CardRow& row) { return row.is_of(wanted); });
        return found == rows.end() ? CardRow{} : *found;
    };
    Json list = Json::array();
    for (const CardRow& row : old_rows) list.push_back(change_of_row(row, row, find(new_rows, row)));
    for (const CardRow& row : new_rows)
        if (find(old_rows, row).figures.is_null()) list.push_back(change_of_row(row, CardRow{}, row));
    return list;
}

}  // namespace

Json card_changes(const ModelFile& before, const ModelFile& now) {
    return {{"parameters", change(parameters_of(before), parameters_of(now))},
            {"same_weights", same_tensors(before.tensors, now.tensors)},
            {"recipe", differences(before.card.recipe, now.card.recipe, kMostNamed)},
            {"card", differences(about(before.card), about(now.card), kMostNamed)},
            {"figures", changed_figures(before.card, now.card)}};
}

}  // namespace affectsr
