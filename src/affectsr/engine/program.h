// A Plan compiled for one picture size, number of pictures and number of threads.
#pragma once

#include <dnnl.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "affectsr/engine/fuse.h"
#include "affectsr/engine/memory.h"
#include "affectsr/engine/packed_weights.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/engine/winograd.h"

namespace affectsr::engine {

/// What is compiled for.
struct Target {
    int count = 1;                 ///< pictures
    std::vector<InputSize> sizes;  ///< of the plan's inputs, in their order
    int threads = 1;
    WinogradUse winograd = WinogradUse::where_it_pays;  ///< tests and benchmarks compare
    bool operator==(const Target&) const = default;
};

/// The memory of one run: values, oneDNN's scratch, and where inputs and outputs of the caller lie.
struct Scratch {
    std::byte* base = nullptr;
    std::vector<const float*> inputs;  ///< by input of the plan
    std::vector<float*> outputs;       ///< by output of the plan; null: not asked for
    dnnl::stream stream;
};

/// One operation of a program, ready to be bound to a scratch memory.
struct Action {
    std::string label;
    std::string kind;
    std::string implementation;
    std::int64_t flops = 0;
    /// Makes the call for one scratch memory; the call may be repeated.
    std::function<std::function<void()>(Scratch&)> bind;
};

/// Actions in order, what they want of memory, and the weights that they read. Immutable; shared by all runs of its
/// target.
struct Program {
    std::vector<Action> actions;
    std::size_t scratch_bytes = 0;
    std::size_t inputs = 0, outputs = 0;  ///< of the plan
    int threads = 1;                      ///< of the target
    std::vector<std::shared_ptr<const PackedWeights>> weights;
};

/// Compiles. `weights` packs (or finds) the weights; not thread-safe for one `weights`. Throws UsageError for a size
/// that does not fit the plan.
Program compile(const Plan& plan, const Operations& operations, Weights& weights, const Target& target);

/// A program with memory of its own, to be played by one thread at a time.
class Player {
 public:
    /// `memory`: what another player no longer needs.
    explicit Player(std::shared_ptr<const Program> program, LargePages memory = {});
    Player(const Player&) = delete;
    Player& operator=(const Player&) = delete;

    Scratch& scratch() { return scratch_; }
    /// On the target's threads, whatever the calling thread has set for OpenMP.
    void play() const;
    void play(std::size_t action) const;
    const std::shared_ptr<const Program>& program() const { return program_; }
    std::size_t memory_bytes() const { return memory_.bytes(); }
    /// Its memory, for another player; it cannot play any more.
    LargePages take_memory();

 private:
    std::shared_ptr<const Program> program_;
    LargePages memory_;
    Scratch scratch_;
    std::vector<std::function<void()>> calls_;
};

}  // namespace affectsr::engine
