// How fast networks play: the engine, alone or against a peer in the same process.
#pragma once

#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/experiment/report.h"
#include "affectsr/plan/plan.h"
#include "affectsr/plan/precision.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

struct BenchOptions {
    std::vector<std::string> network{"rrdb", "edsr", "small_net", "resnet18"};
    Json options = Json::object();  ///< of the network; only where one is named
    int size = 0;                   ///< side of the input in pixels; 0: the network's own, 32 for super-resolution
    std::vector<std::string> precision{"f32", "bf16"};
    int threads = 0;         ///< 0: all cores
    std::vector<int> batch;  ///< none: 1 and 16; in training 16, of a classifier 128
    std::string against = "nobody";
    int runs = 21;
    bool profile = false;
    bool training = false;  ///< whole steps of learning; by affectsr-train
    void fields(auto&& f) {
        f("network", network, "networks by catalog name");
        f("options", options, "the network's own settings as JSON, where one network is named");
        f("size", size, "side of the input in pixels; 0: the network's own, 32 for super-resolution", Range{0, 4096});
        f("precision", precision, "number formats: f32, bf16");
        f("threads", threads, "cores to use; 0: all", Range{0, 1024});
        f("batch", batch, "pictures per call; none: 1 and 16, in training 16 or, of a classifier, 128", Range{1, 4096});
        f("against", against, "the peer in the same run; libtorch is played by affectsr-train",
          OneOf{{"nobody", "libtorch"}});
        f("runs", runs, "measured plays of each player", Range{1, 10000});
        f("profile", profile, "tell what each kind of operation costs");
        f("training", training,
          "whole steps of learning, by affectsr-train, against LibTorch and against oneDNN's convolutions alone");
    }
};

using BenchProgress = std::function<void(std::size_t done, std::size_t total, const std::string& what)>;

/// A network's plan with the size that it is made for.
struct BenchSubject {
    Plan plan;
    int size_px = 0;
    bool classifies = false;
};
/// A network of the catalogs by its name. Throws UsageError that lists the known ones.
BenchSubject bench_subject(const std::string& name, const Json& options);

/// What is played: a plan with weights on `batch` pictures. The references live as long as the measurement.
struct BenchTask {
    const Plan& plan;
    const TensorMap& weights;
    Precision precision;
    BatchShape batch;
    const Feeds& feeds;  ///< every input of the plan: pictures in [0, 1), landmarks within them
    int threads;
};

/// One way to play a task.
struct BenchPlayer {
    std::string player, layout;  ///< as the rows name them: "libtorch", "nhwc"
    Precision precision = Precision::f32;
    std::function<void()> play;  ///< the whole task once
};

/// Makes the players of a peer for a task, in the order of their rows.
using BenchPeer = std::function<std::vector<BenchPlayer>(const BenchTask&)>;

/// Speeds of all players, and what the operations of the engine cost.
struct BenchReports {
    Report speeds, costs;
    /// In the format "json", "csv" (speeds alone) or "text" (Markdown).
    std::string text(const std::string& format) const;
};

/// Random weights and pictures; turns of eight plays go round the players (engine and peer, each precision), the first
/// play of a turn is not counted; the median of `runs` plays is told. Rows: network, size, player, precision, layout,
/// threads, batch, ms, faces_per_s, gflops, share_of_peak, times_libtorch_f32 and times_libtorch_same (how many times
/// faster than LibTorch in its default float32, and than its fastest layout in the same precision; null without it).
/// Facts: peak_gflops of a large oneDNN matrix product, measured first; peak_memory_mib of the process;
/// precisions_not_here, those that were asked for and that the engine does not play here (used_precision): what is
/// played in their place is measured, once, under its own name. The second report, empty unless `profile`, has what
/// each kind of operation of the engine costs for one picture. `peer` plays where options.against is not "nobody".
/// Throws UsageError for unknown names, a peer that was not handed in, or if the engine is not built in.
BenchReports bench(const BenchOptions& options, const std::string& command, const BenchProgress& progress,
                   std::stop_token stop, const BenchPeer& peer = nullptr);

}  // namespace affectsr
