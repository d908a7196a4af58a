#include "affectsr/restore/plan_sr_network.h"

#include <torch/torch.h>

#include "affectsr/base/error.h"

namespace affectsr {

PlanSrNetwork::PlanSrNetwork(Plan plan, int scale, double white)
    : PlanModule(std::move(plan)), scale_(scale), white_(white) {}

RestorerNeeds PlanSrNetwork::needs() const {
    RestorerNeeds needs;
    needs.scale = scale_;
    return needs;
}

SrOutput PlanSrNetwork::forward(const SrInput& input) {
    AFFECTSR_EXPECT(input.scale == 0 || input.scale == scale_, "the network enlarges by its own scale");
    if (white_ == 1) return {PlanModule::forward(input.lr)};
    return {PlanModule::forward(input.lr * white_) / white_};
}

}  // namespace affectsr
