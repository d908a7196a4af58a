#include "affectsr/train/trainer.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <span>

#include "affectsr/base/differences.h"
#include "affectsr/base/error.h"
#include "affectsr/base/log.h"
#include "affectsr/base/sha256.h"
#include "affectsr/image/codec.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/train/batch_queue.h"
#include "affectsr/train/checkpoint.h"
#include "affectsr/train/epoch_log.h"

namespace affectsr {

namespace {

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Where the model that a task calls `key` goes.
std::filesystem::path model_path(const Recipe& recipe, const TrainerOptions& options, const std::string& key = "") {
    return options.folder / (recipe.name + (key.empty() ? "" : "." + key) + ".safetensors");
}

/// Of a description of data (SampleSource::description) what is compared: what a folder is called and who describes it
/// does not matter.
Json compared(Json source) {
    for (const char* key : {"name", "source", "licence"}) source.erase(key);
    return source;
}

Json name_only(const Json& path) {
    return std::filesystem::path(path.get<std::string>()).filename().string();
}

/// Of everything with a whole path only the name: a card that goes to others tells nothing of a machine.
void keep_names_only(Json& json) {
    if (json.is_structured())
        for (Json& item : json) keep_names_only(item);
    else if (json.is_string() && json.get_ref<const std::string&>().starts_with('/'))
        json = name_only(json);
}

/// In what two descriptions of data (SampleSource::description) differ, source by source; empty: in nothing that is
/// learned from.
std::string changes(const Json& before, const Json& now) {
    if (before.size() != now.size())
        return std::to_string(before.size()) + " data sources, now " + std::to_string(now.size());
    std::string text;
    for (std::size_t i = 0; i < now.size(); ++i) {
        const std::string found = differences(compared(before[i]), compared(now[i]));
        if (found.empty()) continue;
        text += (text.empty() ? "" : "; ") + ("data source \"" + now[i]["name"].get<std::string>() + "\": ") + found;
    }
    return text;
}

/// One run, from its first or resumed step to its end.
class Run {
 public:
    Run(const Recipe& recipe, Task& task, const SampleSource& source, const World& world, const TrainerOptions& options)
        : recipe_(recipe),
          task_(task),
          source_(source),
          world_(world),
          options_(options),
          checkpoints_(options.folder, recipe.name),
          log_(options.folder / (recipe.name + ".log.jsonl")),
          epoch_steps_(source.steps_per_epoch()) {
        if (recipe_.minutes == 0) steps_ = epoch_steps_ * static_cast<std::uint64_t>(recipe_.epochs);
        expect_outputs_free(recipe_, options_);
    }

    TrainReport go(const std::stop_token& stop) {
        begin();
        BatchQueue queue(source_, {world_.rank(), world_.size()}, step_, steps_, options_.loader_threads);
        Clock::time_point saved = Clock::now();
        bool stopped = false;
        while (!(stopped = agree(stop.stop_requested())) && done_ < 1) {
            one_step(queue.next());
            if (step_ % epoch_steps_ == 0 || is_validated()) end_part();
            if (validated() || seconds_since(saved) > options_.checkpoint_every_s) {
                save();
                saved = Clock::now();
            }
        }
        TrainReport report;
        report.rank = world_.rank();
        report.finished = done_ >= 1;
        const bool between = step_ > 0 && !validated();
        if (report.finished && between) end_part();
        if (between) save();
        report.steps = step_;
        report.seconds = seconds_since(start_);
        report.faces_per_s = faces_per_s();
        report.validation = validation_;
        if (report.finished) report.model = write_models();
        world_.wait_for_all();  // whoever ends well knows that all that rank 0 writes is there
        return report;
    }

 private:
    void begin() {
        if (world_.rank() == 0) remove_leftovers(options_.folder);
        if (source_.held_out_count() == 0 && world_.rank() == 0)
            log(LogLevel::warning, "no face is held out, so nothing is validated and no confidence calibrated");
        std::optional<CheckpointFiles::Opened> opened;
        if (options_.resume) opened = checkpoints_.open_newest();
        if (opened) {
            go_on_from(opened->checkpoint, opened->file.string());
        } else {
            if (options_.resume && world_.rank() == 0)
                log(LogLevel::warning, checkpoints_.newest().string() + ": is not there; the run begins anew");
        }
        expect_one_run();
        if (!opened && world_.rank() == 0) begin_files();
        first_step_ = step_;
        start_ = Clock::now();
    }

    /// All processes go on from the same step, by one recipe and from the same data.
    void expect_one_run() const {
        const std::string steps = unlike_rank_0(static_cast<std::int64_t>(step_), "goes on from step ");
        if (!steps.empty())
            throw UsageError(steps + "; all must see the files that rank 0 writes, so share the folder " +
                                 options_.folder.string() + " between the machines",
                             "other_checkpoint");
        std::string what = recipe_as_json().dump();
        for (const Json& source : source_.description()) what += compared(source).dump();
        const std::string hash = sha256_hex(std::as_bytes(std::span(what))).substr(0, 12);
        const std::string runs = unlike_rank_0(std::stoll(hash, nullptr, 16), "has recipe and data no. ");
        if (!runs.empty())
            throw UsageError(runs + "; start all processes with one recipe, the same flags and the same data",
                             "other_data");
    }

    /// "rank 0 goes on from step 40, rank 2 goes on from step 0": who says something else than rank 0; empty: nobody.
    std::string unlike_rank_0(std::int64_t own, const std::string& what) const {
        const std::vector<std::int64_t> told = told_by_all(world_, own);
        std::string text;
        for (std::size_t rank = 1; rank < told.size(); ++rank)
            if (told[rank] != told[0])
                text += ", rank " + std::to_string(rank) + " " + what + std::to_string(told[rank]);
        return text.empty() ? text : "rank 0 " + what + std::to_string(told[0]) + text;
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
        const std::string data = changes(checkpoint.data, source_.description());
        if (!data.empty())
            throw UsageError(file + " was made from other data (" + data +
                                 "); bring that data back, or begin again with --overwrite",
                             "other_data");
        if (checkpoint.step > steps_) throw ModelError("model_damaged", file + " stands beyond the end of the run");
        if (checkpoint.threads != at::get_num_threads() && world_.rank() == 0)
            log(LogLevel::warning, file + " was made with " + std::to_string(checkpoint.threads) +
                                       " threads, now there are " + std::to_string(at::get_num_threads()) +
                                       "; the last bits of the weights will differ from those of an unbroken run");
        if (checkpoint.processes != world_.size() && world_.rank() == 0)
            log(LogLevel::warning, file + " was made by " + std::to_string(checkpoint.processes) +
                                       " processes, now there are " + std::to_string(world_.size()) +
                                       "; sums are added in another order, and dropout draws anew");
        task_.load(checkpoint.state, file);
        if (world_.rank() == 0) log_.go_on(checkpoint.log_bytes);
        step_ = checkpoint.step;
        if (is_validated()) validated_step_ = step_;
        sums_ = checkpoint.epoch_sums;
        validation_ = checkpoint.validation;
        earlier_seconds_ = checkpoint.seconds;
    }

    double seconds() const { return earlier_seconds_ + seconds_since(start_); }

    /// How far the run is, and whether anybody wants to stop: the same in all processes.
    bool agree(bool stop) {
        const double own = recipe_.minutes > 0 ? seconds() / (60 * recipe_.minutes)
                                               : static_cast<double>(step_) / static_cast<double>(steps_);
        std::vector<at::Tensor> mean{at::tensor({own, stop ? 1.0 : 0.0}, at::kDouble)};
        world_.average(mean);
        done_ = std::min(1.0, mean[0][0].item<double>());
        return mean[0][1].item<double>() > 0;
    }

    void one_step(const Batch& batch) {
        // Chance inside the network (dropout) depends on the step and the rank alone, so that a resumed run draws the
        // same.
        torch::manual_seed((recipe_.seed * 1'000'003 + step_) * static_cast<std::uint64_t>(world_.size()) +
                           static_cast<std::uint64_t>(world_.rank()));
        const StepLog log = mean_over_all(task_.step(batch, {done_, step_}, world_));
        const double loss = log.at("loss");
        if (!std::isfinite(loss))
            throw InputError("training_diverged", "the loss is not finite at step " + std::to_string(step_) +
                                                      "; lower the schedule's \"peak\" or the optimiser's "
                                                      "\"clip_norm\"");
        ++step_;
        for (const auto& [name, value] : log) sums_[name] += value;
        learning_rate_ = log.contains("learning_rate") ? Json(log.at("learning_rate")) : Json();
        recent_loss_ = recent_loss_ == 0 ? loss : 0.98 * recent_loss_ + 0.02 * loss;
        if (options_.on_step && world_.rank() == 0) tell();
    }

    /// What was logged of the whole batch, of which this process has seen a share.
    StepLog mean_over_all(const StepLog& own) const {
        std::vector<double> values;
        for (const auto& [name, value] : own) values.push_back(value);
        std::vector<at::Tensor> mean{at::tensor(values, at::kDouble)};
        world_.average(mean);
        StepLog log;
        std::int64_t index = 0;
        for (const auto& [name, value] : own) log[name] = mean[0][index++].item<double>();
        return log;
    }

    void tell() const {
        TrainProgress progress;
        progress.epochs = recipe_.minutes > 0 ? 0 : recipe_.epochs;
        progress.epoch = static_cast<int>((step_ - 1) / epoch_steps_) + 1;
        progress.step = step_;
        progress.steps = recipe_.minutes > 0 ? 0 : steps_;
        progress.done = recipe_.minutes > 0 ? std::min(1.0, seconds() / (60 * recipe_.minutes))
                                            : static_cast<double>(step_) / static_cast<double>(steps_);
        progress.loss = recent_loss_;
        progress.faces_per_s = faces_per_s();
        progress.validation = validation_;
        options_.on_step(progress);
    }

    std::uint64_t steps_between_validations() const {
        const double steps = static_cast<double>(epoch_steps_) * recipe_.validation.every;
        return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(steps)));
    }
    /// Whether the faces held out are read after this step.
    bool is_validated() const { return step_ % steps_between_validations() == 0 || step_ == steps_; }
    /// Whether it has been.
    bool validated() const { return validated_step_ == step_; }

    /// Steps since the last line of the log: one ends every epoch and goes with every validation.
    std::uint64_t steps_of_part() const {
        const std::uint64_t between = steps_between_validations(), before = step_ - 1;
        return step_ - std::max(before / epoch_steps_ * epoch_steps_, before / between * between);
    }

    /// A line for the epoch, or for the part of one that ends with a validation or with a run of so many minutes; one
    /// without losses where such a run ends with an epoch whose line is written already.
    void end_part() {
        const std::uint64_t over = step_ % epoch_steps_;
        const auto steps = static_cast<double>(steps_of_part());
        const bool validates = over != 0 || sums_.empty() || is_validated();
        if (validates && world_.rank() == 0) {
            validation_ = task_.validate(source_);
            if (const std::optional<Image> sheet = task_.contact_sheet(source_))
                write_image(options_.folder / (recipe_.name + ".faces.png"), *sheet);
        }
        if (validates) validated_step_ = step_;
        world_.wait_for_all();
        Json line{{"epoch", over == 0 ? Json(step_ / epoch_steps_)
                                      : Json(static_cast<double>(step_) / static_cast<double>(epoch_steps_))},
                  {"step", step_}};
        if (!sums_.empty()) {
            line["loss"] = sums_.at("loss") / steps;
            line["learning_rate"] = learning_rate_;
        }
        for (const auto& [name, sum] : sums_)
            if (name != "loss" && name != "learning_rate") line["losses"][name] = sum / steps;
        if (validates) line["validation"] = validation_;
        line["faces_per_s"] = faces_per_s();
        line["seconds"] = seconds();
        sums_.clear();
        if (world_.rank() == 0) log_.add(line);
    }

    void save() const {
        if (world_.rank() != 0) return;
        checkpoints_.save({recipe_as_json(), source_.description(), step_, sums_, log_.bytes(), at::get_num_threads(),
                           world_.size(), validation_, seconds(), task_.state()});
    }

    /// All models of the task; the path of the one that the recipe names.
    std::filesystem::path write_models() {
        if (world_.rank() != 0) return model_path(recipe_, options_);
        const Json finishing = task_.finish(source_);
        TrainerOptions at_end = options_;
        at_end.resume = true;
        expect_outputs_free(recipe_, at_end);  // somebody may have put a model there meanwhile
        for (auto& [key, file] : task_.models()) {
            ModelCard& card = file.card;
            card.source = "affectsr, trained by the recipe in this card";
            card.licence = recipe_.licence;
            card.limits = recipe_.limits;
            card.recipe = published_recipe();
            card.trained_on = {{"sources", source_.description()}};
            if (const Json models = task_.stands_on(); !models.empty()) card.trained_on["models"] = models;
            card.figures = {{"held_out", validation_}};
            card.figures.update(finishing);
            card.figures["steps"] = step_;
            if (world_.size() > 1) card.figures["processes"] = world_.size();
            card.figures["training_seconds"] = std::round(seconds());
            file.save(model_path(recipe_, options_, key));
        }
        return model_path(recipe_, options_);
    }

    /// The recipe without the user's folders, where data lies does not change what is trained, and with the models that
    /// the task stands on.
    Json recipe_as_json() const {
        Json json = resolved_json(recipe_, task_);
        for (Json& source : json["data"]) source["options"].erase("root");
        if (const Json models = task_.stands_on(); !models.empty()) json["models"] = models;
        return json;
    }

    /// The recipe as published: of each data folder only the name.
    Json published_recipe() const {
        Json json = resolved_json(recipe_, task_);
        for (Json& source : json["data"])
            if (Json& options = source["options"]; options.contains("root"))
                options["root"] = name_only(options["root"]);
        keep_names_only(json);
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
    const SampleSource& source_;
    const World& world_;
    const TrainerOptions& options_;
    CheckpointFiles checkpoints_;
    EpochLog log_;
    std::uint64_t epoch_steps_;
    std::uint64_t step_ = 0, first_step_ = 0, validated_step_ = 0;
    std::uint64_t steps_ = std::numeric_limits<std::uint64_t>::max();  ///< of the run; by minutes nobody knows
    double done_ = 0, recent_loss_ = 0, earlier_seconds_ = 0;
    std::map<std::string, double> sums_;  ///< of what the steps since the last line of the log logged
    Json learning_rate_, validation_;
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

TrainReport train(const Recipe& recipe, Task& task, const SampleSource& source, const World& world,
                  const TrainerOptions& options, std::stop_token stop) {
    return Run(recipe, task, source, world, options).go(stop);
}

}  // namespace affectsr
