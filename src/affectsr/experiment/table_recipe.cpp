#include "affectsr/experiment/table_recipe.h"

#include <algorithm>
#include <set>

#include "affectsr/base/error.h"
#include "affectsr/base/json_file.h"
#include "affectsr/base/text.h"
#include "affectsr/face/crop_template.h"

namespace affectsr {

namespace {

constexpr std::int64_t kMostRecipeBytes = 1 << 20;

/// Names become parts of file names, so two that differ in marks only are one.
template <class Named>
void expect_names(const std::vector<Named>& all, const std::string& what, const std::string& where) {
    std::set<std::string> seen;
    for (const Named& one : all) {
        const std::string slug = slug_of(one.name);
        if (slug.find_first_not_of('_') == std::string::npos)
            throw UsageError(where + ": every one of \"" + what + "\" needs a \"name\" with a letter or a digit");
        if (!seen.insert(slug).second)
            throw UsageError(where + ": \"" + what + "\" names " + one.name + " twice (only letters and digits count)");
    }
}

void expect_restorers(const std::vector<TableRestorer>& restorers, const std::vector<int>& steps,
                      const std::string& what, const std::string& where) {
    expect_names(restorers, what, where);
    for (const TableRestorer& one : restorers) {
        if (one.network.empty()) throw UsageError(where + ": the restorer " + one.name + " names no \"network\"");
        if (!one.aligned_to.empty()) crop_template(one.aligned_to);  // throws for one that nobody knows
        for (const int only : one.only)
            if (std::find(steps.begin(), steps.end(), only) == steps.end())
                throw UsageError(where + ": the restorer " + one.name + " is only for " + std::to_string(only) +
                                 ", which is not asked for");
    }
}

/// That everybody reads something, and that no restorer names a reader that is not there.
void expect_readers(const TableExpressions& read, const std::string& where) {
    for (const TableRestorer& one : read.restorers)
        for (const std::string& reader : one.before)
            if (std::find(read.readers.begin(), read.readers.end(), reader) == read.readers.end())
                throw UsageError(where + ": the restorer " + one.name + " is before " + reader +
                                 ", which is none of the readers");
    for (const std::string& reader : read.readers)
        if (std::none_of(read.restorers.begin(), read.restorers.end(),
                         [&](const TableRestorer& one) { return is_before(one, reader); }))
            throw UsageError(where + ": no restorer is before " + reader + "; bicubic is what it does by itself");
}

void expect_whole(const TableRecipe& recipe, const std::string& where) {
    const TableExpressions& read = recipe.expressions;
    if (slug_of(recipe.name) != recipe.name || recipe.name.empty())
        throw UsageError(where + ": \"name\" is part of file names: small letters, digits and _ only, not \"" +
                         recipe.name + "\"");
    expect_names(recipe.data, "data", where);
    expect_names(read.data, "expressions.data", where);
    expect_restorers(recipe.restorers, recipe.scales, "restorers", where);
    expect_restorers(read.restorers, read.sizes, "expressions.restorers", where);
    for (const TableRestorer& one : recipe.restorers)
        if (!one.before.empty() || !one.aligned_to.empty())
            throw UsageError(where +
                             ": \"before\" and \"aligned_to\" are for the restorers of \"expressions\", not for " +
                             one.name + " of \"restorers\"");
    if (recipe.features.empty() && !recipe.feature_heads.empty())
        throw UsageError(where + ": \"feature_heads\" are heads of a network; name it with \"features\"");
    const bool table = !recipe.restorers.empty();
    if (table != !recipe.data.empty() || table != !recipe.judges.empty())
        throw UsageError(where + ": \"restorers\", \"data\" and \"judges\" belong together");
    const bool expressions = !read.data.empty();
    if (expressions != !read.readers.empty() || (expressions && read.sizes.empty()))
        throw UsageError(where + ": \"expressions\" needs data, readers and sizes");
    if (expressions) expect_readers(read, where);
    if (!table && !expressions) throw UsageError(where + ": there is nothing to be measured");
}

std::filesystem::path from_folder(const std::filesystem::path& folder, const std::filesystem::path& path) {
    return path.is_absolute() || folder.empty() ? path : folder / path;
}

}  // namespace

bool is_before(const TableRestorer& restorer, const std::string& reader) {
    const std::vector<std::string>& before = restorer.before;
    return before.empty() || std::find(before.begin(), before.end(), reader) != before.end();
}

std::string slug_of(const std::string& name) {
    std::string slug = lower_case(name);
    for (char& c : slug)
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) c = '_';
    return slug;
}

TableRecipe read_table_recipe(const std::filesystem::path& file) {
    TableRecipe recipe = affectsr::from_json<TableRecipe>(read_json(file, kMostRecipeBytes), file.string());
    expect_whole(recipe, file.string());
    if (recipe.title.empty()) recipe.title = recipe.name;
    return recipe;
}

TablePlaces table_places(const TableRecipe& recipe, const std::filesystem::path& recipe_file,
                         const std::filesystem::path& data, const std::filesystem::path& models,
                         const std::filesystem::path& output) {
    return {data, models, from_folder(recipe_file.parent_path(), recipe.root), output / "rows" / recipe.name};
}

std::filesystem::path find_table_model(const std::string& file, const TablePlaces& places) {
    const std::filesystem::path in_models = from_folder(places.models, file), in_root = from_folder(places.root, file);
    std::error_code ignored;
    if (!places.models.empty() && std::filesystem::is_regular_file(in_models, ignored)) return in_models;
    if (std::filesystem::is_regular_file(in_root, ignored)) return in_root;
    throw ModelError("no_such_model",
                     "there is no model file " + (places.models.empty() ? "" : in_models.string() + " or ") +
                         in_root.lexically_normal().string() + "; --models names the folder that it lies in");
}

std::string find_table_judge(const std::string& item, const TablePlaces& places) {
    const std::size_t equals = item.find('=');
    if (equals != std::string::npos)
        return item.substr(0, equals + 1) + find_table_model(item.substr(equals + 1), places).string();
    return item.ends_with(".safetensors") ? find_table_model(item, places).string() : item;
}

}  // namespace affectsr
