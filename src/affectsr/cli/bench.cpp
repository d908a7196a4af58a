#include "affectsr/cli/bench.h"

#include <CLI/App.hpp>
#include <filesystem>
#include <memory>
#include <optional>

#include "affectsr/experiment/bench.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/output.h"
#include "affectsr/program/progress.h"

namespace affectsr::cli {

const char* const kBenchExamples =
    R"(  affectsr bench                                            the networks that matter, against LibTorch
  affectsr bench --network rrdb --batch 1 --profile         and what each kind of operation costs
  affectsr bench --network rrdb --options '{"instance_norm":true}'
  affectsr bench --network small_net --batch 64 --format json --output speed.json)";

namespace {

struct BenchSettings {
    BenchOptions bench;
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

std::string written(const BenchReports& reports, const std::string& format) {
    if (format == "csv") return reports.speeds.csv();
    if (format == "json") {
        Json json = reports.speeds.json();
        if (!reports.costs.rows.empty()) json["profile"] = reports.costs.rows;
        return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    }
    return reports.speeds.markdown() + (reports.costs.rows.empty() ? "" : "\n" + reports.costs.markdown());
}

int bench_command(const BenchSettings& settings, const Call& call) {
    const std::unique_ptr<Output> output =
        settings.output.empty()
            ? std::make_unique<Output>()
            : std::make_unique<Output>(settings.output, settings.overwrite ? IfExists::overwrite : IfExists::refuse);
    std::optional<Progress> bar;  // made when the number of measurements is known
    const auto progress = [&](std::size_t done, std::size_t total, const std::string& what) {
        if (!bar) bar.emplace("bench", static_cast<std::int64_t>(total), !settings.quiet && stderr_is_lively());
        bar->update(static_cast<std::int64_t>(done), what);
    };
    const BenchReports reports = bench(settings.bench, call.typed, progress, call.stop.token());
    bar.reset();
    output->write(written(reports, settings.format));
    if (reports.speeds.interrupted)
        output->stop();
    else
        output->finish();
    return reports.speeds.interrupted ? call.stop.exit_code() : 0;
}

}  // namespace

Action declare_bench(CLI::App& command) {
    const auto settings = std::make_shared<BenchSettings>();
    add_flags(command, list_fields(settings->bench), "Measurement");
    add_flags(command, list_fields(*settings), "Report", {{"output", "o"}, {"quiet", "q"}});
    return [settings](const Call& call) { return bench_command(*settings, call); };
}

}  // namespace affectsr::cli
