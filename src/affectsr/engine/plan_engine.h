// Plays a Plan with oneDNN: no autograd, no LibTorch, near the processor's limit.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "affectsr/plan/plan.h"
#include "affectsr/plan/precision.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// Whether the engine was built in (AFFECTSR_RUNTIME).
bool engine_available();

/// What networks are computed in here if they are asked for `wanted`: float32 in place of bf16 where oneDNN has no
/// convolution of bfloat16 (a processor without AVX-512, or ONEDNN_MAX_CPU_ISA below it). Reports name this one. The
/// same through the whole life of a process; thread-safe.
Precision used_precision(Precision wanted);

/// The pictures or features of one input: float32 [n, c, h, w], row-major.
struct Feed {
    std::span<const float> values;
    InputSize size;
};
using Feeds = std::map<std::string, Feed>;  ///< by the name of the plan's input
using Results =
    std::map<std::string, std::span<float>>;  ///< where an output [n, c, h, w] or [n, features] goes, by name

/// What one operation of the compiled network cost, median over the runs of a profile.
struct StepCost {
    std::string step;            ///< the plan steps that it plays, as "conv5 + scale + add"
    std::string kind;            ///< of the first of them
    std::string implementation;  ///< oneDNN's name of its kernel, or "affectsr"
    double ms = 0;
    double gflop = 0;
};

/// What an engine keeps beside the plan's own tensors.
struct EngineMemory {
    std::size_t programs = 0;       ///< compiled sizes
    std::size_t packed_bytes = 0;   ///< weights as the kernels want them, of all programs together
    std::size_t scratch_bytes = 0;  ///< values and scratch of players that wait for the next call
};

/// A Plan with its weights, ready to play. Compiled on first use of input sizes, number of pictures and number of
/// threads, or by prepare(); the 32 programs last used are kept, weights are packed once for all that want them alike
/// and go with the last of these. Batch norms and factors are folded into convolutions, activations and sums are fused,
/// 3×3 convolutions in float32 are played by Winograd's filtering where it pays. Values lie channels-last. In bfloat16
/// what leads to a choice (step::Lookup) is played in float32, one picture after the other (docs/adr/0026).
///
/// Thread-safe: any number of threads may call run() at once, and play while others compile; each plays with scratch
/// memory of its own, up to 512 MiB of which is kept for the next calls. Answers do not depend on how many do. A size
/// that was played before takes no memory.
class PlanEngine {
 public:
    /// `tensors` holds every parameter under its step's name (see Plan::parameters); others are not looked at. The
    /// network is played in used_precision(precision). Throws UsageError (`no_engine`) if the engine is not built in;
    /// ModelError (`model_does_not_fit`) that lists missing and misshapen tensors.
    PlanEngine(Plan plan, TensorMap tensors, Precision precision);
    ~PlanEngine();
    PlanEngine(PlanEngine&&) noexcept;
    PlanEngine& operator=(PlanEngine&&) noexcept;

    /// Compiles what run() would compile for such a call. Throws as run().
    void prepare(int count, std::span<const InputSize> sizes, int threads = 1) const;
    void prepare(const BatchShape& batch, int threads = 1) const;

    /// Plays `count` pictures. Outputs that are not asked for are computed all the same. One picture is spread over
    /// `threads` cores (latency); as many pictures as threads or more get a core each (throughput). Throws UsageError
    /// for a size that does not fit the plan, an unknown input or output, or an input that is not fed; Bug for spans of
    /// the wrong length.
    void run(int count, const Feeds& feeds, const Results& results, int threads = 1) const;
    /// The same for a plan with one input.
    void run(const BatchShape& batch, std::span<const float> input, const Results& results, int threads = 1) const;

    /// Plays random pictures `runs` times and tells what every operation cost. The total is a little more than run()'s.
    std::vector<StepCost> profile(const BatchShape& batch, int threads, int runs) const;
    std::vector<StepCost> profile(int count, std::span<const InputSize> sizes, int threads, int runs) const;

    const Plan& plan() const;
    Precision precision() const;  ///< what is computed in: used_precision() of what was asked for
    EngineMemory memory() const;

 private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace affectsr
