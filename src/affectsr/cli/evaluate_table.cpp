#include "affectsr/cli/evaluate_table.h"

#include <CLI/App.hpp>
#include <memory>
#include <optional>

#include "affectsr/base/file.h"
#include "affectsr/base/log.h"
#include "affectsr/cli/report_output.h"
#include "affectsr/cli/rows.h"
#include "affectsr/experiment/table.h"
#include "affectsr/experiment/table_page.h"
#include "affectsr/experiment/table_text.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/progress.h"

namespace affectsr::cli {

namespace {

struct TableSettings {
    std::filesystem::path recipe, data = ".", models, output;
    int threads = 1;
    bool quiet = false;
    void fields(auto&& f) {
        f("data", data, "folder that the recipe's data sets lie in");
        f("models", models, "folder in which the recipe's model files are looked for first");
        f("output", output, "folder for the results; finished rows in it are not measured again");
        f("threads", threads, "cores that one call may use", Range{1, 1024});
        f("quiet", quiet, "no progress, only errors");
    }
};

/// A bar for whatever is being measured.
class TableBar {
 public:
    explicit TableBar(bool lively) : lively_(lively) {}
    void show(const std::string& what, std::size_t done, std::size_t total, std::size_t failed) {
        if (what != what_) {
            bar_.reset();
            bar_.emplace(what, static_cast<std::int64_t>(total), lively_);
            what_ = what;
        }
        bar_->update(static_cast<std::int64_t>(done), std::to_string(failed) + " failed");
    }

 private:
    bool lively_;
    std::string what_;
    std::optional<Progress> bar_;
};

/// A file of the results; it appears whole or not at all.
void write_result(const std::filesystem::path& file, const std::string& text, const InputFiles& read) {
    read.refuse(file);
    write_file_atomically(file, text);
    print(printable(file.string()) + "\n");
}

void write_results(const TableSettings& settings, const TableRecipe& recipe, const TableResult& result) {
    InputFiles read;
    read.add(settings.recipe, "the recipe of this run");
    const auto file = [&](const std::string& ending) { return settings.output / (recipe.name + ending); };
    write_result(file(".md"), table_markdown(recipe, result), read);
    write_result(file(".json"), table_json(recipe, result).dump(1, ' ', false, Json::error_handler_t::replace) + "\n",
                 read);
    if (!result.rows.empty()) write_result(file(".csv"), table_csv(result.rows), read);
    if (!result.expressions.empty()) write_result(file("_expressions.csv"), table_csv(result.expressions), read);
    write_result(file(".html"), table_page(recipe, result), read);
}

void make_folder(const std::filesystem::path& folder) {
    std::error_code failed;
    std::filesystem::create_directories(folder, failed);
    if (failed) throw ResourceError("cannot_write", folder.string() + " cannot be made: " + failed.message());
}

int evaluate_table(const TableSettings& settings, const Call& call) {
    if (settings.output.empty()) throw UsageError("name a folder for the results: -o DIR");
    const TableRecipe recipe = read_table_recipe(settings.recipe);
    InputFiles read;
    read.add(settings.recipe, "the recipe of this run");
    read.refuse(settings.output / (recipe.name + ".json"));  // before hours are spent
    make_folder(settings.output);
    const TablePlaces places = table_places(recipe, settings.recipe, settings.data, settings.models, settings.output);
    std::optional<TableBar> bar(std::in_place, !settings.quiet && stderr_is_lively());
    const auto progress = [&](const std::string& what, std::size_t done, std::size_t total, std::size_t failed) {
        bar->show(what, done, total, failed);
    };
    const TableResult result = run_table(recipe, places, call.typed, settings.threads, progress, call.stop.token());
    bar.reset();
    write_results(settings, recipe, result);
    for (const std::string& sentence : result.missing) log(LogLevel::warning, sentence);
    tell_failures(result.failed);
    if (result.interrupted) return call.stop.exit_code();
    return result.missing.empty() && result.failed.empty() ? 0 : 3;
}

}  // namespace

Action declare_table(CLI::App& command) {
    const auto settings = std::make_shared<TableSettings>();
    command.add_option("RECIPE", settings->recipe, "JSON file: faces, restorers, judges, readers")->required();
    add_flags(command, list_fields(*settings), "Table", {{"output", "o"}, {"quiet", "q"}});
    return [settings](const Call& call) { return evaluate_table(*settings, call); };
}

}  // namespace affectsr::cli
