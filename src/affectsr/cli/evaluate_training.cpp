#include "affectsr/cli/evaluate_training.h"

#include <CLI/App.hpp>
#include <filesystem>
#include <memory>
#include <vector>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/cli/rows.h"
#include "affectsr/experiment/training_log.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/input_files.h"
#include "affectsr/program/output.h"

namespace affectsr::cli {

namespace {

struct TrainingSettings {
    std::vector<std::filesystem::path> logs;
    std::filesystem::path output;
    void fields(auto&& f) { f("output", output, "page to write: OUT.html"); }
};

int evaluate_training(const TrainingSettings& settings) {
    if (settings.output.empty()) throw UsageError("name the page to write: -o OUT.html");
    InputFiles read;
    std::vector<TrainingLog> logs;
    for (const std::filesystem::path& file : settings.logs) {
        read.add(file, "a log of this run");
        logs.push_back(read_training_log(file));
    }
    read.refuse(settings.output);
    write_file_atomically(settings.output, training_page(logs));
    print(printable(settings.output.string()) + "\n");
    return 0;
}

}  // namespace

Action declare_training_logs(CLI::App& command) {
    const auto settings = std::make_shared<TrainingSettings>();
    command.add_option("LOG", settings->logs, "NAME.log.jsonl of trainings, one or several")->required();
    add_flags(command, list_fields(*settings), "Training", {{"output", "o"}});
    return [settings](const Call&) { return evaluate_training(*settings); };
}

}  // namespace affectsr::cli
