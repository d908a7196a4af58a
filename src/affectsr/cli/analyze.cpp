#include "affectsr/cli/analyze.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <memory>

#include "affectsr/base/log.h"
#include "affectsr/cli/batch_run.h"
#include "affectsr/cli/photographs.h"
#include "affectsr/cli/standard_input.h"
#include "affectsr/experiment/report.h"
#include "affectsr/program/flags.h"

namespace affectsr::cli {

const char* const kAnalyzeExamples =
    R"(  affectsr analyze party.jpg                                   every face and its expression
  affectsr analyze photos/ 'more/*.png' --output faces.jsonl    folders and patterns, one row per input
  affectsr analyze photos/ --output faces.jsonl --resume        go on where a stopped run ended
  affectsr analyze faces/ --already-cropped --format csv        every picture is one face
  affectsr analyze party.jpg --pictures out/ --strips out/      marked photo, and what the model saw
  find . -name '*.jpg' -print0 | affectsr analyze --files-from - -0 | jq .faces)";

namespace {

struct AnalyzeOptions : BatchOptions {
    std::filesystem::path pictures, strips;
    void fields(auto&& f) {
        BatchOptions::fields(f);
        f("pictures", pictures, "folder for every photo with its faces restored and marked");
        f("strips", strips, "folder for what the model saw: a strip per face");
    }
};

struct AnalyzeSettings {
    std::vector<std::string> inputs;
    AnalyzeOptions options;
    PipelineOptions pipeline;
};

BatchCommand command_of(const AnalyzeSettings& settings) {
    const PipelineOptions& networks = settings.pipeline;
    const PictureFolders folders{settings.options.pictures, settings.options.strips};
    BatchCommand command;
    command.rows = RowsOf::analyze;
    command.folders = {folders.pictures, folders.strips};
    command.models = {networks.detector_model, networks.restorer_model, networks.landmarker_model,
                      networks.classifier_model};
    command.existing_files = [folders](const std::vector<std::string>& stems) {
        return existing_files(folders, stems);
    };
    return command;
}

BatchAnswer as_batch_answer(AnsweredInput answered) {
    BatchAnswer answer;
    answer.error_code = answered.row.error_code;
    answer.faces = answered.row.faces.size();
    answer.unanswered =
        static_cast<std::size_t>(std::count_if(answered.row.faces.begin(), answered.row.faces.end(),
                                               [](const FaceRow& face) { return face.expression.empty(); }));
    answer.files = std::move(answered.files);
    answer.text = [row = std::move(answered.row)](const RowStyle& style, bool first) {
        return row_text(style, row, first);
    };
    return answer;
}

int analyze(const AnalyzeSettings& settings, const Call& call) {
    try {
        BatchRun batch(settings.inputs, settings.options, command_of(settings), call);
        const PipelineOptions& options = settings.pipeline;
        const Pipeline pipeline(options);
        if (options.precision == "bf16" && pipeline.precision() == Precision::f32 && !settings.options.quiet)
            log(LogLevel::warning, "--precision bf16 is not played on this processor; f32 is used");
        const Reconstruction made_by{options.restorer, pipeline.restorer().model_sha256(), program_version(), 1, {}};
        Photographs photographs(pipeline, {settings.options.pictures, settings.options.strips}, made_by, batch.files());
        return batch.run(
            [&](const Input& input, const std::string& stem, std::stop_token stop) {
                return as_batch_answer(photographs.answer(input, stem, std::move(stop)));
            },
            photographs.internal_error());
    } catch (const Interrupted&) {  // before the list of inputs had ended
        return call.stop.exit_code();
    }
}

}  // namespace

Action declare_analyze(CLI::App& command) {
    const auto settings = std::make_shared<AnalyzeSettings>();
    command.add_option("INPUT", settings->inputs,
                       "photos, folders, quoted patterns ('*.jpg'), or - for a picture on stdin");
    add_flags(command, list_fields(settings->options), "Options", {{"output", "o"}, {"null", "0"}, {"quiet", "q"}});
    add_flags(command, list_fields(settings->pipeline), "Networks");
    return [settings](const Call& call) { return analyze(*settings, call); };
}

}  // namespace affectsr::cli
