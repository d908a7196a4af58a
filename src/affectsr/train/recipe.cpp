#include "affectsr/train/recipe.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "affectsr/base/file.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/data/catalog.h"

namespace affectsr {

namespace {

constexpr std::int64_t kMostRecipeBytes = 1 << 20;

}  // namespace

Recipe read_recipe(const std::filesystem::path& file, const std::filesystem::path& data_root) {
    const std::vector<std::uint8_t> text = read_bytes(file, kMostRecipeBytes);
    Json json;
    try {
        json = Json::parse(text.begin(), text.end());
    } catch (const Json::parse_error& error) {
        throw InputError("not_json", file.string() + ": " + error.what());
    }
    Recipe recipe = from_json<Recipe>(json, file.string());
    const auto is_control = [](unsigned char c) { return c < 32 || c == 127; };
    if (recipe.name.empty() || recipe.name.find('/') != std::string::npos || recipe.name.front() == '.' ||
        std::any_of(recipe.name.begin(), recipe.name.end(), is_control))
        throw UsageError(file.string() +
                         ": \"name\" must be a file name without folders, control characters or a dot in front");
    const auto counts = [](const LossChoice& loss) { return loss.weight > 0; };
    if (std::none_of(recipe.losses.begin(), recipe.losses.end(), counts))
        throw UsageError(file.string() + ": \"losses\" must name at least one loss with a weight above 0");
    for (TrainingSource& source : recipe.data) {
        if (source.least_crop > source.most_crop)
            throw UsageError(file.string() + ": \"least_crop\" is larger than \"most_crop\"");
        if (!source.options.is_object())
            throw UsageError(file.string() + ": \"options\" of a data source must be an object of settings");
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

Json resolved_json(const Recipe& recipe) {
    Json json = to_json(recipe);
    const auto complete = [](Json& typed, const Json& defaults) {
        Json all = defaults;
        all.update(typed);
        typed = std::move(all);
    };
    Json& network = json["network"];
    complete(network["options"], find(expression_network_catalog(), recipe.network.name, "network").default_options);
    for (Json& source : json["data"]) {
        const auto name = source["dataset"].get<std::string>();
        complete(source["options"], find(dataset_catalog(), name, "dataset").default_options);
    }
    return json;
}

double learning_rate(const ScheduleOptions& s, std::uint64_t step, std::uint64_t steps) {
    const double done = static_cast<double>(step) / static_cast<double>(std::max<std::uint64_t>(steps, 1));
    if (done < s.warm_up) return s.peak * (s.first + (1 - s.first) * done / s.warm_up);
    const double fall = (done - s.warm_up) / std::max(1 - s.warm_up, 1e-9);
    return s.peak * (s.last + (1 - s.last) * 0.5 * (1 + std::cos(std::numbers::pi * fall)));
}

}  // namespace affectsr
