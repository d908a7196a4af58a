// A run over many inputs: what is read, what is left of an earlier run, rows in order, and the account at the end.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/cli/account.h"
#include "affectsr/cli/batch_options.h"
#include "affectsr/cli/inputs.h"
#include "affectsr/cli/new_files.h"
#include "affectsr/cli/resume.h"
#include "affectsr/program/command.h"
#include "affectsr/program/input_files.h"
#include "affectsr/program/output.h"

namespace affectsr::cli {

/// What a batch must know of the command that runs it.
struct BatchCommand {
    RowsOf rows = RowsOf::analyze;
    std::vector<std::filesystem::path> folders;  ///< that pictures go to: left out of walks; empty paths do not count
    std::vector<std::filesystem::path> models;   ///< files that nothing may be written onto; empty paths do not count
    std::string unanswered = "undetermined";     ///< what faces without an answer are called in the account
    /// The files that pictures of these stems would replace, in order. Throws ResourceError.
    std::function<std::vector<std::filesystem::path>(const std::vector<std::string>& stems)> existing_files;
};

/// What became of one input, as far as every command tells it.
struct BatchAnswer {
    std::function<std::string(const RowStyle& style, bool first)> text;  ///< its row
    std::string error_code;                                              ///< empty: the input was read
    std::size_t faces = 0, unanswered = 0;
    std::shared_ptr<NewFiles> files;  ///< made for it, kept once its row is written
};

/// Answers one input, whose pictures are named after `stem`. Called from several threads at once; throws as
/// answer_or_fail().
using AnswerInput = std::function<BatchAnswer(const Input& input, const std::string& stem, std::stop_token stop)>;

/// A run, prepared before anything is computed. Not thread-safe.
class BatchRun {
 public:
    /// Lists what was `typed`, protects what is read, opens the file of rows, takes over an earlier run's, and refuses
    /// pictures that are in the way. Throws UsageError, InputError, ResourceError as list_inputs, Output and
    /// read_finished_rows do, and Interrupted.
    BatchRun(const std::vector<std::string>& typed, BatchOptions options, BatchCommand command, const Call& call);

    /// What nothing may be written onto.
    const InputFiles& files() const { return files_; }
    /// Answers what is left on several threads, writes the rows in the order of the inputs and the account to stderr.
    /// Returns the exit code; `internal_error` makes it 1.
    int run(const AnswerInput& answer, const std::atomic<bool>& internal_error);

 private:
    void list(const std::vector<std::string>& typed);
    void protect_what_is_read();
    void open_output();
    void take_over_finished();
    void refuse_existing_pictures() const;
    void write_rows(const AnswerInput& answer);

    BatchOptions options_;
    BatchCommand command_;
    const Call& call_;
    const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
    std::vector<Input> inputs_;
    InputFiles files_;
    std::vector<std::string> stems_;
    std::vector<std::size_t> left_;  ///< inputs without a row
    Account account_;
    std::unique_ptr<Output> output_;
};

}  // namespace affectsr::cli
