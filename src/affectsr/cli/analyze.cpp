#include "affectsr/cli/analyze.h"

#include <unistd.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <chrono>
#include <memory>
#include <system_error>

#include "affectsr/base/log.h"
#include "affectsr/cli/account.h"
#include "affectsr/cli/analyze_options.h"
#include "affectsr/cli/file_names.h"
#include "affectsr/cli/in_order.h"
#include "affectsr/cli/input_list.h"
#include "affectsr/cli/inputs.h"
#include "affectsr/cli/photographs.h"
#include "affectsr/cli/resume.h"
#include "affectsr/cli/standard_input.h"
#include "affectsr/engine/threads.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/input_files.h"
#include "affectsr/program/machine.h"
#include "affectsr/program/output.h"
#include "affectsr/program/progress.h"

namespace affectsr::cli {

const char* const kAnalyzeExamples =
    R"(  affectsr analyze party.jpg                                   every face and its expression
  affectsr analyze photos/ 'more/*.png' --output faces.jsonl    folders and patterns, one row per input
  affectsr analyze photos/ --output faces.jsonl --resume        go on where a stopped run ended
  affectsr analyze faces/ --already-cropped --format csv        every picture is one face
  affectsr analyze party.jpg --pictures out/ --strips out/      marked photo, and what the model saw
  find . -name '*.jpg' -print0 | affectsr analyze --files-from - -0 | jq .faces)";

namespace {

struct AnalyzeSettings {
    std::vector<std::string> inputs;
    AnalyzeOptions options;
    PipelineOptions pipeline;
};

/// What is to be done: the inputs, their picture names, and which of them still have no row.
struct Plan {
    std::vector<Input> inputs;
    InputFiles files;  ///< what nothing may be written onto
    std::vector<std::string> stems;
    std::vector<std::size_t> left;
    Account account;
};

PictureFolders folders_of(const AnalyzeOptions& options) {
    return {options.pictures, options.strips};
}

/// The folders that this run writes into: what lies in them is no photo. The file of rows is not left out, too: where
/// it is named like a picture it is one, and must be refused and not replaced.
FileIdentities own_places(const AnalyzeOptions& options) {
    FileIdentities own;
    for (const std::filesystem::path& place : {options.pictures, options.strips})
        if (const auto identity = place.empty() ? std::nullopt : identity_of(place)) own.insert(*identity);
    return own;
}

InputWords words_of(const AnalyzeSettings& settings, const Call& call) {
    const AnalyzeOptions& options = settings.options;
    if (settings.inputs.empty() && options.files_from.empty())
        throw UsageError("name an input: a file, a folder, a pattern, - for stdin, or --files-from LIST");
    if (options.files_from == "-" && std::count(settings.inputs.begin(), settings.inputs.end(), "-") > 0)
        throw UsageError("stdin can be the picture (-) or the list (--files-from -), not both");
    InputWords words{settings.inputs, {}};
    if (!options.files_from.empty())
        words.listed = read_list_of_inputs(options.files_from, options.null, call.stop.token());
    return words;
}

void protect_what_is_read(const AnalyzeSettings& settings, Plan& plan) {
    for (const Input& input : plan.inputs) {
        if (input.from_stdin())
            plan.files.add_stdin();
        else if (input.error_code.empty())
            plan.files.add(input.path);
    }
    if (settings.options.files_from == "-")
        plan.files.add_stdin();
    else
        plan.files.add(settings.options.files_from, "the list of inputs");
    const PipelineOptions& networks = settings.pipeline;
    for (const std::filesystem::path model :
         {networks.detector_model, networks.restorer_model, networks.landmarker_model, networks.classifier_model})
        plan.files.add(model, "a model of this run");
}

/// The inputs, before anything is opened for writing.
Plan list_what_is_read(const AnalyzeSettings& settings, const Call& call) {
    Plan plan;
    std::vector<std::string> unfollowed;
    plan.inputs = list_inputs(words_of(settings, call), own_places(settings.options), &unfollowed);
    plan.account.inputs = plan.inputs.size();
    protect_what_is_read(settings, plan);
    if (!unfollowed.empty() && !settings.options.quiet)
        log(LogLevel::warning,
            "links to folders are not followed: " + unfollowed.front() +
                (unfollowed.size() > 1 ? " and " + std::to_string(unfollowed.size() - 1) + " more" : "") +
                "; name a folder to have it read");
    return plan;
}

/// Opens the file of rows and protects it, too.
std::unique_ptr<Output> open_output(const AnalyzeOptions& options, Plan& plan) {
    if (options.output.empty()) return std::make_unique<Output>();
    std::error_code ignored;
    if (options.resume && std::filesystem::exists(options.output, ignored) &&
        !std::filesystem::is_regular_file(options.output, ignored))
        throw UsageError("--resume needs a file to go on with; " + options.output.string() + " is none");
    const IfExists if_exists = options.resume      ? IfExists::append
                               : options.overwrite ? IfExists::overwrite
                                                   : IfExists::refuse;
    auto output = std::make_unique<Output>(options.output, if_exists, plan.files);
    plan.files.add(options.output, "the file of rows");
    plan.files.add(options.output.string() + ".part", "the file of rows");
    return output;
}

/// Finds out what an earlier run has done: its rows count, and its pictures keep their names.
void take_over_finished(const AnalyzeOptions& options, Plan& plan) {
    std::vector<std::string> names;
    for (const Input& input : plan.inputs) names.push_back(input.name);
    FinishedRows finished;
    if (options.resume) {
        finished = read_finished_rows(options.output);
        if (finished.cut_off) std::filesystem::resize_file(options.output, finished.whole_bytes);
    }
    TakenStems taken{{}, finished.stems()};
    for (const FinishedRow* row : match_rows(plan.inputs, finished)) {
        if (row)
            plan.account.add_earlier(row->error_code, row->faces, row->undetermined);
        else
            plan.left.push_back(taken.of_inputs.size());
        taken.of_inputs.push_back(row ? row->stem : "");
    }
    plan.stems = output_stems(names, taken);
}

/// Pictures that are in the way are refused before the first photo is read, not in the middle of a run.
void refuse_existing_pictures(const AnalyzeOptions& options, const Plan& plan) {
    constexpr std::size_t kMostNamed = 8;
    std::vector<std::string> stems;
    for (const std::size_t i : plan.left) stems.push_back(plan.stems[i]);
    const std::vector<std::filesystem::path> files = existing_files(folders_of(options), stems);
    for (const std::filesystem::path& file : files) plan.files.refuse(file);
    if (files.empty() || options.overwrite) return;
    std::string named;
    for (std::size_t i = 0; i < std::min(files.size(), kMostNamed); ++i)
        named += (i == 0 ? "" : ", ") + files[i].string();
    if (files.size() > kMostNamed) named += " and " + std::to_string(files.size() - kMostNamed) + " more";
    named += files.size() == 1 ? " exists" : " exist";
    throw UsageError(options.resume ? named + " but no row in " + options.output.string() +
                                          " tells of it; move it away or choose another folder"
                                    : named + "; choose another folder, --overwrite or --resume",
                     "output_exists");
}

/// Answers what is left and writes the rows in the order of the inputs.
void write_rows(Plan& plan, Photographs& photographs, Output& output, const AnalyzeSettings& settings,
                const Call& call) {
    const AnalyzeOptions& options = settings.options;
    const bool on_terminal = options.output.empty() && isatty(STDOUT_FILENO) == 1;
    const RowStyle style{row_format(options, on_terminal), !options.no_timings, options.csv_safe};
    const int wanted = options.threads > 0 ? options.threads : usable_cores();
    const auto threads =
        static_cast<int>(std::clamp(plan.left.size(), std::size_t{1}, static_cast<std::size_t>(wanted)));
    Progress progress("analyze", static_cast<std::int64_t>(plan.inputs.size()), !options.quiet && stderr_is_lively(),
                      static_cast<std::int64_t>(plan.account.earlier));

    output.write(opening(style));
    bool first = true;
    const auto write = [&](const Row& row) {
        if (on_terminal) progress.hide();
        output.write(row_text(style, row, first));
        first = false;
        plan.account.add(row);
        progress.update(static_cast<std::int64_t>(plan.account.seen), plan.account.note());
    };
    in_order(plan.left.size(), threads, call.stop.token(), [&](std::size_t k) -> Delivery {
        set_threads(wanted / threads);  // the photos are the parallelism; a single one is spread over the cores
        const std::size_t i = plan.left[k];
        try {
            return [&write, answered = photographs.answer(plan.inputs[i], plan.stems[i], call.stop.token())] {
                write(answered.row);
                answered.files->keep();
            };
        } catch (const Interrupted&) {
            return [] {};  // stdin was not read to its end: no row, so that --resume asks for it again
        }
    });
    output.write(closing(style, !first));
    if (plan.account.seen == plan.inputs.size())
        output.finish();
    else
        output.stop();
}

int run_plan(Plan& plan, Output& output, const AnalyzeSettings& settings, const Call& call) {
    const auto start = std::chrono::steady_clock::now();
    const Pipeline pipeline(settings.pipeline);
    if (settings.pipeline.precision == "bf16" && pipeline.precision() == Precision::f32 && !settings.options.quiet)
        log(LogLevel::warning, "--precision bf16 is not played on this processor; f32 is used");
    Photographs photographs(pipeline, folders_of(settings.options), plan.files);
    write_rows(plan, photographs, output, settings, call);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const bool stopped = plan.account.seen < plan.inputs.size();
    if (!settings.options.quiet) {
        const std::string account =
            "affectsr: " + plan.account.text(seconds, stopped ? call.stop.signal_name() : "") + "\n";
        std::fputs(account.c_str(), stderr);
    }
    if (stopped) return call.stop.exit_code();
    if (photographs.had_internal_error()) return 1;
    return plan.account.failed > 0 ? 3 : 0;
}

int analyze(const AnalyzeSettings& settings, const Call& call) {
    row_format(settings.options, false);  // complains about flags that exclude each other before any work
    try {
        Plan plan = list_what_is_read(settings, call);
        const std::unique_ptr<Output> output = open_output(settings.options, plan);
        take_over_finished(settings.options, plan);
        refuse_existing_pictures(settings.options, plan);
        return run_plan(plan, *output, settings, call);
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
