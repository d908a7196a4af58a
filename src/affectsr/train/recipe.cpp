#include "affectsr/train/recipe.h"

#include <cmath>
#include <numbers>

#include "affectsr/image/codec.h"

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
    if (recipe.name.empty() || recipe.name.find('/') != std::string::npos)
        throw UsageError(file.string() + ": \"name\" must be a file name without folders");
    if (recipe.losses.empty()) throw UsageError(file.string() + ": \"losses\" must name at least one loss");
    for (TrainingSource& source : recipe.data) {
        if (source.least_crop > source.most_crop)
            throw UsageError(file.string() + ": \"least_crop\" is larger than \"most_crop\"");
        if (!source.options.contains("root")) continue;
        const std::filesystem::path root = source.options["root"].get<std::string>();
        if (root.is_relative()) source.options["root"] = (data_root / root).string();
    }
    return recipe;
}

double learning_rate(const ScheduleOptions& s, std::uint64_t step, std::uint64_t steps) {
    const double done = static_cast<double>(step) / static_cast<double>(std::max<std::uint64_t>(steps, 1));
    if (done < s.warm_up) return s.peak * (s.first + (1 - s.first) * done / s.warm_up);
    const double fall = (done - s.warm_up) / std::max(1 - s.warm_up, 1e-9);
    return s.peak * (s.last + (1 - s.last) * 0.5 * (1 + std::cos(std::numbers::pi * fall)));
}

}  // namespace affectsr
