#include "affectsr/train/recipe.h"

#include <algorithm>

#include "affectsr/base/json_file.h"
#include "affectsr/data/catalog.h"

namespace affectsr {

namespace {

constexpr std::int64_t kMostRecipeBytes = 1 << 20;

}  // namespace

Recipe read_recipe(const std::filesystem::path& file, const std::filesystem::path& data_root) {
    Recipe recipe = affectsr::from_json<Recipe>(read_json(file, kMostRecipeBytes), file.string());
    recipe.data_root = data_root;
    const auto is_control = [](unsigned char c) { return c < 32 || c == 127; };
    if (recipe.name.empty() || recipe.name.find('/') != std::string::npos || recipe.name.front() == '.' ||
        std::any_of(recipe.name.begin(), recipe.name.end(), is_control))
        throw UsageError(file.string() +
                         ": \"name\" must be a file name without folders, control characters or a dot in front");
    for (TrainingSource& source : recipe.data) {
        if (source.least_crop > source.most_crop)
            throw UsageError(file.string() + ": \"least_crop\" is larger than \"most_crop\"");
        if (!source.options.is_object())
            throw UsageError(file.string() + ": \"options\" of a data source must be an object of settings");
        if (!source.landmark_labels.empty() && std::filesystem::path(source.landmark_labels).is_relative())
            source.landmark_labels = (data_root / source.landmark_labels).string();
        if (!source.options.contains("root")) continue;
        if (!source.options["root"].is_string())
            throw UsageError(file.string() +
                             ": \"root\" of a data source must be a text, the name of its folder; got " +
                             source.options["root"].dump());
        const std::filesystem::path root = source.options["root"].get<std::string>();
        if (root.is_relative()) source.options["root"] = (data_root / root).string();
    }
    return recipe;
}

Json resolved_json(const Recipe& recipe, const Task& task) {
    Json json = to_json(recipe);
    json["task"]["options"] = task.options();
    for (Json& source : json["data"]) {
        const auto name = source["dataset"].get<std::string>();
        Json all = find(dataset_catalog(), name, "dataset").default_options;
        all.update(source["options"]);
        source["options"] = std::move(all);
    }
    return json;
}

FaceSourceOptions face_source_options(const Recipe& recipe, const DataLoading& loading) {
    FaceSourceOptions options;
    options.sources = recipe.data;
    options.augmentation = recipe.augmentation;
    options.batch_size = recipe.batch_size;
    options.copies = recipe.copies;
    options.validation_share = recipe.validation.share;
    options.seed = recipe.seed;
    options.threads = loading.threads;
    options.memory_bytes = loading.memory_bytes;
    options.skip_broken = loading.skip_broken;
    options.stop = loading.stop;
    return options;
}

}  // namespace affectsr
