// What the operations of a training step cost, by kind and direction.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "affectsr/engine/training_plan.h"
#include "affectsr/engine/training_step.h"

namespace affectsr::engine {

inline const char* word_of(TrainingKind kind) {
    constexpr const char* kWords[] = {"conv", "norm", "sum", "concat", "enlarge", "smooth", "mean", "gate", "plain"};
    return kWords[static_cast<int>(kind)];
}

/// Adds up what kinds of operations cost, once it is asked to. Not thread-safe.
class TrainingClock {
 public:
    template <class Work>
    void time(TrainingKind kind, const char* direction, const Work& work) {
        if (!running_) return work();
        const auto begin = std::chrono::steady_clock::now();
        work();
        TrainingCost& cost = costs_[std::string(word_of(kind)) + direction];
        cost.ms += std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
        ++cost.calls;
    }
    void begin() {
        costs_.clear();
        running_ = true;
    }
    std::vector<TrainingCost> told() const {
        std::vector<TrainingCost> all;
        for (const auto& [kind, cost] : costs_) all.push_back({kind, cost.ms, cost.calls});
        return all;
    }

 private:
    bool running_ = false;
    std::map<std::string, TrainingCost> costs_;
};

}  // namespace affectsr::engine
