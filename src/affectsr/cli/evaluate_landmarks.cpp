#include "affectsr/cli/evaluate_landmarks.h"

#include <CLI/App.hpp>
#include <memory>
#include <optional>

#include "affectsr/cli/report_output.h"
#include "affectsr/experiment/landmarks.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/progress.h"

namespace affectsr::cli {

namespace {

struct LandmarksSettings {
    LandmarksOptions landmarks;
    ReportOptions report;
};

/// What the report may not be written onto: the labels and the models.
InputFiles what_is_read(const LandmarksOptions& options) {
    InputFiles files;
    for (const std::string& labels : options.labels) files.add(labels, "the labels of this run");
    for (const std::string& landmarker : options.landmarkers)
        if (const std::size_t equals = landmarker.find('='); equals != std::string::npos)
            files.add(landmarker.substr(equals + 1), "a model of this run");
    return files;
}

int evaluate_landmarks(const LandmarksSettings& settings, const Call& call) {
    const ReportOptions& how = settings.report;
    InputFiles files = what_is_read(settings.landmarks);
    const std::vector<LandmarkerUnderTest> landmarkers = landmarkers_of(settings.landmarks);
    const auto output = how.output.empty() ? std::make_unique<Output>() : opened(how.output, how.overwrite, files);
    std::optional<Progress> bar;  // made when the number of faces is known
    const auto progress = [&](std::size_t done, std::size_t total, std::size_t failed) {
        if (!bar) bar.emplace("evaluate", static_cast<std::int64_t>(total), !how.quiet && stderr_is_lively());
        bar->update(static_cast<std::int64_t>(done), std::to_string(failed) + " failed");
    };
    const Report report =
        landmarks_report(landmarkers, settings.landmarks, provenance_now(call.typed), progress, call.stop.token());
    bar.reset();
    return deliver(report, how.format, *output, call);
}

}  // namespace

Action declare_landmarks(CLI::App& command) {
    const auto settings = std::make_shared<LandmarksSettings>();
    add_flags(command, list_fields(settings->landmarks), "Experiment");
    add_flags(command, list_fields(settings->report), "Report", {{"output", "o"}, {"quiet", "q"}});
    return [settings](const Call& call) { return evaluate_landmarks(*settings, call); };
}

}  // namespace affectsr::cli
