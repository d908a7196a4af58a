#include "affectsr/experiment/table_ground.h"

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/base/sha256.h"
#include "affectsr/experiment/sizes.h"
#include "affectsr/plan/precision.h"
#include "affectsr/weights/mapped_file.h"

namespace affectsr {

namespace {

std::string hash_of(const std::filesystem::path& file) {
    return file.empty() ? "" : sha256_hex(MappedFile::open(file).bytes());
}

/// The network that an item names, or a model file's name without its folder and ending.
std::string name_of_item(const std::string& item) {
    const std::string name = item.substr(0, item.find('='));
    return name.ends_with(".safetensors") ? std::filesystem::path(name).stem().string() : name;
}

}  // namespace

void tell_missing(TableResult& result, const std::string& sentence) {
    if (std::find(result.missing.begin(), result.missing.end(), sentence) == result.missing.end())
        result.missing.push_back(sentence);
}

TableJudges table_judges(const std::vector<std::string>& items, const TablePlaces& places,
                         std::vector<std::string>& missing) {
    TableJudges judges;
    for (const std::string& item : items) {
        try {
            judges.items.push_back(find_table_judge(item, places));
        } catch (const ModelError& error) {
            missing.push_back("the judge " + item + ": " + error.what());
            continue;
        }
        judges.listed.push_back(item);
        const std::string name = name_of_item(item);
        const bool taken = std::find(judges.names.begin(), judges.names.end(), name) != judges.names.end();
        judges.names.push_back(taken ? item : name);
    }
    return judges;
}

void add_features(const TableRecipe& recipe, const TablePlaces& places, TableJudges& judges,
                  std::vector<std::string>& missing) {
    if (recipe.features.empty()) return;
    try {
        const std::string features = find_table_judge(recipe.features, places);
        if (!recipe.feature_heads.empty()) judges.heads = find_table_model(recipe.feature_heads, places);
        judges.features = features;
    } catch (const ModelError& error) {
        missing.push_back("perceptual distances by " + recipe.features + ": " + error.what());
    }
}

std::string TableGround::name() const {
    return slug_of(data.name) + "_" + std::to_string(scale) + "x";
}

std::string TableGround::title() const {
    return data.name + ", " + std::to_string(scale) + "×";
}

std::set<std::size_t> TableGround::evenly(std::size_t count) const {
    const auto limit = static_cast<std::size_t>(data.limit);
    const std::size_t total = limit > 0 ? std::min(limit, faces.size()) : faces.size();
    std::set<std::size_t> indices;
    for (std::size_t i = 0; i < std::min(count, total); ++i) indices.insert(i * total / std::min(count, total));
    return indices;
}

RestorationOptions options_on(const TableRun& run, const TableGround& ground, std::vector<std::string> restorers) {
    const TableRecipe& recipe = run.recipe;
    RestorationOptions options;
    options.dataset = ground.data.dataset;
    options.data = ground.data.root;
    options.split = ground.data.split;
    options.limit = ground.data.limit;
    options.scale = ground.scale;
    options.restorers = std::move(restorers);
    options.judges = ground.judges.items;
    options.features = ground.judges.features;
    options.feature_heads = ground.judges.heads;
    options.border_px = recipe.border_px;
    options.precision = recipe.precision;
    options.threads = run.threads;
    options.seed = recipe.seed;
    return options;
}

Json made_of(const TableGround& ground, const RestorationOptions& options, const RestorationParty& party) {
    Json judges = Json::array(), restorers = Json::array();
    for (std::size_t i = 0; i < party.judges.size(); ++i)
        judges.push_back({ground.judges.names.at(i), party.judges[i].model_sha256});
    for (const RestorerUnderTest& one : party.restorers)
        restorers.push_back({one.name.substr(0, one.name.find('=')), one.model_sha256});
    Json settings = to_json(options);
    for (const char* place : {"data", "restorer", "judge", "features", "feature_heads", "threads"})
        settings.erase(place);
    settings["precision"] = name_of(used_precision(precision_from(options.precision)));
    const std::string network = options.features.substr(0, options.features.find('='));
    return {{"dataset_sha256", ground.faces.card().sha256},
            {"judges", judges},
            {"restorers", restorers},
            {"landmarker_sha256", weights_sha256(options.landmarker, "")},
            {"detector_sha256", weights_sha256(options.detector, "")},
            {"features", network},
            {"features_sha256", network.empty() ? "" : hash_of(options.features.substr(network.size() + 1))},
            {"feature_heads_sha256", hash_of(options.feature_heads)},
            {"settings", settings}};
}

}  // namespace affectsr
