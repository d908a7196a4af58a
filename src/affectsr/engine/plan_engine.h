// Plays a Plan with oneDNN: no autograd, no LibTorch, near the processor's limit.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "affectsr/weights/model_file.h"
#include "affectsr/plan/plan.h"
#include "affectsr/plan/precision.h"

namespace affectsr {

/// Whether the engine was built in (AFFECTSR_ENGINE).
bool engine_available();

/// The pictures of one call.
struct BatchShape {
    int count = 1, height = 0, width = 0;
    bool operator==(const BatchShape&) const = default;
};

/// What one operation of the compiled network cost, median over the runs of a profile.
struct StepCost {
    std::string step;            ///< the plan steps that it plays, as "conv5 + scale + add"
    std::string kind;            ///< of the first of them
    std::string implementation;  ///< oneDNN's name of its kernel, or "affectsr"
    double ms = 0;
    double gflop = 0;
};

/// A Plan with its weights, ready to play. Compiled on first use of every picture size, number of pictures and number
/// of threads; weights are packed once for all of them, a copy is kept for new sizes. Batch norms and constant factors
/// are folded into convolutions, activations and sums are fused. Values lie channels-last.
///
/// Thread-safe: any number of threads may call run() at once; each plays with scratch memory of its own, up to 512 MiB
/// of which is kept for the next calls. Answers do not depend on how many do.
class PlanEngine {
 public:
    /// `tensors` holds every parameter under its step's name (see PlanModule). The network is played in
    /// used_precision(precision). Throws UsageError naming a step that the engine cannot play, before anything runs, or
    /// if the engine is not built in; ModelError (`model_does_not_fit`) for missing or misshapen tensors.
    PlanEngine(Plan plan, TensorMap tensors, Precision precision);
    ~PlanEngine();
    PlanEngine(PlanEngine&&) noexcept;
    PlanEngine& operator=(PlanEngine&&) noexcept;

    /// Plays `batch.count` pictures [n, c, h, w], float32, row-major. Each output (by name) receives [n, c, h, w] or
    /// [n, features]; outputs that are not asked for are computed all the same. One picture is spread over `threads`
    /// cores (latency); as many pictures as threads or more get a core each (throughput). Throws UsageError for a size
    /// that does not fit the plan or an unknown output, Bug for spans of the wrong length.
    void run(const BatchShape& batch, std::span<const float> input,
             const std::map<std::string, std::span<float>>& outputs, int threads = 1) const;

    /// Shape of an output for pictures of height × width. Throws UsageError for an unknown name.
    ValueShape output_shape(const std::string& name, int height, int width) const;

    /// Plays random pictures `runs` times and tells what every operation cost. The total is a little more than run()'s.
    std::vector<StepCost> profile(const BatchShape& batch, int threads, int runs) const;

    const Plan& plan() const;
    Precision precision() const;  ///< what is computed in: used_precision() of what was asked for

 private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// The largest rate that oneDNN's matrix products of 512³, 1024³ and 2048³ reach here with `threads` threads, medians
/// of `runs`, in GFLOP/s. The peak that shares are told of.
double measured_peak_gflops(Precision precision, int threads, int runs = 9);

}  // namespace affectsr
