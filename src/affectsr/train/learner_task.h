// A task of one network: what all such tasks do alike.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "affectsr/train/learner.h"
#include "affectsr/train/recipe.h"
#include "affectsr/train/task.h"

namespace affectsr {

/// Keeps and saves its one Learner, stands on the model that it started from, and has nothing to do at the end. Not
/// thread-safe.
class LearnerTask : public Task {
 public:
    Json stands_on() const override {
        const Json& start = learner_->started_from();
        return start.is_null() ? Json::object() : Json{{"start", start}};
    }
    Json finish(const SampleSource&) override { return Json::object(); }
    TensorMap state() const override { return learner_->state(); }
    void load(const TensorMap& state, const std::string& where) override { learner_->load(state, where); }

 protected:
    /// The constructor of the task itself makes learner_.
    explicit LearnerTask(const Recipe& recipe) : recipe_(recipe) {}

    Recipe recipe_;
    std::unique_ptr<Learner> learner_;
};

}  // namespace affectsr
