#include "affectsr/cli/evaluate_restoration.h"

#include <CLI/App.hpp>
#include <memory>
#include <optional>

#include "affectsr/cli/report_output.h"
#include "affectsr/data/catalog.h"
#include "affectsr/experiment/restoration.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/progress.h"

namespace affectsr::cli {

namespace {

struct RestorationSettings {
    RestorationOptions restoration;
    ReportOptions report;
};

/// What the report may not be written onto: the pictures and the models.
InputFiles what_is_read(const RestorationOptions& options, const Dataset& dataset) {
    InputFiles files;
    for (std::size_t i = 0; i < dataset.size(); ++i) files.add(dataset.info(i).path, "a picture of the data set");
    for (const auto* list : {&options.restorers, &options.judges})
        for (const std::string& item : *list) files.add(item.substr(item.find('=') + 1), "a model of this run");
    if (!options.features.empty())
        files.add(options.features.substr(options.features.find('=') + 1), "weights of this run");
    if (!options.feature_heads.empty()) files.add(options.feature_heads, "weights of this run");
    return files;
}

int evaluate_restoration(const RestorationSettings& settings, const Call& call) {
    const ReportOptions& how = settings.report;
    const RestorationOptions& options = settings.restoration;
    if (options.data.empty()) throw UsageError("name the folder of the data set: --data DIR");
    Json where{{"root", options.data.string()}};
    if (!options.split.empty()) where["split"] = options.split;
    const std::unique_ptr<Dataset> dataset = open_dataset(options.dataset, where);
    const RestorationParty party = restoration_party(options);
    InputFiles files;
    if (!how.output.empty()) files = what_is_read(options, *dataset);
    const auto output = how.output.empty() ? std::make_unique<Output>() : opened(how.output, how.overwrite, files);
    std::optional<Progress> bar;  // made when the number of faces is known
    const auto progress = [&](std::size_t done, std::size_t total, std::size_t failed) {
        if (!bar) bar.emplace("evaluate", static_cast<std::int64_t>(total), !how.quiet && stderr_is_lively());
        bar->update(static_cast<std::int64_t>(done), std::to_string(failed) + " failed");
    };
    const Report report =
        restoration_report(*dataset, party, options, provenance_now(call.typed), progress, call.stop.token());
    bar.reset();
    return deliver(report, how.format, *output, call);
}

}  // namespace

Action declare_restoration(CLI::App& command) {
    const auto settings = std::make_shared<RestorationSettings>();
    add_flags(command, list_fields(settings->restoration), "Experiment");
    add_flags(command, list_fields(settings->report), "Report", {{"output", "o"}, {"quiet", "q"}});
    return [settings](const Call& call) { return evaluate_restoration(*settings, call); };
}

}  // namespace affectsr::cli
