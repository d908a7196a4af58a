// Stands in for the engine where it is not built in (AFFECTSR_RUNTIME=OFF).
#include "affectsr/base/error.h"
#include "affectsr/engine/peak.h"
#include "affectsr/engine/plan_engine.h"

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

}  // namespace affectsr
