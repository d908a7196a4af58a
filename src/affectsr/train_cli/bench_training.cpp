#include "affectsr/train_cli/bench_training.h"

#include <torch/optim/adamw.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>

#include "affectsr/base/error.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/engine/training_primitives.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/learn/threads.h"
#include "affectsr/program/machine.h"

namespace affectsr::cli {

namespace {

/// A network on a batch.
struct Subject {
    std::string name;
    Plan plan;
    int size_px = 0, batch = 1, threads = 1;
    Precision precision = Precision::f32;
    double gflop = 0;  ///< of one step
};

struct Player {
    std::string name, layout;
    std::function<void()> step;
    std::shared_ptr<PlanModule> module;  ///< of those that learn
    std::vector<double> ms;
    double median() const {
        std::vector<double> sorted = ms;
        std::sort(sorted.begin(), sorted.end());
        return sorted[sorted.size() / 2];
    }
};

std::vector<InputSize> input_sizes(const Subject& subject) {
    return subject.plan.input_sizes({subject.size_px, subject.size_px});
}

Player learner(const Subject& subject, Play play, at::MemoryFormat layout) {
    const auto module = std::make_shared<PlanModule>(subject.plan);
    module->set_play(play);
    {
        const torch::NoGradGuard no_grad;
        for (Tensor& parameter : module->parameters())
            if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(layout));
    }
    torch::manual_seed(1);
    std::map<std::string, Tensor> faces;  // [n, c, h, w]; landmarks all over them
    const std::vector<InputSize> sizes = input_sizes(subject);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        const Step& step = subject.plan.steps[static_cast<std::size_t>(subject.plan.inputs()[i])];
        const auto& input = *step.as<step::PlanInput>();
        const Tensor made = torch::rand({subject.batch, step.out_channels, sizes[i].height, sizes[i].width});
        faces[input.name] = (input.size == InputSize{} ? made : made * subject.size_px).contiguous(layout);
    }
    const auto optimiser =
        std::make_shared<torch::optim::AdamW>(module->parameters(), torch::optim::AdamWOptions(1e-5));
    const bool bf16 = subject.precision == Precision::bf16;
    const auto step = [module, faces, optimiser, bf16] {
        std::map<std::string, Tensor> results;
        {
            const Autocast autocast(bf16);
            results = module->play(faces);
        }
        Tensor loss = torch::zeros({});
        for (const auto& [name, result] : results) loss = loss + result.to(torch::kFloat).square().mean();
        optimiser->zero_grad();
        loss.backward();
        optimiser->step();
    };
    return {play == Play::fast ? "fast" : "libtorch",
            layout == at::MemoryFormat::ChannelsLast ? "nhwc" : "nchw",
            step,
            module,
            {}};
}

Player primitives(const Subject& subject) {
    const TrainingSetting setting{subject.batch, input_sizes(subject),
                                  std::vector<bool>(subject.plan.inputs().size(), false), subject.precision,
                                  subject.threads};
    const auto made = std::make_shared<TrainingPrimitives>(subject.plan, setting);
    return {"primitives", "nhwc", [made] { made->play(); }, nullptr, {}};
}

double milliseconds(const std::function<void()>& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

double best_ms(const std::vector<Player>& players, const std::string& name) {
    double best = 0;
    for (const Player& p : players)
        if (p.name == name) best = best == 0 ? p.median() : std::min(best, p.median());
    return best;
}

void add_rows(const Subject& subject, const std::vector<Player>& players, Report& speeds) {
    for (const Player& p : players) {
        const double ms = p.median();
        speeds.rows.push_back({{"network", subject.name},
                               {"size", subject.size_px},
                               {"player", p.name},
                               {"precision", name_of(subject.precision)},
                               {"layout", p.layout},
                               {"threads", subject.threads},
                               {"batch", subject.batch},
                               {"ms", ms},
                               {"faces_per_s", subject.batch / ms * 1e3},
                               {"gflops", subject.gflop / ms * 1e3},
                               {"share_of_primitives", best_ms(players, "primitives") / ms},
                               {"times_libtorch", best_ms(players, "libtorch") / ms}});
    }
}

void add_costs(const Subject& subject, const Player& fast, int runs, Report& costs) {
    fast.module->fast_step()->measure();
    double total = 0;
    for (int run = 0; run < runs; ++run) total += milliseconds(fast.step);
    double told = 0;
    const auto add = [&](const std::string& kind, double ms, int calls) {
        costs.rows.push_back({{"network", subject.name},
                              {"size", subject.size_px},
                              {"precision", name_of(subject.precision)},
                              {"batch", subject.batch},
                              {"kind", kind},
                              {"operations", calls / runs},
                              {"ms", ms / runs},
                              {"share", ms / total}});
    };
    for (const TrainingCost& cost : fast.module->fast_step()->costs()) {
        add(cost.kind, cost.ms, cost.calls);
        told += cost.ms;
    }
    add("loss, optimiser, the rest", total - told, 0);
}

void lay_out(BenchReports& reports) {
    reports.speeds.title = "Speed of learning";
    reports.speeds.tables = {{"",
                              {{"network", "network", -1},
                               {"size", "px", -1},
                               {"player", "player", -1},
                               {"precision", "precision", -1},
                               {"layout", "layout", -1},
                               {"threads", "threads", -1},
                               {"batch", "batch", -1},
                               {"ms", "ms", 1},
                               {"faces_per_s", "faces/s", 2},
                               {"gflops", "GFLOP/s", 0},
                               {"share_of_primitives", "of primitives", 3},
                               {"times_libtorch", "× LibTorch", 2}}}};
    reports.costs.title = "What the operations of a fast step cost";
    reports.costs.tables = {{"",
                             {{"network", "network", -1},
                              {"size", "px", -1},
                              {"precision", "precision", -1},
                              {"batch", "batch", -1},
                              {"kind", "kind", -1},
                              {"operations", "operations", -1},
                              {"ms", "ms", 2},
                              {"share", "share", 3}}}};
}

/// False if it was stopped before every player had a turn.
bool measure(const Subject& subject, const BenchOptions& options, std::stop_token stop, BenchReports& reports) {
    constexpr auto kNhwc = at::MemoryFormat::ChannelsLast, kNchw = at::MemoryFormat::Contiguous;
    std::vector<Player> players{learner(subject, Play::fast, kNhwc), learner(subject, Play::libtorch, kNhwc),
                                learner(subject, Play::libtorch, kNchw), primitives(subject)};
    for (int turn = 0; turn <= options.runs; ++turn)
        for (Player& player : players) {
            if (stop.stop_requested()) return false;
            const double ms = milliseconds(player.step);
            if (turn > 0) player.ms.push_back(ms);
        }
    add_rows(subject, players, reports.speeds);
    if (options.profile) add_costs(subject, players.front(), options.runs, reports.costs);
    return true;
}

}  // namespace

BenchReports bench_training(const BenchOptions& options, const std::string& command, const BenchProgress& progress,
                            std::stop_token stop) {
    if (!engine_available())
        throw UsageError("the engine was not built in; configure with AFFECTSR_RUNTIME=ON", "no_engine");
    if (!options.options.empty() && options.network.size() != 1)
        throw UsageError("--options belongs to one network; name it with --network");
    const int threads = options.threads > 0 ? options.threads : usable_cores();
    set_libtorch_threads(threads);
    std::vector<Subject> subjects;
    for (const std::string& name : options.network) {
        const BenchSubject found = bench_subject(name, options.options);
        const int size = options.size > 0 ? options.size : found.size_px;
        const std::vector<int> usual{found.classifies ? 128 : 16};
        for (const int batch : options.batch.empty() ? usual : options.batch)
            for (const std::string& precision : options.precision) {
                const double gflop = static_cast<double>(found.plan.flops(size, size)) * 3 * batch / 1e9;
                const Precision wanted = precision_from(precision);
                if (used_precision(wanted) == wanted)
                    subjects.push_back({name, found.plan, size, batch, threads, wanted, gflop});
            }
    }
    BenchReports reports;
    lay_out(reports);
    for (std::size_t i = 0; i < subjects.size() && !stop.stop_requested(); ++i) {
        progress(i, subjects.size(), subjects[i].name + " " + name_of(subjects[i].precision));
        reports.speeds.interrupted = !measure(subjects[i], options, stop, reports);
    }
    for (Report* report : {&reports.speeds, &reports.costs}) {
        report->made_by = provenance_now(command);
        report->made_by.options = to_json(options);
        report->made_by.seed = 1;
        report->made_by.protocol =
            "medians in one process; the players take turns, one step each, the first turn not counted; a step is "
            "forward, loss, backward and AdamW; primitives are oneDNN's convolutions of the plan alone";
    }
    return reports;
}

}  // namespace affectsr::cli
