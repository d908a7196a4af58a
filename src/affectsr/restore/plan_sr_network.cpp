#include "affectsr/restore/plan_sr_network.h"

#include <torch/torch.h>

#include "affectsr/base/error.h"

namespace affectsr {

PlanSrNetwork::PlanSrNetwork(Plan plan, const PlanPictures& pictures)
    : PlanModule(std::move(plan)), pictures_(pictures) {}

RestorerNeeds PlanSrNetwork::needs() const {
    RestorerNeeds needs;
    needs.scale = pictures_.scale;
    return needs;
}

SrOutput PlanSrNetwork::forward(const SrInput& input) {
    const auto& [scale, white, multiple] = pictures_;
    AFFECTSR_EXPECT(input.scale == 0 || input.scale == scale, "the network enlarges by its own scale");
    const std::int64_t height = input.lr.size(2), width = input.lr.size(3);
    const std::int64_t below = (multiple - height % multiple) % multiple;
    const std::int64_t right = (multiple - width % multiple) % multiple;
    Tensor x = white == 1 ? input.lr : input.lr * white;
    if (below > 0 || right > 0) x = torch::replication_pad2d(x, {0, right, 0, below});
    Tensor sr = PlanModule::forward(x);
    if (white != 1) sr = sr / white;
    return {sr.slice(2, 0, height * scale).slice(3, 0, width * scale)};
}

}  // namespace affectsr
