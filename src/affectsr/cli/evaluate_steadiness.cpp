#include "affectsr/cli/evaluate_steadiness.h"

#include <CLI/App.hpp>
#include <memory>
#include <optional>
#include <vector>

#include "affectsr/cli/inputs.h"
#include "affectsr/cli/report_output.h"
#include "affectsr/experiment/steadiness.h"
#include "affectsr/image/codec.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/progress.h"
#include "affectsr/weights/model_file.h"

namespace affectsr::cli {

namespace {

struct SteadinessSettings {
    std::vector<std::string> photos;
    SteadinessOptions steadiness;
    PipelineOptions pipeline;
    ReportOptions report;
};

InputFiles what_is_read(const SteadinessSettings& settings, const std::vector<Input>& inputs) {
    InputFiles files;
    for (const Input& input : inputs) {
        if (input.from_stdin()) throw UsageError("photos are read as files here, not from stdin (-)");
        if (input.error_code.empty()) files.add(input.path);
    }
    const PipelineOptions& networks = settings.pipeline;
    for (const std::filesystem::path model :
         {networks.detector_model, networks.restorer_model, networks.landmarker_model, networks.classifier_model})
        files.add(model, "a model of this run");
    return files;
}

std::string model_sha256(const PipelineOptions& options) {
    const std::string& model = options.classifier_model.empty() ? options.classifier : options.classifier_model;
    return ModelFile::open(find_model(model), false).card.sha256;
}

/// What the report tells of how it was made, besides the protocol.
void account_for(const SteadinessSettings& settings, const Pipeline& pipeline, Report& report) {
    const PipelineOptions& options = pipeline.options();
    report.made_by.model = options.classifier;
    report.made_by.model_sha256 = model_sha256(options);
    report.made_by.restorer = options.restorer;
    report.made_by.precision_asked = options.precision;
    if (const auto used = pipeline.precision()) report.made_by.precision = name_of(*used);
    report.made_by.options = to_json(options);
    report.made_by.options.update(to_json(settings.steadiness));
}

int evaluate_steadiness(const SteadinessSettings& settings, const Call& call) {
    const ReportOptions& how = settings.report;
    const std::vector<Input> inputs = list_inputs({settings.photos, {}});
    InputFiles files = what_is_read(settings, inputs);
    const Pipeline pipeline(settings.pipeline);
    const auto output = how.output.empty() ? std::make_unique<Output>() : opened(how.output, how.overwrite, files);
    Steadiness steadiness(pipeline, settings.steadiness);
    std::vector<FailedInput> failed;
    Progress bar("steadiness", static_cast<std::int64_t>(inputs.size()), !how.quiet && stderr_is_lively());
    std::size_t done = 0;
    for (const Input& input : inputs) {
        if (call.stop.token().stop_requested()) break;
        try {
            if (!input.error_code.empty()) throw InputError(input.error_code, input.error_message);
            steadiness.add(input.name, read_image(input.path));
        } catch (const InputError& error) {
            failed.push_back({input.name, 0, error.code(), error.what()});
        }
        bar.update(static_cast<std::int64_t>(++done), std::to_string(failed.size()) + " failed");
    }
    bar.hide();
    Report report = steadiness.report(call.typed);
    account_for(settings, pipeline, report);
    report.failed = std::move(failed);
    report.interrupted = done < inputs.size();
    return deliver(report, how.format, *output, call);
}

}  // namespace

Action declare_steadiness(CLI::App& command) {
    const auto settings = std::make_shared<SteadinessSettings>();
    command.add_option("PHOTO", settings->photos, "files, folders or patterns")->required();
    add_flags(command, list_fields(settings->steadiness), "Experiment");
    add_flags(command, list_fields(settings->pipeline), "Networks");
    add_flags(command, list_fields(settings->report), "Report", {{"output", "o"}, {"quiet", "q"}});
    return [settings](const Call& call) { return evaluate_steadiness(*settings, call); };
}

}  // namespace affectsr::cli
