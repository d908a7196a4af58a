#include "affectsr/cli/evaluate.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "affectsr/base/log.h"
#include "affectsr/experiment/sizes.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/input_files.h"
#include "affectsr/program/output.h"
#include "affectsr/program/progress.h"
#include "affectsr/weights/model_file.h"

namespace affectsr::cli {

const char* const kEvaluateExamples =
    R"(  affectsr evaluate sizes --data fer2013/ --split PublicTest --sizes 48,24,16,12,8 --truth votes
  affectsr evaluate sizes --data fer2013/ --split PublicTest --truth label --format json --output sizes.json)";

namespace {

constexpr std::size_t kMostNamed = 10;  // failed inputs on stderr; the report has all

struct ReportOptions {
    std::string format = "markdown";
    std::filesystem::path output, faces;
    bool overwrite = false;
    bool quiet = false;
    void fields(auto&& f) {
        f("format", format, "how the report is written", OneOf{{"markdown", "json", "csv"}});
        f("output", output, "file for the report; default: stdout");
        f("faces", faces, "file for a row per face and size as JSON Lines, failed ones too");
        f("overwrite", overwrite, "replace existing files, each once the new one is finished");
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

/// Whether the file begins as what this command writes.
bool is_own(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string begin(64, '\0');
    stream.read(begin.data(), static_cast<std::streamsize>(begin.size()));
    begin.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
    const auto starts = [&](const char* text) { return begin.rfind(text, 0) == 0; };
    return starts("{\n  \"provenance\"") || starts("# Accuracy by face size") || starts("size,n,") ||
           starts("{\"size\":");
}

bool lies_in(const std::filesystem::path& file, const std::filesystem::path& folder) {
    std::error_code ignored;
    const std::filesystem::path inside = std::filesystem::canonical(file, ignored),
                                outside = std::filesystem::canonical(folder, ignored);
    return !inside.empty() && !outside.empty() &&
           std::mismatch(outside.begin(), outside.end(), inside.begin(), inside.end()).first == outside.end();
}

void protect_model(InputFiles& files, const std::string& name, const std::string& file) {
    try {
        files.add(find_model(file.empty() ? name : file), "a model of this run");
    } catch (const ModelError&) {  // the pipeline says so, if it needs one
    }
}

/// What the report may not be written onto: the data set's pictures and lists, and the models.
InputFiles what_is_read(const SizesSettings& settings, const Dataset& dataset) {
    InputFiles files;
    for (const std::filesystem::path& output : {settings.report.output, settings.report.faces}) {
        std::error_code ignored;
        if (output.empty() || !std::filesystem::exists(output, ignored)) continue;
        for (std::size_t i = 0; i < dataset.size(); ++i) files.add(dataset.info(i).path, "a picture of the data set");
        if (lies_in(output, settings.sizes.data) && !is_own(output)) files.add(output, "a file of the data set");
        protect_model(files, settings.sizes.classifier, settings.sizes.classifier_model);
        protect_model(files, settings.sizes.restorer, settings.sizes.restorer_model);
        break;
    }
    return files;
}

std::unique_ptr<Output> opened(const std::filesystem::path& path, bool overwrite, InputFiles& files) {
    auto output = std::make_unique<Output>(path, overwrite ? IfExists::overwrite : IfExists::refuse, files);
    for (const char* suffix : {"", ".part"}) files.add(path.string() + suffix, "another output of this run");
    return output;
}

void end(Output& output, bool interrupted) {
    if (interrupted)
        output.stop();
    else
        output.finish();
}

void tell_failures(const std::vector<FailedInput>& failed) {
    for (std::size_t i = 0; i < std::min(failed.size(), kMostNamed); ++i) log(LogLevel::warning, failed[i].message);
    if (failed.empty()) return;
    log(LogLevel::warning, failure_count(failed) + (failed.size() > kMostNamed ? "; the JSON report names all" : ""));
}

int evaluate_sizes_command(const SizesSettings& settings, const Call& call) {
    const ReportOptions& how = settings.report;
    if (settings.sizes.data.empty()) throw UsageError("name the folder of the data set: --data DIR");
    const std::unique_ptr<Dataset> dataset = open_dataset_of(settings.sizes);
    InputFiles files = what_is_read(settings, *dataset);
    const auto output = how.output.empty() ? std::make_unique<Output>() : opened(how.output, how.overwrite, files);
    const auto faces = how.faces.empty() ? nullptr : opened(how.faces, how.overwrite, files);
    const auto write_face = [&](const Json& row) {
        faces->write(row.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    };
    std::optional<Progress> bar;  // made when the number of faces is known
    const auto progress = [&](std::size_t done, std::size_t total, std::size_t failed) {
        if (!bar) bar.emplace("evaluate", static_cast<std::int64_t>(total), !how.quiet && stderr_is_lively());
        bar->update(static_cast<std::int64_t>(done), std::to_string(failed) + " failed");
    };
    const Report report = evaluate_sizes(*dataset, settings.sizes, call.typed, progress, call.stop.token(),
                                         faces ? FaceSink(write_face) : FaceSink());
    bar.reset();
    if (faces) end(*faces, report.interrupted);
    output->write(written(report, how.format));
    end(*output, report.interrupted);
    tell_failures(report.failed);
    if (report.interrupted) return call.stop.exit_code();
    return report.failed.empty() ? 0 : 3;
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
