// What oneDNN's convolution primitives alone reach on a plan's own shapes: the mark that a training step is held to.
#pragma once

#include <memory>

#include "affectsr/engine/training_step.h"

namespace affectsr {

/// Forward, backward-data and backward-weights of every convolution of a plan, each with its bias, on ordinary numbers
/// in memory that lies as oneDNN wants it. Nothing else: no activation, norm, sum, copy, packing. Backward-data is left
/// out where TrainingStep needs none (a convolution of an input whose gradient is not wanted).
class TrainingPrimitives {
 public:
    /// Throws as TrainingStep. Convolutions that oneDNN plays by its reference implementation are left out.
    TrainingPrimitives(const Plan& plan, const TrainingSetting& setting);
    ~TrainingPrimitives();
    TrainingPrimitives(const TrainingPrimitives&) = delete;
    TrainingPrimitives& operator=(const TrainingPrimitives&) = delete;

    /// Plays all of them once.
    void play();
    /// Floating-point operations of one play.
    double gflop() const;

 private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace affectsr
