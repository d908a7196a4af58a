// Plays a plan of bfloat16 that makes choices: what leads to a choice in float32, the rest in bfloat16.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "affectsr/engine/plan_engine.h"

namespace affectsr::engine {

/// A plan in two: a choice (step::Lookup) falls on another code where rounding changes which of two near ones is the
/// larger, and another code is another picture. In bfloat16 one code in eight of CodeFormer's golden case is another
/// one (docs/adr/0026).
struct PartedPlan {
    /// Everything that a choice depends on, and the choices. Its outputs are those of the plan that it makes, under
    /// their names, and what the rest reads, as "value N".
    Plan choosing;
    /// The rest; its inputs are those of the plan that it reads, and "value N".
    Plan rest;
    /// By value that is handed over: its step in the plan that was parted; N counts them from 0.
    std::vector<int> handed_over;
};

/// std::nullopt if the plan makes no choice, or nothing but choices.
std::optional<PartedPlan> parted_at_choices(const Plan& plan);

/// Both parts, ready to play one picture after the other. Thread-safe as PlanEngine.
class PartedEngine {
 public:
    /// Throws as PlanEngine.
    PartedEngine(Plan plan, PartedPlan parts, const TensorMap& tensors);

    const Plan& plan() const { return plan_; }
    void prepare(std::span<const InputSize> sizes, int threads) const;
    /// As PlanEngine::run; what is handed over takes memory for one picture.
    void run(int count, const Feeds& feeds, const Results& results, int threads) const;
    std::vector<StepCost> profile(int count, std::span<const InputSize> sizes, int threads, int runs) const;
    EngineMemory memory() const;

 private:
    /// Of the inputs of the rest, in their order.
    std::vector<InputSize> rest_sizes(std::span<const InputSize> sizes, const std::vector<ValueShape>& shapes) const;

    Plan plan_;
    PartedPlan parts_;
    PlanEngine choosing_, rest_;
};

}  // namespace affectsr::engine
