#include "affectsr/cli/models_calibrate.h"

#include <CLI/App.hpp>
#include <filesystem>
#include <memory>
#include <optional>

#include "affectsr/base/log.h"
#include "affectsr/cli/report_output.h"
#include "affectsr/experiment/calibrate.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/input_files.h"
#include "affectsr/program/output.h"
#include "affectsr/program/progress.h"

namespace affectsr::cli {

namespace {

struct CalibrateSettings {
    std::string model;
    CalibrateOptions calibrate;
    std::filesystem::path output;
    std::string format = "markdown";
    bool overwrite = false;
    bool quiet = false;
    void fields(auto&& f) {
        f("output", output, "model file to write: MODEL2.safetensors");
        f("overwrite", overwrite, "replace an existing file");
        f("format", format, "how the account is written to stdout", OneOf{{"markdown", "json", "csv"}});
        f("quiet", quiet, "no progress, only errors");
    }
};

void check(const CalibrateSettings& settings, const std::filesystem::path& model) {
    if (settings.output.extension() != ".safetensors")
        throw UsageError("name the model file to write: -o MODEL2.safetensors");
    if (settings.calibrate.data.empty())
        throw UsageError("name the folder that the data sets of the model's recipe lie in: --data FOLDER");
    InputFiles read;
    read.add(model, "the model to calibrate");
    read.refuse(settings.output);
    if (!settings.overwrite && std::filesystem::exists(settings.output))
        throw UsageError(settings.output.string() + " exists; choose another file or --overwrite", "output_exists");
}

int calibrate_model(const CalibrateSettings& settings, const Call& call) {
    const std::filesystem::path file = find_model(settings.model);
    check(settings, file);
    const ModelFile model = ModelFile::open(file);
    std::optional<Progress> bar;  // made when the number of faces is known
    const auto progress = [&](std::size_t done, std::size_t total, std::size_t failed) {
        if (!bar) bar.emplace("calibrate", static_cast<std::int64_t>(total), !settings.quiet && stderr_is_lively());
        bar->update(static_cast<std::int64_t>(done), std::to_string(failed) + " failed");
    };
    const Calibrated made =
        calibrate(model, file.string(), settings.calibrate, call.typed, progress, call.stop.token());
    bar.reset();
    if (made.report.interrupted) {
        log(LogLevel::warning, "stopped: " + settings.output.string() + " was not written");
        return call.stop.exit_code();
    }
    made.model.save(settings.output);
    print(written(made.report, settings.format));
    tell_failures(made.report.failed);
    return made.report.failed.empty() ? 0 : 3;
}

}  // namespace

Action declare_calibrate(CLI::App& command) {
    const auto settings = std::make_shared<CalibrateSettings>();
    command.add_option("MODEL", settings->model, "catalog name or file")->required();
    add_flags(command, list_fields(settings->calibrate), "Calibration");
    add_flags(command, list_fields(*settings), "Options", {{"output", "o"}, {"quiet", "q"}});
    return [settings](const Call& call) { return calibrate_model(*settings, call); };
}

}  // namespace affectsr::cli
