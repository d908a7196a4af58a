#include "affectsr/cli/analyze.h"

#include <unistd.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <chrono>
#include <memory>

#include "affectsr/base/log.h"
#include "affectsr/cli/account.h"
#include "affectsr/cli/analyze_options.h"
#include "affectsr/cli/file_names.h"
#include "affectsr/cli/flags.h"
#include "affectsr/cli/in_order.h"
#include "affectsr/cli/inputs.h"
#include "affectsr/cli/machine.h"
#include "affectsr/cli/output.h"
#include "affectsr/cli/photographs.h"
#include "affectsr/cli/progress.h"
#include "affectsr/cli/resume.h"
#include "affectsr/net/threads.h"

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
    std::vector<std::string> stems;
    std::vector<std::size_t> left;
    Account account;
};

/// Existing pictures are refused before the first photo is read, not in the middle of a run.
void refuse_existing_pictures(const Plan& plan, const PictureFolders& folders) {
    for (const std::size_t i : plan.left)
        for (const std::filesystem::path& file : files_of(folders, plan.stems[i])) {
            std::error_code ignored;
            if (std::filesystem::exists(file, ignored))
                throw UsageError(file.string() + " exists; choose another folder, --overwrite or --resume",
                                 "output_exists");
        }
}

Plan make_plan(const AnalyzeSettings& settings) {
    const AnalyzeOptions& options = settings.options;
    if (settings.inputs.empty() && options.files_from.empty())
        throw UsageError("name an input: a file, a folder, a pattern, - for stdin, or --files-from LIST");
    InputWords words{settings.inputs, {}};
    if (!options.files_from.empty()) words.listed = read_list_of_inputs(options.files_from, options.null);
    Plan plan;
    plan.inputs = list_inputs(words);
    plan.account.inputs = plan.inputs.size();
    std::vector<std::string> names;
    for (const Input& input : plan.inputs) names.push_back(input.name);
    plan.stems = output_stems(names);
    FinishedRows finished;
    if (options.resume) {
        finished = read_finished_rows(options.output, plan.account);
        if (finished.cut_off) std::filesystem::resize_file(options.output, finished.whole_bytes);
    }
    plan.left = without_rows(plan.inputs, finished);
    if (!options.overwrite && !options.resume) refuse_existing_pictures(plan, {options.pictures, options.strips});
    return plan;
}

std::unique_ptr<Output> open_output(const AnalyzeOptions& options) {
    if (options.output.empty()) return std::make_unique<Output>();
    const IfExists if_exists = options.resume      ? IfExists::append
                               : options.overwrite ? IfExists::overwrite
                                                   : IfExists::refuse;
    return std::make_unique<Output>(options.output, if_exists);
}

/// Answers what is left and writes the rows in the order of the inputs.
void write_rows(Plan& plan, Photographs& photographs, Output& output, const AnalyzeSettings& settings,
                const Call& call) {
    const AnalyzeOptions& options = settings.options;
    const bool on_terminal = options.output.empty() && isatty(STDOUT_FILENO) == 1;
    const RowFormat format = row_format(options, on_terminal);
    const bool timings = !options.no_timings;
    const int wanted = options.threads > 0 ? options.threads : usable_cores();
    const auto threads =
        static_cast<int>(std::clamp(plan.left.size(), std::size_t{1}, static_cast<std::size_t>(wanted)));
    Progress progress("analyze", static_cast<std::int64_t>(plan.inputs.size()), !options.quiet && stderr_is_lively(),
                      static_cast<std::int64_t>(plan.account.earlier));

    if (plan.account.earlier == 0) output.write(opening(format, timings));
    bool first = true;
    const auto write = [&](const Row& row) {
        if (on_terminal) progress.hide();
        output.write(row_text(format, row, timings, first));
        first = false;
        plan.account.add(row);
        progress.update(static_cast<std::int64_t>(plan.account.seen), plan.account.note());
    };
    in_order(plan.left.size(), threads, call.stop.token(), [&](std::size_t k) -> Delivery {
        set_threads(1);  // the photos are the parallelism, and rows do not depend on how many there are
        const std::size_t i = plan.left[k];
        try {
            return [&write, row = photographs.answer(plan.inputs[i], plan.stems[i], call.stop.token())] { write(row); };
        } catch (const Photographs::Interrupted&) {
            return [] {};  // stdin was not read to its end: no row, so that --resume asks for it again
        }
    });
    output.write(closing(format, !first));
    output.finish();
}

int analyze(AnalyzeSettings& settings, const Call& call) {
    row_format(settings.options, false);  // complains about flags that exclude each other before any work
    Plan plan = make_plan(settings);
    const std::unique_ptr<Output> output = open_output(settings.options);
    const auto start = std::chrono::steady_clock::now();
    const Pipeline pipeline(settings.pipeline);
    Photographs photographs(pipeline, {settings.options.pictures, settings.options.strips});
    write_rows(plan, photographs, *output, settings, call);
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
