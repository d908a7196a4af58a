#include "affectsr/train/trainer.h"

#include <torch/torch.h>

#include <chrono>
#include <cmath>
#include <fstream>

#include "affectsr/base/error.h"
#include "affectsr/train/batch_queue.h"
#include "affectsr/train/checkpoint.h"

namespace affectsr {

namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// One run, from its first or resumed step to its end.
class Run {
 public:
    Run(const Recipe& recipe, Task& task, const Batches& batches, const World& world, const TrainerOptions& options)
        : recipe_(recipe), task_(task), batches_(batches), world_(world), options_(options) {
        checkpoint_file_ = options_.folder / (recipe_.name + ".checkpoint.safetensors");
        steps_ = batches_.steps_per_epoch() * static_cast<std::uint64_t>(recipe_.epochs);
        std::error_code failure;
        std::filesystem::create_directories(options_.folder, failure);
        if (failure) throw ResourceError("cannot_write", options_.folder.string() + ": " + failure.message());
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
        const bool exists = std::filesystem::exists(checkpoint_file_);
        if (exists && !options_.resume)
            throw UsageError(checkpoint_file_.string() + " exists; go on with --resume, or remove it to begin again",
                             "would_overwrite");
        if (exists) {
            Checkpoint checkpoint = Checkpoint::open(checkpoint_file_);
            if (checkpoint.recipe != recipe_as_json())
                throw UsageError(checkpoint_file_.string() + " was made by another recipe; remove it to begin again");
            task_.load(checkpoint.state, checkpoint_file_.string());
            step_ = checkpoint.step;
            validation_ = checkpoint.validation;
            earlier_seconds_ = checkpoint.seconds;
        }
        first_step_ = step_;
        start_ = Clock::now();
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
        std::ofstream log(options_.folder / (recipe_.name + ".log.jsonl"), std::ios::app);
        log << line.dump() << "\n" << std::flush;
        if (!log)
            throw ResourceError("cannot_write",
                                "the training log in " + options_.folder.string() + " cannot be written");
    }

    void save() const {
        if (world_.rank() != 0) return;
        Checkpoint{recipe_as_json(), step_, validation_, earlier_seconds_ + seconds_since(start_), task_.state()}.save(
            checkpoint_file_);
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
        const std::filesystem::path path = options_.folder / (recipe_.name + ".safetensors");
        if (world_.rank() == 0) file.save(path);
        return path;
    }

    /// The recipe without the user's folders: where data lies does not change what is trained.
    Json recipe_as_json() const {
        Json json = to_json(recipe_);
        for (Json& source : json["data"]) source["options"].erase("root");
        return json;
    }

    /// The recipe as published: of each data folder only the name.
    Json published_recipe() const {
        Json json = to_json(recipe_);
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
    std::filesystem::path checkpoint_file_;
    std::uint64_t step_ = 0, first_step_ = 0, steps_ = 0;
    double epoch_loss_ = 0, recent_loss_ = 0, earlier_seconds_ = 0;
    Json validation_;
    Clock::time_point start_ = Clock::now();
};

}  // namespace

TrainReport train(const Recipe& recipe, Task& task, const Batches& batches, const World& world,
                  const TrainerOptions& options, std::stop_token stop) {
    return Run(recipe, task, batches, world, options).go(stop);
}

Batches::Options batch_options(const Recipe& recipe, const std::vector<std::string>& heads, int px, int channels,
                               int threads) {
    return {
        recipe.data, heads,  recipe.augmentation, px, channels, recipe.batch_size, recipe.validation.share, recipe.mix,
        recipe.seed, threads};
}

}  // namespace affectsr
