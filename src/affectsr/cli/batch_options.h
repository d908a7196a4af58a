// What every command that works on many inputs can be told of reading them and of its rows.
#pragma once

#include <filesystem>
#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/cli/rows.h"

namespace affectsr::cli {

struct BatchOptions {
    std::string format = "auto";
    std::filesystem::path output;
    bool overwrite = false;
    bool resume = false;
    bool no_timings = false;
    bool csv_safe = false;
    std::filesystem::path files_from;
    bool null = false;
    int threads = 0;
    bool quiet = false;

    /// The listing, with the file of rows and their format under the names that the command gives them.
    void list(auto&& f, const char* rows, const char* rows_format) {
        f(rows_format, format,
          "how rows are written; auto: by the ending of their file, else text on a terminal, else jsonl",
          OneOf{{"auto", "text", "json", "jsonl", "csv"}});
        f(rows, output, "file for the rows; default: stdout");
        f("overwrite", overwrite, "replace existing outputs, the file of rows once the new one is finished");
        f("resume", resume, "go on with the file of rows (jsonl): inputs that have a whole row are left out");
        f("no_timings", no_timings, "leave out the milliseconds: rows are then the same in every run");
        f("csv_safe", csv_safe, "csv: an apostrophe before cells that a spreadsheet would run as a formula");
        f("files_from", files_from, "a file with one input per line; - for stdin");
        f("null", null, "inputs in --files-from are separated by NUL (find -print0)");
        f("threads", threads, "photos worked on at once; 0: as many as the machine has cores", Range{0, 1024});
        f("quiet", quiet, "no progress and no account, only errors");
    }
    void fields(auto&& f) { list(f, "output", "format"); }
};

/// The format that "auto" means here; the others mean themselves. Throws UsageError for --resume without jsonl.
RowFormat row_format(const BatchOptions& options, bool stdout_is_terminal);

}  // namespace affectsr::cli
