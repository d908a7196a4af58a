#include "affectsr/cli/evaluate_detection.h"

#include <CLI/App.hpp>
#include <memory>
#include <optional>

#include "affectsr/cli/report_output.h"
#include "affectsr/experiment/detection.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/progress.h"

namespace affectsr::cli {

namespace {

struct DetectionSettings {
    DetectionOptions detection;
    ReportOptions report;
};

/// What the report may not be written onto: the photographs, their marks, and the models.
InputFiles what_is_read(const DetectionOptions& options) {
    InputFiles files;
    files.add(options.truth, "the truth of this run");
    const std::filesystem::path folder = options.photos.empty() ? options.truth.parent_path() : options.photos;
    for (const MarkedPhoto& photo : read_marked_photos(options.truth)) files.add(folder / photo.file);
    for (const std::string& detector : options.detectors)
        if (const std::size_t equals = detector.find('='); equals != std::string::npos)
            files.add(detector.substr(equals + 1), "a model of this run");
    return files;
}

int evaluate_detection(const DetectionSettings& settings, const Call& call) {
    const ReportOptions& how = settings.report;
    if (settings.detection.truth.empty())
        throw UsageError("name the JSON file of the photographs and their faces: --truth FILE");
    InputFiles files = what_is_read(settings.detection);
    const std::vector<DetectorUnderTest> detectors = detectors_of(settings.detection);
    const auto output = how.output.empty() ? std::make_unique<Output>() : opened(how.output, how.overwrite, files);
    std::optional<Progress> bar;  // made when the number of photographs is known
    const auto progress = [&](std::size_t done, std::size_t total, std::size_t failed) {
        if (!bar) bar.emplace("evaluate", static_cast<std::int64_t>(total), !how.quiet && stderr_is_lively());
        bar->update(static_cast<std::int64_t>(done), std::to_string(failed) + " failed");
    };
    const Report report =
        detection_report(detectors, settings.detection, provenance_now(call.typed), progress, call.stop.token());
    bar.reset();
    return deliver(report, how.format, *output, call);
}

}  // namespace

Action declare_detection(CLI::App& command) {
    const auto settings = std::make_shared<DetectionSettings>();
    add_flags(command, list_fields(settings->detection), "Experiment");
    add_flags(command, list_fields(settings->report), "Report", {{"output", "o"}, {"quiet", "q"}});
    return [settings](const Call& call) { return evaluate_detection(*settings, call); };
}

}  // namespace affectsr::cli
