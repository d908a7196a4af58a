// What a trainer drives: something that learns from batches and can be saved and loaded whole.
#pragma once

#include <map>
#include <string>

#include "affectsr/train/batches.h"
#include "affectsr/train/world.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// Losses of one step by name; "loss" is their weighted sum.
using StepLog = std::map<std::string, double>;

/// A learning task: network(s), losses and optimiser(s). Not thread-safe.
class Task {
 public:
    virtual ~Task() = default;
    /// One update at a learning rate.
    virtual StepLog step(const Batch& batch, double learning_rate, const World& world) = 0;
    /// Figures on held-out faces, for the log.
    virtual Json validate(const Batches& batches) = 0;
    /// Done once after the last step, such as calibration; the result goes into the model card.
    virtual Json finish(const Batches& batches) = 0;
    /// Everything that a resumed run needs to go on with the same bits: weights, running statistics, optimiser.
    virtual TensorMap state() const = 0;
    virtual void load(const TensorMap& state, const std::string& where) = 0;
    /// The trained model, ready to be written.
    virtual ModelFile model() const = 0;
};

}  // namespace affectsr
