#include "affectsr/cli/evaluate.h"

#include <CLI/App.hpp>
#include <filesystem>
#include <memory>
#include <optional>

#include "affectsr/cli/flags.h"
#include "affectsr/cli/output.h"
#include "affectsr/cli/progress.h"
#include "affectsr/experiment/sizes.h"
#include "affectsr/net/threads.h"

namespace affectsr::cli {

const char* const kEvaluateExamples =
    R"(  affectsr evaluate sizes --data fer2013/ --split PublicTest --sizes 48,24,16,12,8 --truth votes
  affectsr evaluate sizes --data fer2013/ --split PublicTest --truth label --format json --output sizes.json)";

namespace {

struct ReportOptions {
    std::string format = "markdown";
    std::filesystem::path output;
    bool overwrite = false;
    bool quiet = false;
    void fields(auto&& f) {
        f("format", format, "how the report is written", OneOf{{"markdown", "json", "csv"}});
        f("output", output, "file for the report; default: stdout");
        f("overwrite", overwrite, "replace an existing report");
        f("quiet", quiet, "no progress, only errors");
    }
};

struct SizesSettings {
    SizesOptions sizes;
    ReportOptions report;
};

std::string written(const Report& report, const std::string& format) {
    if (format == "json") return report.json().dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    return format == "csv" ? report.csv() : report.markdown();
}

int evaluate_sizes_command(const SizesSettings& settings, const Call& call) {
    const ReportOptions& how = settings.report;
    if (settings.sizes.data.empty()) throw UsageError("name the folder of the data set: --data DIR");
    const std::unique_ptr<Output> output =
        how.output.empty()
            ? std::make_unique<Output>()
            : std::make_unique<Output>(how.output, how.overwrite ? IfExists::overwrite : IfExists::refuse);
    set_threads(1);               // the judging threads are the parallelism
    std::optional<Progress> bar;  // made when the number of faces is known
    const auto progress = [&](std::size_t done, std::size_t total, std::size_t failed) {
        if (!bar) bar.emplace("evaluate", static_cast<std::int64_t>(total), !how.quiet && stderr_is_lively());
        bar->update(static_cast<std::int64_t>(done), std::to_string(failed) + " failed");
    };
    const Report report = evaluate_sizes(settings.sizes, call.typed, progress, call.stop.token());
    bar.reset();
    output->write(written(report, how.format));
    output->finish();
    return report.interrupted ? call.stop.exit_code() : 0;
}

}  // namespace

Action declare_evaluate(CLI::App& command) {
    const auto settings = std::make_shared<SizesSettings>();
    command.require_subcommand(1);
    CLI::App* sizes = add_subcommand(command, "sizes", "the same faces at ever smaller sizes", kEvaluateExamples);
    add_flags(*sizes, list_fields(settings->sizes), "Experiment");
    add_flags(*sizes, list_fields(settings->report), "Report", {{"output", "o"}, {"quiet", "q"}});
    return [settings](const Call& call) { return evaluate_sizes_command(*settings, call); };
}

}  // namespace affectsr::cli
