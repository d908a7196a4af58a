#include "affectsr/cli/evaluate.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

#include "affectsr/cli/evaluate_detection.h"
#include "affectsr/cli/evaluate_landmarks.h"
#include "affectsr/cli/evaluate_restoration.h"
#include "affectsr/cli/evaluate_steadiness.h"
#include "affectsr/cli/evaluate_table.h"
#include "affectsr/cli/evaluate_training.h"
#include "affectsr/cli/report_output.h"
#include "affectsr/experiment/sizes_against.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/input_files.h"
#include "affectsr/program/output.h"
#include "affectsr/program/progress.h"
#include "affectsr/weights/model_file.h"

namespace affectsr::cli {

const char* const kEvaluateExamples =
    R"(  affectsr evaluate sizes --data fer2013/ --split PublicTest --sizes 48,24,16,12,8 --truth votes
  affectsr evaluate sizes --data fer2013/ --split PublicTest --truth label --format json --output sizes.json
  affectsr evaluate sizes --data fer2013/ --split PublicTest --against new.safetensors   two models on the same faces
  affectsr evaluate steadiness photos/                                                   labels that flip by re-encoding
  affectsr evaluate detection --truth photos/faces.json --detectors small_face_net,haar   who finds which faces
  affectsr evaluate landmarks --labels lfw_val.safetensors --data lfw128 --landmarkers landmark_net,mediapipe=FILE   points
  affectsr evaluate restoration --data lfw128 --split val --scale 4 --restorer bicubic,edsr=FILE   what happens to faces
  affectsr evaluate table recipes/tables/affectsrnet_4x.json --data datasets/ -o tables/   whole tables, resumed by rows
  affectsr evaluate training trained/*.log.jsonl -o trainings.html                       is it learning, and what)";

namespace {

struct SizesSettings {
    SizesOptions sizes;
    ReportOptions report;
    std::filesystem::path faces;
    void fields(auto&& f) { f("faces", faces, "file for a row per face and size as JSON Lines, failed ones too"); }
};

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
    for (const std::filesystem::path& output : {settings.report.output, settings.faces}) {
        std::error_code ignored;
        if (output.empty() || !std::filesystem::exists(output, ignored)) continue;
        for (std::size_t i = 0; i < dataset.size(); ++i) files.add(dataset.info(i).path, "a picture of the data set");
        if (lies_in(output, settings.sizes.data) && !is_own(output)) files.add(output, "a file of the data set");
        protect_model(files, settings.sizes.classifier, settings.sizes.classifier_model);
        if (!settings.sizes.against.empty()) protect_model(files, settings.sizes.against, "");
        protect_model(files, settings.sizes.restorer, settings.sizes.restorer_model);
        break;
    }
    return files;
}

int evaluate_sizes_command(const SizesSettings& settings, const Call& call) {
    const ReportOptions& how = settings.report;
    if (settings.sizes.data.empty()) throw UsageError("name the folder of the data set: --data DIR");
    const std::unique_ptr<Dataset> dataset = open_dataset_of(settings.sizes);
    InputFiles files = what_is_read(settings, *dataset);
    const auto output = how.output.empty() ? std::make_unique<Output>() : opened(how.output, how.overwrite, files);
    const auto faces = settings.faces.empty() ? nullptr : opened(settings.faces, how.overwrite, files);
    const auto write_face = [&](const Json& row) {
        faces->write(row.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
    };
    std::optional<Progress> bar;  // made when the number of faces is known
    const auto progress = [&](std::size_t done, std::size_t total, std::size_t failed) {
        if (!bar) bar.emplace("evaluate", static_cast<std::int64_t>(total), !how.quiet && stderr_is_lively());
        bar->update(static_cast<std::int64_t>(done), std::to_string(failed) + " failed");
    };
    const auto evaluate = settings.sizes.against.empty() ? evaluate_sizes : evaluate_sizes_against;
    const Report report = evaluate(*dataset, settings.sizes, call.typed, progress, call.stop.token(),
                                   faces ? FaceSink(write_face) : FaceSink());
    bar.reset();
    if (faces) end(*faces, report.interrupted);
    return deliver(report, how.format, *output, call);
}

}  // namespace

Action declare_evaluate(CLI::App& command) {
    const auto settings = std::make_shared<SizesSettings>();
    command.require_subcommand(1);
    CLI::App* sizes = add_subcommand(command, "sizes", "the same faces at ever smaller sizes", kEvaluateExamples);
    add_flags(*sizes, list_fields(settings->sizes), "Experiment");
    add_flags(*sizes, list_fields(settings->report), "Report", {{"output", "o"}, {"quiet", "q"}});
    add_flags(*sizes, list_fields(*settings), "Report");
    CLI::App* steadiness =
        add_subcommand(command, "steadiness", "labels that flip when photos are stored another way", kEvaluateExamples);
    CLI::App* detection =
        add_subcommand(command, "detection", "which faces of marked photographs are found", kEvaluateExamples);
    CLI::App* landmarks = add_subcommand(
        command, "landmarks", "how far the points of faces are off at ever smaller sizes", kEvaluateExamples);
    CLI::App* restoration = add_subcommand(command, "restoration",
                                           "what restorers make of faces and of their expressions", kEvaluateExamples);
    CLI::App* table =
        add_subcommand(command, "table", "whole tables of restorers and readers from a recipe", kEvaluateExamples);
    CLI::App* training = add_subcommand(command, "training", "logs of trainings as plots", kEvaluateExamples);
    const Action evaluate_steadiness = declare_steadiness(*steadiness);
    const Action evaluate_detection = declare_detection(*detection);
    const Action evaluate_landmarks = declare_landmarks(*landmarks);
    const Action evaluate_restoration = declare_restoration(*restoration);
    const Action evaluate_table = declare_table(*table);
    const Action evaluate_training = declare_training_logs(*training);
    return [=](const Call& call) {
        if (steadiness->parsed()) return evaluate_steadiness(call);
        if (detection->parsed()) return evaluate_detection(call);
        if (landmarks->parsed()) return evaluate_landmarks(call);
        if (restoration->parsed()) return evaluate_restoration(call);
        if (table->parsed()) return evaluate_table(call);
        if (training->parsed()) return evaluate_training(call);
        return evaluate_sizes_command(*settings, call);
    };
}

}  // namespace affectsr::cli
