// Makes an SrNetwork of one Plan.
#pragma once

#include "affectsr/learn/plan_module.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

/// How a plan's pictures are meant.
struct PlanPictures {
    int scale = 1;     ///< how many times the plan enlarges
    double white = 1;  ///< it counts brightness from 0 to here
    int multiple = 1;  ///< its pictures' sides are multiples of this; others are filled up with their last pixels
};

/// A super-resolution network that is one Plan from pictures to pictures; its state has the names of the plan's steps.
class PlanSrNetwork : public SrNetwork, public PlanModule {
 public:
    PlanSrNetwork(Plan plan, const PlanPictures& pictures);
    RestorerNeeds needs() const override;
    SrOutput forward(const SrInput& input) override;

 private:
    PlanPictures pictures_;
};

}  // namespace affectsr
