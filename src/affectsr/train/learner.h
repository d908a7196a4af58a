// A network that is being learned: its module, optimiser, schedule and moving average.
#pragma once

#include <torch/optim/optimizer.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "affectsr/learn/plan_module.h"
#include "affectsr/train/optimiser.h"
#include "affectsr/train/schedule.h"
#include "affectsr/train/sharpness.h"
#include "affectsr/train/world.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// How a network is learned.
struct LearnerOptions {
    OptimiserOptions optimiser;
    ScheduleOptions schedule;
    std::string start;
    std::vector<std::string> silent, passing, frozen;
    double frozen_until = 1;
    double orthonormal_rate = 1;
    void fields(auto&& f) {
        f("optimiser", optimiser, "how weights are updated");
        f("schedule", schedule, "learning rate over the run");
        f("start", start,
          "model whose weights of the same name and shape it starts from: a file in the output folder, a path or a "
          "known model's name; or a published checkpoint (.pth) with LibTorch's names; empty: none");
        f("silent", silent,
          "beginnings of the names of layers that begin as 0 where \"start\" has none like them: what is new in the "
          "network "
          "then leaves the answer as it was, and learns from there");
        f("passing", passing,
          "beginnings of the names of convolutions that begin as the identity where \"start\" has none like them");
        f("frozen", frozen,
          "beginnings of the names of layers that do not learn at first: what \"start\" gave them stays");
        f("frozen_until", frozen_until, "share of the run after which those learn, too; 1: never", Range{0, 1});
        f("orthonormal_rate", orthonormal_rate,
          "learning rate of matrices that keep orthonormal columns, as a share of the others'", Range{0, 1e6});
    }
};

/// The GPU where LibTorch has one, else the CPU.
torch::Device learning_device();

/// The model called `name`: NAME or NAME.safetensors in `folder` where that is a file, else as find_model(). Throws
/// ModelError as find_model.
std::filesystem::path model_in_reach(const std::string& name, const std::filesystem::path& folder);

/// {"name", "sha256"} of a model file that a run stands on; no folders.
Json account_of(const std::string& name, const ModelFile& file);

/// One network that learns. A task has one or several. Matrices of congruences (step::Congruence) keep their
/// orthonormal columns: they take plain steps along the manifold of such (stiefel_step), without momentum, decay and
/// average (Huang & Van Gool 2017, arXiv:1608.04233, sec. 4). Not thread-safe.
class Learner {
 public:
    /// First weights by `seed`, zeros and identities where the options ask for them, or those of options.start where
    /// names and shapes are the same (a log line tells how many are not). Models are looked for in `folder` first.
    /// Throws UsageError for beginnings that no layer's name has and for an identity that cannot be, ModelError if the
    /// file is missing, damaged or has no weight that fits.
    Learner(const Plan& plan, const LearnerOptions& options, std::uint64_t seed, const std::filesystem::path& folder);

    /// The network that learns, on learning_device().
    PlanModule& module() { return *module_; }
    /// What is validated and stored: the average of its weights where one is asked for, else the network itself.
    PlanModule& judged() const { return average_ ? *average_ : *module_; }

    /// Before the forward passes of a step: the network learns, as one with those of `world`, which outlives the step.
    void begin_step(const World& world);
    /// Between two turns of forward and backward passes of the same batch: goes up the slope to where the second turn
    /// measures the gradient that update() takes (Climb); frozen layers stay where they are. False: no second turn is
    /// wanted (optimiser.sharpness_rho 0).
    bool climb(const RunProgress& progress, const World& world);
    /// After them: averages the gradients over all processes, clips them, and takes one step at the learning rate of
    /// where the run is, which is returned.
    double update(const RunProgress& progress, const World& world);

    /// Weights, running statistics, optimiser and average: what a resumed run needs to go on with the same bits.
    TensorMap state() const;
    /// Throws ModelError; `where` begins the message.
    void load(const TensorMap& state, const std::string& where);
    /// Of judged(): everything learned in bf16, running statistics in f32; counters that only training reads are left
    /// out.
    TensorMap weights() const;
    /// account_of the model that it started from; null: of none.
    const Json& started_from() const { return started_from_; }

 private:
    void begin_as_asked();
    void start_from(const std::filesystem::path& folder);
    void step_orthonormal(double rate);
    bool is_frozen(const std::string& name, double done) const;
    void forget_frozen_gradients(double done);

    LearnerOptions options_;
    std::unique_ptr<PlanModule> module_, average_;
    std::vector<std::string> orthonormal_;  ///< names of matrices that keep orthonormal columns
    std::uint64_t averaged_steps_ = 0;
    std::unique_ptr<torch::optim::Optimizer> optimiser_;
    Json started_from_;
    std::optional<Climb> climb_;  ///< between climb() and update()
};

/// The tensors whose names begin with `prefix`, without it.
TensorMap part_of(const TensorMap& state, const std::string& prefix);
/// Adds `part` to `state`, every name with `prefix` in front.
void add_part(TensorMap& state, const std::string& prefix, TensorMap part);

}  // namespace affectsr
