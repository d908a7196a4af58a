// Makes an SrNetwork of one Plan.
#pragma once

#include "affectsr/net/plan_module.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

/// A super-resolution network that is one Plan from pictures to pictures; its state has the names of the plan's steps.
class PlanSrNetwork : public SrNetwork, public PlanModule {
 public:
    /// The plan enlarges `scale` times and counts brightness from 0 to `white` (1 or 255).
    PlanSrNetwork(Plan plan, int scale, double white = 1);
    RestorerNeeds needs() const override;
    SrOutput forward(const SrInput& input) override;

 private:
    int scale_;
    double white_;
};

}  // namespace affectsr
