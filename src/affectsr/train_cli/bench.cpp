#include "affectsr/train_cli/bench.h"

#include <CLI/App.hpp>
#include <memory>

#include "affectsr/experiment/bench.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/measurement.h"
#include "affectsr/train_cli/bench_training.h"
#include "affectsr/train_cli/libtorch.h"
#include "affectsr/train_cli/libtorch_peer.h"

namespace affectsr::cli {

const char* const kPeerBenchExamples =
    R"(  affectsr-train bench                                      the networks that matter, against LibTorch
  affectsr-train bench --training --network small_net       whole steps of learning
  affectsr-train bench --network rrdb --batch 1 --format json --output speed.json)";

Action declare_peer_bench(CLI::App& command) {
    const auto options = std::make_shared<BenchOptions>();
    options->against = "libtorch";
    const auto report = std::make_shared<MeasurementSettings>();
    add_flags(command, list_fields(*options), "Measurement");
    add_flags(command, list_fields(*report), "Report", {{"output", "o"}, {"quiet", "q"}});
    return [options, report](const Call& call) {
        warn_of_slow_blas();
        return run_measurement("bench", *report, call, [&](const MeasurementProgress& progress) {
            const BenchReports reports =
                options->training ? bench_training(*options, call.typed, progress, call.stop.token())
                                  : bench(*options, call.typed, progress, call.stop.token(), libtorch_players);
            return Measured{reports.text(report->format), reports.speeds.interrupted};
        });
    };
}

}  // namespace affectsr::cli
