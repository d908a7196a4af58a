// How the commands that measure write their reports, and what they say about inputs that failed.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/experiment/report.h"
#include "affectsr/program/command.h"
#include "affectsr/program/input_files.h"
#include "affectsr/program/output.h"

namespace affectsr::cli {

/// Where a report goes.
struct ReportOptions {
    std::string format = "markdown";
    std::filesystem::path output;
    bool overwrite = false;
    bool quiet = false;
    void fields(auto&& f) {
        f("format", format, "how the report is written", OneOf{{"markdown", "json", "csv"}});
        f("output", output, "file for the report; default: stdout");
        f("overwrite", overwrite, "replace existing files, each once the new one is finished");
        f("quiet", quiet, "no progress, only errors");
    }
};

/// The report in the format "json", "csv" or "markdown".
std::string written(const Report& report, const std::string& format);

/// A file for results; from now on it is one of `files`, so that no other output of the run takes it. Throws as Output.
std::unique_ptr<Output> opened(const std::filesystem::path& path, bool overwrite, InputFiles& files);

/// Ends an output: whole, or stopped.
void end(Output& output, bool interrupted);

/// Writes a finished report, names its failed inputs, and gives the exit code: 0, 3 if some failed, or the signal's if
/// it is interrupted.
int deliver(const Report& report, const std::string& format, Output& output, const Call& call);

/// Names the first ten failed inputs on stderr, and counts all.
void tell_failures(const std::vector<FailedInput>& failed);

}  // namespace affectsr::cli
