#include "affectsr/train/trainer.h"

#include <torch/torch.h>

#include <chrono>
#include <cmath>
#include <optional>

#include "affectsr/base/error.h"
#include "affectsr/base/log.h"
#include "affectsr/train/batch_queue.h"
#include "affectsr/train/checkpoint.h"
#include "affectsr/train/epoch_log.h"

namespace affectsr {

namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

std::filesystem::path model_path(const Recipe& recipe, const TrainerOptions& options) {
    return options.folder / (recipe.name + ".safetensors");
}

/// In what two descriptions of data (Batches::description) differ, source by source; empty: in nothing that is learned
/// from. What a folder is called and who describes it does not matter.
std::string changes(const Json& before, const Json& now) {
    if (before.size() != now.size())
        return std::to_string(before.size()) + " data sources, now " + std::to_string(now.size());
    std::string text;
    for (std::size_t i = 0; i < now.size(); ++i) {
        Json was = before[i], is = now[i];
        for (const char* key : {"name", "source", "licence"}) was.erase(key), is.erase(key);
        const std::string found = differences(was, is);
        if (found.empty()) continue;
        text += (text.empty() ? "" : "; ") + ("data source \"" + now[i]["name"].get<std::string>() + "\": ") + found;
    }
    return text;
}

/// One run, from its first or resumed step to its end.
class Run {
 public:
    Run(const Recipe& recipe, Task& task, const Batches& batches, const World& world, const TrainerOptions& options)
        : recipe_(recipe),
          task_(task),
          batches_(batches),
          world_(world),
          options_(options),
          checkpoints_(options.folder, recipe.name),
          log_(options.folder / (recipe.name + ".log.jsonl")) {
        steps_ = batches_.steps_per_epoch() * static_cast<std::uint64_t>(recipe_.epochs);
        expect_outputs_free(recipe_, options_);
    }

    TrainReport go(const std::stop_token& stop) {
        begin();
        BatchQueue queue(batches_, step_, steps_, options_.loader_threads);
        Clock::time_point saved = Clock::now();
        while (step_ < steps_ && !stop.stop_requested()) {
            one_step(queue.next());
            const bool epoch_done = step_ % batches_.steps_per_epoch() == 0;
            if (epoch_done) end_epoch();
            if (epoch_done || seconds_since(saved) > options_.checkpoint_every_s) {
                save();
                saved = Clock::now();
            }
        }
        if (step_ < steps_) save();
        TrainReport report{step_ == steps_, step_, seconds_since(start_), faces_per_s(), validation_, {}};
        if (report.finished) report.model = write_model();
        return report;
    }

 private:
    void begin() {
        if (world_.rank() == 0) remove_leftovers(options_.folder);
        if (batches_.validation_faces() == 0)
            log(LogLevel::warning, "no face is held out, so nothing is validated and no confidence calibrated");
        std::optional<CheckpointFiles::Opened> opened;
        if (options_.resume) opened = checkpoints_.open_newest();
        if (opened) {
            go_on_from(opened->checkpoint, opened->file.string());
        } else {
            if (options_.resume)
                log(LogLevel::warning, checkpoints_.newest().string() + ": is not there; the run begins anew");
            if (world_.rank() == 0) begin_files();
        }
        first_step_ = step_;
        start_ = Clock::now();
    }

    void begin_files() {
        checkpoints_.remove();
        log_.begin();
    }

    void go_on_from(const Checkpoint& checkpoint, const std::string& file) {
        const std::string recipe = differences(checkpoint.recipe, recipe_as_json());
        if (!recipe.empty())
            throw UsageError(file + " was made by another recipe (" + recipe +
                                 "); go on with that one, or begin again with --overwrite",
                             "other_recipe");
        const std::string data = changes(checkpoint.data, batches_.description());
        if (!data.empty())
            throw UsageError(file + " was made from other data (" + data +
                                 "); bring that data back, or begin again with --overwrite",
                             "other_data");
        if (checkpoint.step > steps_) throw ModelError("model_damaged", file + " stands beyond the end of the run");
        if (checkpoint.threads != at::get_num_threads())
            log(LogLevel::warning, file + " was made with " + std::to_string(checkpoint.threads) +
                                       " threads, now there are " + std::to_string(at::get_num_threads()) +
                                       "; the last bits of the weights will differ from those of an unbroken run");
        task_.load(checkpoint.state, file);
        if (world_.rank() == 0) log_.go_on(checkpoint.log_bytes);
        step_ = checkpoint.step;
        epoch_loss_ = checkpoint.epoch_loss;
        validation_ = checkpoint.validation;
        earlier_seconds_ = checkpoint.seconds;
    }

    void one_step(const Batch& batch) {
        // Chance inside the network (dropout) depends on the step alone, so that a resumed run draws the same.
        torch::manual_seed(recipe_.seed * 1'000'003 + step_);
        const StepLog log = task_.step(batch, learning_rate(recipe_.schedule, step_, steps_), world_);
        const double loss = log.at("loss");
        if (!std::isfinite(loss))
            throw InputError("training_diverged", "the loss is not finite at step " + std::to_string(step_) +
                                                      "; lower schedule.peak or optimiser.clip_norm");
        ++step_;
        epoch_loss_ += loss;
        recent_loss_ = recent_loss_ == 0 ? loss : 0.98 * recent_loss_ + 0.02 * loss;
        if (!options_.on_step) return;
        TrainProgress progress;
        progress.epochs = recipe_.epochs;
        progress.epoch = static_cast<int>((step_ - 1) / batches_.steps_per_epoch()) + 1;
        progress.step = step_;
        progress.steps = steps_;
        progress.loss = recent_loss_;
        progress.faces_per_s = faces_per_s();
        progress.seconds_left =
            seconds_since(start_) / static_cast<double>(step_ - first_step_) * static_cast<double>(steps_ - step_);
        progress.validation = validation_;
        options_.on_step(progress);
    }

    void end_epoch() {
        validation_ = task_.validate(batches_);
        const Json line{{"epoch", step_ / batches_.steps_per_epoch()},
                        {"step", step_},
                        {"loss", epoch_loss_ / static_cast<double>(batches_.steps_per_epoch())},
                        {"learning_rate", learning_rate(recipe_.schedule, step_ - 1, steps_)},
                        {"validation", validation_},
                        {"faces_per_s", faces_per_s()},
                        {"seconds", earlier_seconds_ + seconds_since(start_)}};
        epoch_loss_ = 0;
        if (world_.rank() == 0) log_.add(line);
    }

    void save() const {
        if (world_.rank() != 0) return;
        checkpoints_.save({recipe_as_json(), batches_.description(), step_, epoch_loss_, log_.bytes(),
                           at::get_num_threads(), validation_, earlier_seconds_ + seconds_since(start_),
                           task_.state()});
    }

    std::filesystem::path write_model() {
        const Json finishing = task_.finish(batches_);
        ModelFile file = task_.model();
        file.card.source = "affectsr, trained by the recipe in this card";
        file.card.recipe = published_recipe();
        file.card.trained_on = {{"sources", batches_.description()}};
        file.card.figures = {{"held_out", validation_},
                             {"temperature", finishing},
                             {"steps", step_},
                             {"training_seconds", std::round(earlier_seconds_ + seconds_since(start_))}};
        TrainerOptions at_end = options_;
        at_end.resume = true;
        expect_outputs_free(recipe_, at_end);  // somebody may have put a model there meanwhile
        const std::filesystem::path path = model_path(recipe_, options_);
        if (world_.rank() == 0) file.save(path);
        return path;
    }

    /// The recipe without the user's folders: where data lies does not change what is trained.
    Json recipe_as_json() const {
        Json json = resolved_json(recipe_);
        for (Json& source : json["data"]) source["options"].erase("root");
        return json;
    }

    /// The recipe as published: of each data folder only the name.
    Json published_recipe() const {
        Json json = resolved_json(recipe_);
        for (Json& source : json["data"])
            if (Json& options = source["options"]; options.contains("root"))
                options["root"] = std::filesystem::path(options["root"].get<std::string>()).filename().string();
        return json;
    }

    double faces_per_s() const {
        const double seconds = seconds_since(start_);
        return seconds > 0
                   ? static_cast<double>((step_ - first_step_) * static_cast<std::uint64_t>(recipe_.batch_size)) /
                         seconds
                   : 0;
    }

    const Recipe& recipe_;
    Task& task_;
    const Batches& batches_;
    const World& world_;
    const TrainerOptions& options_;
    CheckpointFiles checkpoints_;
    EpochLog log_;
    std::uint64_t step_ = 0, first_step_ = 0, steps_ = 0;
    double epoch_loss_ = 0, recent_loss_ = 0, earlier_seconds_ = 0;
    Json validation_;
    Clock::time_point start_ = Clock::now();
};

}  // namespace

void expect_outputs_free(const Recipe& recipe, const TrainerOptions& options) {
    std::error_code failure;
    std::filesystem::create_directories(options.folder, failure);
    if (failure) throw ResourceError("cannot_write", options.folder.string() + ": " + failure.message());
    if (options.overwrite) return;
    const std::filesystem::path model = model_path(recipe, options);
    if (std::filesystem::exists(std::filesystem::symlink_status(model, failure)))
        throw UsageError(model.string() + " exists; replace it with --overwrite, or train into another --output",
                         "would_overwrite");
    const CheckpointFiles checkpoints(options.folder, recipe.name);
    if (!options.resume && checkpoints.exist())
        throw UsageError(
            checkpoints.newest().string() + " exists; go on with --resume, or begin again with --overwrite",
            "would_overwrite");
}

TrainReport train(const Recipe& recipe, Task& task, const Batches& batches, const World& world,
                  const TrainerOptions& options, std::stop_token stop) {
    return Run(recipe, task, batches, world, options).go(stop);
}

Batches::Options batch_options(const Recipe& recipe, const std::vector<std::string>& heads, int px, int channels,
                               int threads) {
    Batches::Options options;
    options.sources = recipe.data;
    options.heads = heads;
    for (const LossChoice& loss : recipe.losses)
        if (loss.weight > 0) options.trained_heads.push_back(loss.head);
    options.augmentation = recipe.augmentation;
    options.px = px;
    options.channels = channels;
    options.batch_size = recipe.batch_size;
    options.validation_share = recipe.validation.share;
    options.mix = recipe.mix;
    options.seed = recipe.seed;
    options.threads = threads;
    return options;
}

}  // namespace affectsr
