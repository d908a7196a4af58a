#include "affectsr/experiment/bench.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/base/random.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/detect/detection_network.h"
#include "affectsr/engine/peak.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/catalog.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

namespace {

constexpr int kSuperResolutionPx = 32;
constexpr int kDetectionPx = 640;
constexpr int kPlaysPerTurn = 8;  // the first warms the caches again

/// A player and the times of its plays.
struct Contestant {
    BenchPlayer who;
    std::vector<double> ms;
    double median() const {
        std::vector<double> sorted = ms;
        std::sort(sorted.begin(), sorted.end());
        return sorted[sorted.size() / 2];
    }
};

BenchPlayer engine_player(const BenchTask& task) {
    const auto engine = std::make_shared<const PlanEngine>(task.plan, task.weights, task.precision);
    const auto shapes = task.plan.shapes(task.batch.height, task.batch.width);
    const auto made = std::make_shared<std::map<std::string, std::vector<float>>>();
    for (const Plan::Output& output : task.plan.outputs)
        (*made)[output.name].resize(static_cast<std::size_t>(task.batch.count) *
                                    static_cast<std::size_t>(shapes[static_cast<std::size_t>(output.step)].count()));
    Results results;
    for (auto& [name, values] : *made) results[name] = values;
    return {"engine", "nhwc", task.precision,
            [engine, made, results, task] { engine->run(task.batch.count, task.feeds, results, task.threads); }};
}

/// What the inputs of a plan are fed: values in [0, 1), the same in every run; those of fixed size, landmarks, lie all
/// over the picture.
struct RandomFeeds {
    std::map<std::string, std::vector<float>> values;
    Feeds feeds;

    RandomFeeds(const Plan& plan, const BatchShape& batch) {
        const std::vector<int> inputs = plan.inputs();
        const std::vector<InputSize> sizes = plan.input_sizes({batch.height, batch.width});
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            const Step& s = plan.steps[static_cast<std::size_t>(inputs[i])];
            const auto& input = *s.as<step::PlanInput>();
            const ValueShape shape{s.out_channels, sizes[i].height, sizes[i].width};
            const auto reach = static_cast<float>(input.size == InputSize{} ? 1 : std::min(batch.height, batch.width));
            SplitMix64 random(1 + i);
            std::vector<float>& of_input = values[input.name];
            of_input.resize(static_cast<std::size_t>(batch.count) * static_cast<std::size_t>(shape.count()));
            for (float& value : of_input) value = reach * static_cast<float>(unit_interval(random.next()));
            feeds[input.name] = {of_input, sizes[i]};
        }
    }
};

double milliseconds(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

/// What every row shares.
struct Setting {
    std::string network;
    int size = 0, threads = 1, batch = 1;
    double gflop = 0;  ///< of one picture
    std::map<Precision, double> peak;
};

/// Median of the fastest matching contestant; 0: none played.
double best_ms(const std::vector<Contestant>& all, const std::string& player, Precision precision,
               const std::string& layout = "") {
    double best = 0;
    for (const Contestant& c : all)
        if (c.who.player == player && c.who.precision == precision && (layout.empty() || c.who.layout == layout) &&
            !c.ms.empty())
            best = best == 0 ? c.median() : std::min(best, c.median());
    return best;
}

Json row_of(const Contestant& c, const std::vector<Contestant>& all, const Setting& setting) {
    const double ms = c.median(), gflops = setting.gflop * setting.batch / ms * 1e3;
    const auto times = [&](double other) { return other > 0 ? Json(other / ms) : Json(); };
    return {{"network", setting.network},
            {"size", setting.size},
            {"player", c.who.player},
            {"precision", name_of(c.who.precision)},
            {"layout", c.who.layout},
            {"threads", setting.threads},
            {"batch", setting.batch},
            {"ms", ms},
            {"faces_per_s", setting.batch / ms * 1e3},
            {"gflops", gflops},
            {"share_of_peak", gflops / setting.peak.at(c.who.precision)},
            {"times_libtorch_f32", times(best_ms(all, "libtorch", Precision::f32, "nchw"))},
            {"times_libtorch_same", times(best_ms(all, "libtorch", c.who.precision))}};
}

/// Operations of one kind and implementation, summed.
void add_costs(Report& costs, const PlanEngine& engine, const Setting& setting) {
    struct Sum {
        double ms = 0, gflop = 0;
        int operations = 0;
    };
    std::map<std::pair<std::string, std::string>, Sum> sums;
    double total = 0;
    for (const StepCost& cost : engine.profile({1, setting.size, setting.size}, setting.threads, 15)) {
        Sum& sum = sums[{cost.kind, cost.implementation}];
        sum.ms += cost.ms;
        sum.gflop += cost.gflop;
        ++sum.operations;
        total += cost.ms;
    }
    std::vector<std::pair<std::pair<std::string, std::string>, Sum>> sorted(sums.begin(), sums.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.second.ms > b.second.ms; });
    for (const auto& [what, sum] : sorted)
        costs.rows.push_back({{"network", setting.network},
                              {"size", setting.size},
                              {"precision", name_of(engine.precision())},
                              {"kind", what.first},
                              {"implementation", what.second},
                              {"operations", sum.operations},
                              {"ms", sum.ms},
                              {"share", sum.ms / total},
                              {"gflops", sum.gflop > 0 ? Json(sum.gflop / sum.ms * 1e3) : Json()}});
}

void lay_out(BenchReports& reports) {
    reports.speeds.title = "Speed of networks";
    reports.speeds.tables = {{"",
                              {{"network", "network", -1},
                               {"size", "px", -1},
                               {"player", "player", -1},
                               {"precision", "precision", -1},
                               {"layout", "layout", -1},
                               {"threads", "threads", -1},
                               {"batch", "batch", -1},
                               {"ms", "ms", 2},
                               {"faces_per_s", "faces/s", 1},
                               {"gflops", "GFLOP/s", 0},
                               {"share_of_peak", "of peak", 3},
                               {"times_libtorch_f32", "× LibTorch f32", 2},
                               {"times_libtorch_same", "× LibTorch same", 2}}}};
    reports.costs.title = "What the engine's operations cost, one picture";
    reports.costs.tables = {{"",
                             {{"network", "network", -1},
                              {"size", "px", -1},
                              {"precision", "precision", -1},
                              {"kind", "kind", -1},
                              {"implementation", "kernel", -1},
                              {"operations", "operations", -1},
                              {"ms", "ms", 3},
                              {"share", "share", 3},
                              {"gflops", "GFLOP/s", 0}}}};
}

double peak_memory_mib() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

class Bench {
 public:
    Bench(const BenchOptions& options, const BenchProgress& progress, std::stop_token stop, const BenchPeer& peer)
        : options_(options),
          progress_(progress),
          batches_(options.batch.empty() ? std::vector{1, 16} : options.batch),
          peer_(options.against == "nobody" ? BenchPeer() : peer),
          stop_(std::move(stop)),
          threads_(options.threads > 0 ? options.threads
                                       : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()))) {
        if (!engine_available()) throw UsageError("the engine was not built in; configure with AFFECTSR_RUNTIME=ON");
        if (options.training) throw UsageError("this program does not train; affectsr-train plays --training");
        if (options.against != "nobody" && !peer)
            throw UsageError("this program does not know the peer \"" + options.against +
                             "\"; it plays against nobody");
        if (!options.options.empty() && options.network.size() != 1)
            throw UsageError("--options belongs to one network; name it with --network");
        for (const std::string& name : options.precision) {
            const Precision wanted = precision_from(name), used = used_precision(wanted);
            if (used != wanted) not_here_.push_back(name_of(wanted));
            if (std::find(precisions_.begin(), precisions_.end(), used) == precisions_.end())
                precisions_.push_back(used);
        }
        for (const std::string& name : options.network) subjects_.push_back(bench_subject(name, options.options));
    }

    BenchReports run(const std::string& command) {
        BenchReports reports;
        lay_out(reports);
        Json peaks = Json::object();
        for (const Precision precision : precisions_)
            peaks[name_of(precision)] = peak_[precision] = measured_peak_gflops(precision, threads_);
        const std::size_t total = subjects_.size() * batches_.size();
        for (std::size_t i = 0; i < subjects_.size() && !stop_.stop_requested(); ++i) {
            const Plan& plan = subjects_[i].plan;
            const TensorMap weights = first_weights(plan, 1);
            Setting setting{
                options_.network[i], options_.size > 0 ? options_.size : subjects_[i].size_px, threads_, 1, 0, peak_};
            setting.gflop = static_cast<double>(plan.flops(setting.size, setting.size)) / 1e9;
            for (std::size_t b = 0; b < batches_.size() && !stop_.stop_requested(); ++b) {
                setting.batch = batches_[b];
                progress_(i * batches_.size() + b, total, setting.network);
                measure(plan, weights, setting, reports.speeds);
            }
            if (options_.profile)
                for (const Precision precision : precisions_)
                    add_costs(reports.costs, PlanEngine(plan, weights, precision), setting);
        }
        reports.speeds.interrupted = stop_.stop_requested();
        for (Report* report : {&reports.speeds, &reports.costs}) {
            report->made_by = provenance_now(command);
            report->made_by.options = to_json(options_);
            report->made_by.seed = 1;
            report->made_by.protocol =
                "medians in one process; turns of 8 plays go round the players, the first of a turn not counted";
            report->facts["peak_gflops"] = peaks;
            if (!not_here_.empty()) report->facts["precisions_not_here"] = not_here_;
            for (const std::string& name : not_here_)
                report->notes.push_back(name +
                                        " is not computed on this processor, nor was its peak measured; f32 was.");
            report->facts["peak_memory_mib"] = peak_memory_mib();
        }
        return reports;
    }

 private:
    void measure(const Plan& plan, const TensorMap& weights, const Setting& setting, Report& speeds) {
        const BatchShape batch{setting.batch, setting.size, setting.size};
        const RandomFeeds random(plan, batch);
        std::vector<Contestant> all;
        for (const Precision precision : precisions_) {
            const BenchTask task{plan, weights, precision, batch, random.feeds, threads_};
            all.push_back({engine_player(task), {}});
            if (!peer_) continue;
            for (BenchPlayer& player : peer_(task)) all.push_back({std::move(player), {}});
        }
        const auto runs = static_cast<std::size_t>(options_.runs);
        while (all.back().ms.size() < runs && !stop_.stop_requested())
            for (Contestant& c : all)
                for (int play = 0; play < kPlaysPerTurn && c.ms.size() < runs; ++play) {
                    const double ms = milliseconds(c.who.play);
                    if (play > 0) c.ms.push_back(ms);
                }
        for (const Contestant& c : all)
            if (!c.ms.empty()) speeds.rows.push_back(row_of(c, all, setting));
    }

    const BenchOptions& options_;
    const BenchProgress& progress_;
    std::vector<int> batches_;
    BenchPeer peer_;
    std::stop_token stop_;
    int threads_;
    std::vector<Precision> precisions_;  ///< that are played, each once
    std::vector<std::string> not_here_;  ///< asked for, but played as another one on this processor
    std::vector<BenchSubject> subjects_;
    std::map<Precision, double> peak_;
};

}  // namespace

BenchSubject bench_subject(const std::string& name, const Json& options) {
    for (const Entry<SrNetwork>& entry : sr_network_catalog())
        if (entry.name == name) {
            const auto network = entry.make(options);
            const int crop_px = network->needs.input_px;
            return {network->plan, crop_px > 0 ? crop_px * network->enlarged_first : kSuperResolutionPx, false};
        }
    for (const Entry<ExpressionNetwork>& entry : expression_network_catalog())
        if (entry.name == name) {
            const auto network = entry.make(options);
            return {network->plan, network->needs.input_px, true};
        }
    for (const Entry<DetectionNetwork>& entry : detection_network_catalog())
        if (entry.name == name) return {entry.make(options)->plan, kDetectionPx, false};
    std::string known;
    const auto tell = [&known](const auto& catalog) {
        for (const auto& entry : catalog) known += entry.name + ", ";
    };
    tell(sr_network_catalog()), tell(expression_network_catalog()), tell(detection_network_catalog());
    throw UsageError("there is no network \"" + name + "\"; known are: " + known.substr(0, known.size() - 2));
}

std::string BenchReports::text(const std::string& format) const {
    if (format == "csv") return speeds.csv();
    if (format == "json") {
        Json json = speeds.json();
        if (!costs.rows.empty()) json["profile"] = costs.rows;
        return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
    }
    return speeds.markdown() + (costs.rows.empty() ? "" : "\n" + costs.markdown());
}

BenchReports bench(const BenchOptions& options, const std::string& command, const BenchProgress& progress,
                   std::stop_token stop, const BenchPeer& peer) {
    return Bench(options, progress, std::move(stop), peer).run(command);
}

}  // namespace affectsr
