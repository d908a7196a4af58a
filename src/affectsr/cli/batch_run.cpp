#include "affectsr/cli/batch_run.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <system_error>
#include <utility>

#include "affectsr/base/log.h"
#include "affectsr/cli/file_names.h"
#include "affectsr/cli/in_order.h"
#include "affectsr/cli/input_list.h"
#include "affectsr/cli/standard_input.h"
#include "affectsr/engine/threads.h"
#include "affectsr/program/machine.h"
#include "affectsr/program/progress.h"

namespace affectsr::cli {

BatchRun::BatchRun(const std::vector<std::string>& typed, BatchOptions options, BatchCommand command, const Call& call)
    : options_(std::move(options)), command_(std::move(command)), call_(call) {
    row_format(options_, false);  // complains about flags that exclude each other before any work
    list(typed);
    protect_what_is_read();
    open_output();
    take_over_finished();
    refuse_existing_pictures();
}

void BatchRun::list(const std::vector<std::string>& typed) {
    if (typed.empty() && options_.files_from.empty())
        throw UsageError("name an input: a file, a folder, a pattern, - for stdin, or --files-from LIST");
    if (options_.files_from == "-" && std::count(typed.begin(), typed.end(), "-") > 0)
        throw UsageError("stdin can be the picture (-) or the list (--files-from -), not both");
    InputWords words{typed, {}};
    if (!options_.files_from.empty())
        words.listed = read_list_of_inputs(options_.files_from, options_.null, call_.stop.token());
    // What lies in the folders that this run writes into is no photo. The file of rows is not left out, too: where it
    // is named like a picture it is one, and must be refused and not replaced.
    FileIdentities own;
    for (const std::filesystem::path& folder : command_.folders)
        if (const auto identity = folder.empty() ? std::nullopt : identity_of(folder)) own.insert(*identity);
    std::vector<std::string> unfollowed;
    inputs_ = list_inputs(words, own, &unfollowed);
    account_.inputs = inputs_.size();
    account_.unanswered_word = command_.unanswered;
    if (!unfollowed.empty() && !options_.quiet)
        log(LogLevel::warning,
            "links to folders are not followed: " + unfollowed.front() +
                (unfollowed.size() > 1 ? " and " + std::to_string(unfollowed.size() - 1) + " more" : "") +
                "; name a folder to have it read");
}

void BatchRun::protect_what_is_read() {
    for (const Input& input : inputs_) {
        if (input.from_stdin())
            files_.add_stdin();
        else if (input.error_code.empty())
            files_.add(input.path);
    }
    if (options_.files_from == "-")
        files_.add_stdin();
    else
        files_.add(options_.files_from, "the list of inputs");
    for (const std::filesystem::path& model : command_.models) files_.add(model, "a model of this run");
}

/// Opens the file of rows and protects it, too.
void BatchRun::open_output() {
    const std::filesystem::path& rows = options_.output;
    if (rows.empty()) {
        output_ = std::make_unique<Output>();
        return;
    }
    std::error_code ignored;
    if (options_.resume && std::filesystem::exists(rows, ignored) && !std::filesystem::is_regular_file(rows, ignored))
        throw UsageError("--resume needs a file to go on with; " + rows.string() + " is none");
    const IfExists if_exists = options_.resume      ? IfExists::append
                               : options_.overwrite ? IfExists::overwrite
                                                    : IfExists::refuse;
    output_ = std::make_unique<Output>(rows, if_exists, files_);
    files_.add(rows, "the file of rows");
    files_.add(rows.string() + ".part", "the file of rows");
}

/// Finds out what an earlier run has done: its rows count, and its pictures keep their names.
void BatchRun::take_over_finished() {
    std::vector<std::string> names;
    for (const Input& input : inputs_) names.push_back(input.name);
    FinishedRows finished;
    if (options_.resume) {
        finished = read_finished_rows(options_.output, command_.rows);
        if (finished.cut_off) std::filesystem::resize_file(options_.output, finished.whole_bytes);
    }
    TakenStems taken{{}, finished.stems()};
    for (const FinishedRow* row : match_rows(inputs_, finished)) {
        if (row)
            account_.add_earlier(row->error_code, row->faces, row->undetermined);
        else
            left_.push_back(taken.of_inputs.size());
        taken.of_inputs.push_back(row ? row->stem : "");
    }
    stems_ = output_stems(names, taken);
}

/// Pictures that are in the way are refused before the first photo is read, not in the middle of a run.
void BatchRun::refuse_existing_pictures() const {
    constexpr std::size_t kMostNamed = 8;
    std::vector<std::string> stems;
    for (const std::size_t i : left_) stems.push_back(stems_[i]);
    const std::vector<std::filesystem::path> existing = command_.existing_files(stems);
    for (const std::filesystem::path& file : existing) files_.refuse(file);
    if (existing.empty() || options_.overwrite) return;
    std::string named;
    for (std::size_t i = 0; i < std::min(existing.size(), kMostNamed); ++i)
        named += (i == 0 ? "" : ", ") + existing[i].string();
    if (existing.size() > kMostNamed) named += " and " + std::to_string(existing.size() - kMostNamed) + " more";
    named += existing.size() == 1 ? " exists" : " exist";
    throw UsageError(options_.resume ? named + " but no row in " + options_.output.string() +
                                           " tells of it; move it away or choose another folder"
                                     : named + "; choose another folder, --overwrite or --resume",
                     "output_exists");
}

void BatchRun::write_rows(const AnswerInput& answer) {
    const bool on_terminal = options_.output.empty() && isatty(STDOUT_FILENO) == 1;
    const RowStyle style{row_format(options_, on_terminal), !options_.no_timings, options_.csv_safe, command_.rows};
    const int wanted = options_.threads > 0 ? options_.threads : usable_cores();
    const auto threads = static_cast<int>(std::clamp(left_.size(), std::size_t{1}, static_cast<std::size_t>(wanted)));
    Progress progress(name_of(command_.rows), static_cast<std::int64_t>(inputs_.size()),
                      !options_.quiet && stderr_is_lively(), static_cast<std::int64_t>(account_.earlier));

    output_->write(opening(style));
    bool first = true;
    const auto write = [&](const BatchAnswer& answered) {
        if (on_terminal) progress.hide();
        output_->write(answered.text(style, first));
        first = false;
        account_.add(answered.error_code, answered.faces, answered.unanswered);
        progress.update(static_cast<std::int64_t>(account_.seen), account_.note());
    };
    in_order(left_.size(), threads, call_.stop.token(), [&](std::size_t k) -> Delivery {
        set_threads(wanted / threads);  // the photos are the parallelism; a single one is spread over the cores
        const std::size_t i = left_[k];
        try {
            return [&write, answered = answer(inputs_[i], stems_[i], call_.stop.token())] {
                write(answered);
                answered.files->keep();
            };
        } catch (const Interrupted&) {
            return [] {};  // stdin was not read to its end: no row, so that --resume asks for it again
        }
    });
    output_->write(closing(style, !first));
    if (account_.seen == inputs_.size())
        output_->finish();
    else
        output_->stop();
}

int BatchRun::run(const AnswerInput& answer, const std::atomic<bool>& internal_error) {
    write_rows(answer);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    const bool stopped = account_.seen < inputs_.size();
    if (!options_.quiet) {
        const std::string account =
            "affectsr: " + account_.text(seconds, stopped ? call_.stop.signal_name() : "") + "\n";
        std::fputs(account.c_str(), stderr);
    }
    if (stopped) return call_.stop.exit_code();
    if (internal_error) return 1;
    return account_.failed > 0 ? 3 : 0;
}

}  // namespace affectsr::cli
