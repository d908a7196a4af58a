#include "affectsr/train_cli/train.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>

#include "affectsr/learn/threads.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/machine.h"
#include "affectsr/program/output.h"
#include "affectsr/program/progress.h"
#include "affectsr/train/run.h"
#include "affectsr/train_cli/libtorch.h"

namespace affectsr::cli {

const char* const kTrainExamples =
    R"(  affectsr train recipes/train/small_net.json --data datasets/ --output trained/
  affectsr train recipes/train/small_net.json --data datasets/ --output trained/ --resume)";

namespace {

struct TrainSettings {
    std::filesystem::path recipe;
    std::filesystem::path data = ".";
    std::filesystem::path output = ".";
    bool resume = false;
    bool overwrite = false;
    bool skip_broken = false;
    int threads = 0;
    int loader_threads = 1;
    int checkpoint_every_s = 120;
    int memory_mb = 2048;
    double minutes = 0;
    WorldOptions world;
    bool quiet = false;
    void fields(auto&& f) {
        f("data", data, "folder that the recipe's data sets lie in");
        f("output", output, "folder for model, checkpoint and log");
        f("resume", resume, "go on from the checkpoint in --output");
        f("overwrite", overwrite,
          "replace the model of an earlier run in --output, and its checkpoint too unless --resume");
        f("skip_broken", skip_broken, "go on without the pictures and folders that cannot be read");
        f("threads", threads, "threads that compute, in each process; 0: as many as the machine has cores",
          Range{0, 1024});
        f("loader_threads", loader_threads, "threads that prepare the next batches", Range{1, 256});
        f("checkpoint_every_s", checkpoint_every_s, "seconds between checkpoints", Range{1, 86400});
        f("memory_mb", memory_mb, "for decoded pictures; those beyond it are decoded each time they are drawn",
          Range{1, 1 << 24});
        f("minutes", minutes, "if above 0, train so long instead of as long as the recipe says", Range{0, 1e6});
        world.fields(f);
        f("quiet", quiet, "no progress and no account, only errors");
    }
};

std::string progress_note(const TrainProgress& at) {
    char text[120];
    const std::string epochs = at.epochs > 0 ? "/" + std::to_string(at.epochs) : "";
    std::snprintf(text, sizeof text, "epoch %d%s  loss %.3f  %.0f faces/s", at.epoch, epochs.c_str(), at.loss,
                  at.faces_per_s);
    return text;
}

void tell(const TrainReport& report, const std::string& stopped_by) {
    char numbers[96];
    std::snprintf(numbers, sizeof numbers, "%llu steps, %.0f s, %.0f faces/s",
                  static_cast<unsigned long long>(report.steps), report.seconds, report.faces_per_s);
    const std::string end = report.finished ? "trained" : "stopped by " + stopped_by + " (--resume goes on)";
    const std::string account = "affectsr: " + end + ": " + numbers + "\n";
    std::fputs(account.c_str(), stderr);
}

int run_training(const TrainSettings& settings, const Call& call) {
    const int threads = settings.threads > 0 ? settings.threads : usable_cores();
    warn_of_slow_blas();
    set_libtorch_threads(threads);
    std::optional<Progress> bar;  // made with the first step: decoding the data does not count for the speed
    TrainerOptions options;
    options.folder = settings.output;
    options.resume = settings.resume;
    options.overwrite = settings.overwrite;
    options.skip_broken = settings.skip_broken;
    options.checkpoint_every_s = settings.checkpoint_every_s;
    options.loader_threads = settings.loader_threads;
    options.memory_mb = settings.memory_mb;
    options.minutes = settings.minutes;
    options.world = settings.world;
    options.on_step = [&](const TrainProgress& at) {
        // By minutes nobody knows how many steps there will be: the bar counts parts of the time.
        constexpr std::int64_t kParts = 1000;
        const std::int64_t all = at.steps > 0 ? static_cast<std::int64_t>(at.steps) : kParts;
        const std::int64_t done = at.steps > 0 ? static_cast<std::int64_t>(at.step)
                                               : static_cast<std::int64_t>(at.done * static_cast<double>(kParts));
        if (!bar) bar.emplace("train", all, !settings.quiet && stderr_is_lively(), std::max<std::int64_t>(done - 1, 0));
        bar->update(done, progress_note(at));
    };
    const TrainReport report = train_by_recipe(settings.recipe, settings.data, threads, options, call.stop.token());
    bar.reset();
    // A process that another one stopped ends as if it had been told itself.
    const bool by_another = !report.finished && call.stop.exit_code() == 0;
    if (!settings.quiet && report.rank == 0)
        tell(report, by_another ? "a signal to another process" : call.stop.signal_name());
    if (!report.finished) return by_another ? 128 + SIGTERM : call.stop.exit_code();
    if (report.rank == 0) print(report.model.string() + "\n");
    return 0;
}

}  // namespace

Action declare_train(CLI::App& command) {
    const auto settings = std::make_shared<TrainSettings>();
    command.add_option("RECIPE", settings->recipe, "JSON file: network, data, losses, optimiser, schedule, seed")
        ->required();
    add_flags(command, list_fields(*settings), "Options", {{"output", "o"}, {"quiet", "q"}});
    return [settings](const Call& call) { return run_training(*settings, call); };
}

}  // namespace affectsr::cli
