// Stands in for the engine where it is not built in (AFFECTSR_RUNTIME=OFF).
#include "affectsr/base/error.h"
#include "affectsr/engine/peak.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/engine/training_primitives.h"
#include "affectsr/engine/training_step.h"

namespace affectsr {

namespace {

[[noreturn]] void refuse() {
    throw UsageError("the engine was not built in; configure with AFFECTSR_RUNTIME=ON", "no_engine");
}

}  // namespace

class PlanEngine::Impl {};

Precision used_precision(Precision wanted) {
    return wanted;  // LibTorch has bfloat16 on every processor
}

bool engine_available() {
    return false;
}
PlanEngine::PlanEngine(Plan, TensorMap, Precision) {
    refuse();
}
PlanEngine::~PlanEngine() = default;
PlanEngine::PlanEngine(PlanEngine&&) noexcept = default;
PlanEngine& PlanEngine::operator=(PlanEngine&&) noexcept = default;
void PlanEngine::prepare(int, std::span<const InputSize>, int) const {
    refuse();
}
void PlanEngine::prepare(const BatchShape&, int) const {
    refuse();
}
void PlanEngine::run(int, const Feeds&, const Results&, int) const {
    refuse();
}
void PlanEngine::run(const BatchShape&, std::span<const float>, const Results&, int) const {
    refuse();
}
std::vector<StepCost> PlanEngine::profile(const BatchShape&, int, int) const {
    refuse();
}
std::vector<StepCost> PlanEngine::profile(int, std::span<const InputSize>, int, int) const {
    refuse();
}
const Plan& PlanEngine::plan() const {
    refuse();
}
Precision PlanEngine::precision() const {
    refuse();
}
EngineMemory PlanEngine::memory() const {
    refuse();
}
double measured_peak_gflops(Precision, int, int) {
    refuse();
}

class TrainingStep::Pass {};
class TrainingStep::Impl {};

bool TrainingStep::available(Precision) {
    return false;
}
TrainingStep::TrainingStep(const Plan&, TrainingSetting) {
    refuse();
}
TrainingStep::~TrainingStep() = default;
std::shared_ptr<TrainingStep::Pass> TrainingStep::forward(const std::vector<const void*>&,
                                                          std::span<const StepParameters>, PlainSteps&) {
    refuse();
}
TrainingValue TrainingStep::result(const Pass&, std::size_t) const {
    refuse();
}
void TrainingStep::backward(Pass&, const std::vector<const void*>&, std::span<const StepParameters>,
                            std::span<const StepGradients>, const std::vector<void*>&, PlainSteps&) {
    refuse();
}
std::vector<std::size_t> TrainingStep::plain_steps() const {
    refuse();
}
bool TrainingStep::has_gradient(std::size_t) const {
    refuse();
}
std::size_t TrainingStep::value_bytes() const {
    refuse();
}
std::size_t TrainingStep::gradient_bytes() const {
    refuse();
}
void TrainingStep::measure() {
    refuse();
}
std::vector<TrainingCost> TrainingStep::costs() const {
    refuse();
}

class TrainingPrimitives::Impl {};
TrainingPrimitives::TrainingPrimitives(const Plan&, const TrainingSetting&) {
    refuse();
}
TrainingPrimitives::~TrainingPrimitives() = default;
void TrainingPrimitives::play() {
    refuse();
}
double TrainingPrimitives::gflop() const {
    refuse();
}

}  // namespace affectsr
