#include "affectsr/cli/bench.h"

#include <CLI/App.hpp>
#include <memory>

#include "affectsr/experiment/bench.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/measurement.h"

namespace affectsr::cli {

const char* const kBenchExamples =
    R"(  affectsr bench                                            the networks that matter
  affectsr bench --against libtorch                         and LibTorch in the same run, by affectsr-train
  affectsr bench --training --network rrdb,small_net        whole steps of learning, by affectsr-train
  affectsr bench --network rrdb --batch 1 --profile         and what each kind of operation costs
  affectsr bench --network rrdb --options '{"instance_norm":true}'
  affectsr bench --network small_net --batch 64 --format json --output speed.json)";

Action declare_bench(CLI::App& command) {
    const auto options = std::make_shared<BenchOptions>();
    const auto report = std::make_shared<MeasurementSettings>();
    add_flags(command, list_fields(*options), "Measurement");
    add_flags(command, list_fields(*report), "Report", {{"output", "o"}, {"quiet", "q"}});
    return [options, report](const Call& call) {
        return run_measurement("bench", *report, call, [&](const MeasurementProgress& progress) {
            const BenchReports reports = bench(*options, call.typed, progress, call.stop.token());
            return Measured{reports.text(report->format), reports.speeds.interrupted};
        });
    };
}

}  // namespace affectsr::cli
