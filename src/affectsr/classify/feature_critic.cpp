#include "affectsr/classify/feature_critic.h"

#include <algorithm>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr double kSlope = 0.2;  // of every leaky ReLU
constexpr int kBlocks = 5;      // each halves the side
constexpr int kHidden = 100;    // features between the two linear layers

}  // namespace

Plan feature_critic_plan(const FeatureCriticOptions& o) {
    const int last_side = o.input_px >> kBlocks;
    if (last_side < 1 || last_side << kBlocks != o.input_px)
        throw UsageError("feature_critic: \"input_px\" must be a multiple of 32, got " + std::to_string(o.input_px));
    PlanBuilder p;
    Value x = p.input(1);
    for (int i = 0; i < kBlocks; ++i) {
        const std::string block = "blocks." + std::to_string(i);
        const int width = o.features * std::min(1 << i, 8);
        x = p.leaky_relu(p.conv(block + ".conv1", x, width, {.bias = false}), kSlope);
        x = p.conv(block + ".conv2", x, width, {.kernel = 4, .stride = 2, .padding = 1, .bias = false});
        x = p.mark("block" + std::to_string(i), p.leaky_relu(x, kSlope));
    }
    x = p.linear("fc1", p.flatten(x, last_side * last_side), kHidden);
    return p.finish(p.linear("fc2", p.leaky_relu(x, kSlope), 1));
}

}  // namespace affectsr
