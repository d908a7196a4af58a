#include "affectsr/cli/enhance.h"

#include <CLI/App.hpp>
#include <memory>

#include "affectsr/base/log.h"
#include "affectsr/cli/batch_run.h"
#include "affectsr/cli/enhancements.h"
#include "affectsr/cli/standard_input.h"
#include "affectsr/experiment/report.h"
#include "affectsr/program/flags.h"

namespace affectsr::cli {

const char* const kEnhanceExamples =
    R"(  affectsr enhance party.jpg -o out/                                4 times as large, small faces restored
  affectsr enhance photos/ -o out/ --scale 8 --rows rows.jsonl      a folder; a row tells of every face
  affectsr enhance photos/ -o out/ --rows rows.jsonl --resume       go on where a stopped run ended
  affectsr enhance party.jpg -o out/ --keep-size --format png       the photograph as large as it is
  affectsr enhance faces/ -o out/ --already-cropped                 every picture is one face
  affectsr enhance party.jpg -o out/ --restorer rrdb --restorer-model rrdb.safetensors)";

namespace {

struct EnhanceSettings {
    std::vector<std::string> inputs;
    PictureOptions pictures;
    BatchOptions batch;
    EnhancerOptions enhancer;
};

/// The rows' flags, whose names differ from those of `analyze`: there --output and --format are the pictures'.
struct RowFlags {
    BatchOptions& batch;
    void fields(auto&& f) { batch.list(f, "rows", "rows_format"); }
};

BatchCommand command_of(const EnhanceSettings& settings) {
    const EnhancerOptions& networks = settings.enhancer;
    BatchCommand command;
    command.rows = RowsOf::enhance;
    command.folders = {settings.pictures.folder};
    command.models = {networks.detector_model, networks.restorer_model, networks.landmarker_model,
                      networks.face_parser};
    command.unanswered = "left as they were";
    command.existing_files = [&settings](const std::vector<std::string>& stems) {
        return existing_pictures(settings.pictures, stems);
    };
    return command;
}

int enhance(const EnhanceSettings& settings, const Call& call) {
    if (settings.pictures.folder.empty()) throw UsageError("name the folder of the pictures: -o FOLDER");
    try {
        BatchRun batch(settings.inputs, settings.batch, command_of(settings), call);
        const EnhancerOptions& options = settings.enhancer;
        const Enhancer enhancer(options);
        if (options.precision == "bf16" && enhancer.restorer().precision() == Precision::f32 && !settings.batch.quiet)
            log(LogLevel::warning, "--precision bf16 is not played on this processor; f32 is used");
        const Reconstruction made_by{
            options.restorer, enhancer.restorer().model_sha256(), program_version(), options.scale, {}};
        Enhancements enhancements(enhancer, settings.pictures, made_by, batch.files());
        return batch.run(
            [&](const Input& input, const std::string& stem, std::stop_token stop) {
                EnhancedInput answered = enhancements.answer(input, stem, std::move(stop));
                BatchAnswer answer;
                answer.error_code = answered.row.error_code;
                answer.faces = answered.row.faces.size();
                answer.unanswered = answered.row.left_alone();
                answer.files = std::move(answered.files);
                answer.text = [row = std::move(answered.row)](const RowStyle& style, bool first) {
                    return row_text(style, row, first);
                };
                return answer;
            },
            enhancements.internal_error());
    } catch (const Interrupted&) {  // before the list of inputs had ended
        return call.stop.exit_code();
    }
}

}  // namespace

Action declare_enhance(CLI::App& command) {
    const auto settings = std::make_shared<EnhanceSettings>();
    RowFlags rows{settings->batch};
    command.add_option("INPUT", settings->inputs,
                       "photos, folders, quoted patterns ('*.jpg'), or - for a picture on stdin");
    add_flags(command, list_fields(settings->pictures), "Pictures", {{"output", "o"}});
    add_flags(command, list_fields(rows), "Rows and inputs", {{"null", "0"}, {"quiet", "q"}});
    add_flags(command, list_fields(settings->enhancer), "Faces");
    return [settings](const Call& call) { return enhance(*settings, call); };
}

}  // namespace affectsr::cli
