// A network as named steps; knows no engine. PlanModule plays it with LibTorch, PlanEngine with oneDNN.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace affectsr {

/// What a step does. Shapes are [n, channels, height, width] unless a step says [n, features].
enum class StepKind {
    input,       ///< the network's picture or features
    conv,        ///< 2-D convolution, weight [out, in/groups, k, k], bias optional
    batch_norm,  ///< running statistics in inference, Ioffe & Szegedy 2015
    relu,
    sigmoid,
    add,              ///< a + b, same shape
    mul,              ///< a · b, same shape, or b [n, c, 1, 1]
    global_avg_pool,  ///< → [n, c, 1, 1]
    max_pool,         ///< window k, stride, padding (−inf)
    flatten,          ///< → [n, c·h·w]
    linear,           ///< [n, in] → [n, out], weight [out, in]
    dropout,          ///< in training only
};
const char* name_of(StepKind);

/// A value on the way: the index of the step that makes it.
struct Value {
    int step = -1;
};

/// One step. Unused attributes keep their defaults.
struct Step {
    StepKind kind;
    std::string name;         ///< parameters are registered as name + ".weight" and so on; empty if there are none
    std::vector<int> inputs;  ///< indices of earlier steps
    int in_channels = 0;
    int out_channels = 0;  ///< channels of the result, for every kind
    int kernel = 1;
    int stride = 1;
    int padding = 0;
    int groups = 1;
    bool bias = false;
    double probability = 0;  ///< dropout
    double epsilon = 1e-5;   ///< batch_norm
};

/// A network: steps in the order in which they can be played, and its named results. A value; safe to share.
struct Plan {
    struct Output {
        std::string name;
        int step = -1;
    };
    std::vector<Step> steps;
    std::vector<Output> outputs;

    /// Trainable numbers (weights, biases, norm scales and shifts).
    std::int64_t parameter_count() const;
    /// Floating-point operations of one picture of height × width, a multiply-add counted as 2, norms and activations
    /// not counted. Throws UsageError if the size does not fit the steps.
    std::int64_t flops(int height, int width) const;
};

/// Settings of a convolution; padding −1 means (kernel − 1) / 2.
struct ConvOptions {
    int kernel = 3;
    int stride = 1;
    int padding = -1;
    int groups = 1;
    bool bias = true;
};

/// Writes a Plan down, read like a forward pass. Every call checks its channels (throws Bug).
class PlanBuilder {
 public:
    Value input(int channels);
    Value conv(const std::string& name, Value x, int out_channels, ConvOptions options = {});
    Value batch_norm(const std::string& name, Value x, double epsilon = 1e-5);
    Value relu(Value x);
    Value sigmoid(Value x);
    Value add(Value a, Value b);
    Value mul(Value a, Value b);
    Value global_avg_pool(Value x);
    Value max_pool(Value x, int kernel, int stride, int padding = 0);
    Value flatten(Value x);
    Value linear(const std::string& name, Value x, int out_features, bool bias = true);
    Value dropout(Value x, double probability);
    int channels(Value x) const;
    void output(const std::string& name, Value x);
    /// The finished plan, with `x` as its one output "out" unless outputs were named.
    Plan finish();
    Plan finish(Value x);

 private:
    Value append(Step step);
    Plan plan_;
};

}  // namespace affectsr
