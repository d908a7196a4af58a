#include "affectsr/experiment/table.h"

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/data/catalog.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

namespace {

/// A card's figure; null where it does not tell.
Json figure_of(const ModelCard& card, const char* name) {
    return card.figures.is_object() && card.figures.contains(name) && card.figures.at(name).is_number()
               ? card.figures.at(name)
               : Json();
}

}  // namespace

std::unique_ptr<Dataset> open_table_data(const TableData& data, const TablePlaces& places) {
    const std::filesystem::path root = data.root;
    Json where{{"root", (root.is_absolute() ? root : places.data / root).string()}};
    if (!data.split.empty()) where["split"] = data.split;
    return open_dataset(data.dataset, where);
}

std::vector<TableEntrant> entrants(const std::vector<TableRestorer>& restorers, int step) {
    std::vector<TableEntrant> all;
    for (const TableRestorer& one : restorers) {
        if (!one.only.empty() && std::find(one.only.begin(), one.only.end(), step) == one.only.end()) continue;
        if (one.models.empty()) all.push_back({&one, one.name, ""});
        for (std::size_t i = 0; i < one.models.size(); ++i)
            all.push_back(
                {&one, one.models.size() > 1 ? one.name + " #" + std::to_string(i + 1) : one.name, one.models[i]});
    }
    return all;
}

Json about_model(const TableEntrant& entrant, const std::string& file) {
    Json about{{"network", entrant.restorer->network},
               {"model", nullptr},
               {"model_sha256", nullptr},
               {"training_steps", nullptr},
               {"training_seconds", nullptr}};
    std::filesystem::path path = file;
    if (file.empty()) {
        try {
            path = find_model(entrant.restorer->network);
        } catch (const ModelError&) {
            return about;  // it needs no weights, or its loader says that they are missing
        }
    }
    const ModelCard card = ModelFile::open(path, false).card;
    about["model"] = entrant.file.empty() ? entrant.restorer->network : entrant.file;
    about["model_sha256"] = card.sha256;
    about["training_steps"] = figure_of(card, "steps");
    about["training_seconds"] = figure_of(card, "training_seconds");
    return about;
}

TableResult run_table(const TableRecipe& recipe, const TablePlaces& places, const std::string& command, int threads,
                      const TableProgress& progress, std::stop_token stop) {
    const TableRun run{recipe, places, progress, std::move(stop), command, threads, KeptRows(places.rows)};
    TableResult result;
    result.made_by = provenance_now(command);
    result.made_by.seed = recipe.seed;
    result.made_by.precision_asked = recipe.precision;
    result.made_by.options = to_json(recipe);
    add_restorations(run, result);
    if (!result.interrupted) add_expressions(run, result);
    return result;
}

}  // namespace affectsr
