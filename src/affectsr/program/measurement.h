// A command that measures something and writes one report: its flags, its progress, its ending.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/program/command.h"

namespace affectsr::cli {

/// How a report is written, and where.
struct MeasurementSettings {
    std::string format = "text";
    std::filesystem::path output;
    bool overwrite = false;
    bool quiet = false;
    void fields(auto&& f) {
        f("format", format, "how the report is written", OneOf{{"text", "json", "csv"}});
        f("output", output, "file for the report; default: stdout");
        f("overwrite", overwrite, "replace an existing report");
        f("quiet", quiet, "no progress, only errors");
    }
};

/// What a measurement found.
struct Measured {
    std::string text;          ///< the report, in the format asked for
    bool interrupted = false;  ///< it was stopped and is made of a part
};

/// Told while it runs: steps done, steps in all, and what is being measured.
using MeasurementProgress = std::function<void(std::size_t done, std::size_t total, const std::string& what)>;

/// Opens the output, measures under a bar called `title`, and writes the report; a stopped one never replaces a whole
/// old one. Returns the exit code. Throws as Output and as `measure`.
int run_measurement(const std::string& title, const MeasurementSettings& settings, const Call& call,
                    const std::function<Measured(const MeasurementProgress&)>& measure);

}  // namespace affectsr::cli
