// A network as named steps; knows no engine. PlanEngine plays it with oneDNN, PlanModule with LibTorch.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "affectsr/plan/step.h"

namespace affectsr {

/// A value on the way: the index of the step that makes it.
struct Value {
    int step = -1;
};

/// The pictures of one call to a plan with one input.
struct BatchShape {
    int count = 1, height = 0, width = 0;
    bool operator==(const BatchShape&) const = default;
};

/// Channels and size of a value of one picture; [n, features] is features × 1 × 1.
struct ValueShape {
    int channels = 0, height = 0, width = 0;
    bool operator==(const ValueShape&) const = default;
    std::int64_t count() const { return std::int64_t{channels} * height * width; }
};

/// A tensor that a step reads beside its inputs.
struct Parameter {
    enum class Role {
        learned,  ///< training changes it
        running,  ///< statistics that a batch norm gathers in training
        counter,  ///< how many batches it has seen, i64; inference does not read it, and files may lack it
    };
    std::string name;  ///< with the step's name: "stage1.conv.weight"
    std::vector<std::int64_t> shape;
    Role role = Role::learned;
};

/// The tensors of one step, in the order in which published checkpoints have them.
std::vector<Parameter> parameters_of(const Step& step);

/// A network: steps in the order in which they can be played, and its named results. A value; safe to share.
struct Plan {
    struct Output {
        std::string name;
        int step = -1;
    };
    std::vector<Step> steps;
    std::vector<Output> outputs;
    std::vector<Output> marks;  ///< named values on the way: stages, features for a loss; played only if made outputs

    /// Makes the marked value called `name` a further output of that name. Throws UsageError naming the known marks.
    void output_mark(const std::string& name);
    /// The input steps, in their order.
    std::vector<int> inputs() const;
    /// Where in `outputs` the one called `name` stands. Throws UsageError naming the known outputs.
    std::size_t output_index(const std::string& name) const;

    /// By step: whether an output needs its value. Inputs always count as needed.
    std::vector<bool> needed_steps() const;

    /// By step: whether its value keeps float32 in a plan of bfloat16, too: inputs and matrices that nobody but steps
    /// which make matrices reads. Rounded, a covariance has no small eigenvalues (docs/adr/0023).
    std::vector<bool> exact_steps() const;

    /// Every tensor of every step, those that steps share once.
    std::vector<Parameter> parameters() const;
    /// Trainable numbers (weights, biases, norm scales and shifts, slopes).
    std::int64_t parameter_count() const;
    /// The shape of every step's value for inputs of these sizes, in the order of inputs(). Throws UsageError naming
    /// the step that a size does not fit or the input that has another, or if there are more or fewer sizes than
    /// inputs.
    std::vector<ValueShape> shapes(std::span<const InputSize> sizes) const;
    /// The same where every input whose size is not fixed has this one.
    std::vector<ValueShape> shapes(int height, int width) const;
    /// Those sizes, in the order of inputs().
    std::vector<InputSize> input_sizes(InputSize picture) const;
    /// Floating-point operations of one picture of height × width, a multiply-add counted as 2, an eigen-decomposition
    /// of side c as 9 c³ (Golub & Van Loan 2013, sec. 8.3.4), norms, activations and resampling not counted. Throws as
    /// shapes().
    std::int64_t flops(int height, int width) const;
    /// Those of one step, given the shapes.
    std::int64_t flops_of(std::size_t step, const std::vector<ValueShape>& shapes) const;
};

/// Settings of a convolution; padding −1 means (kernel − 1) / 2.
struct ConvOptions {
    int kernel = 3;
    int stride = 1;
    int padding = -1;
    int groups = 1;
    bool bias = true;
    int output_padding = 0;  ///< of a conv_transpose
};

/// Writes a Plan down, read like a forward pass. Every call checks its channels (throws Bug).
class PlanBuilder {
 public:
    /// Names tell several inputs apart; `size` as PlanInput has it.
    Value input(int channels, const std::string& name = "in", InputSize size = {});
    Value conv(const std::string& name, Value x, int out_channels, ConvOptions options = {});
    Value conv_transpose(const std::string& name, Value x, int out_channels, ConvOptions options = {});
    Value linear(const std::string& name, Value x, int out_features, bool bias = true);
    Value batch_norm(const std::string& name, Value x, double epsilon = 1e-5);
    /// `name` may be empty unless `affine`.
    Value instance_norm(const std::string& name, Value x, bool affine = false, double epsilon = 1e-5);
    Value layer_norm(const std::string& name, Value x, double epsilon = 1e-5);
    /// `groups` divides the channels; `name` may be empty unless `affine`.
    Value group_norm(const std::string& name, Value x, int groups, double epsilon = 1e-5, bool affine = true);
    Value relu(Value x);
    Value leaky_relu(Value x, double slope);
    Value prelu(const std::string& name, Value x, bool one_slope = false);
    Value sigmoid(Value x);
    Value tanh(Value x);
    Value gelu(Value x);
    Value silu(Value x);
    /// Over the channels, or over `parts` equal stretches of them.
    Value softmax(Value x);
    Value softmax(Value x, int parts);
    Value add(Value a, Value b);
    /// `b` has as many channels as `a`, or one.
    Value mul(Value a, Value b);
    Value shift(Value x, double by);
    Value shift(Value x, std::vector<float> by_channel);
    Value scale(Value x, double by);
    Value scale(Value x, std::vector<float> by_channel);
    /// `links` in any order, their ends below `positions`, which is the height · width that x must have.
    Value mix_positions(Value x, int positions, std::vector<PositionLink> links);
    /// `places` is an input of the plan: it is read as it is fed, in float32, and not a number of `like` is read.
    Value splat(Value points, Value places, Value like);
    /// `heads` divides the channels.
    Value attention(Value queries, Value keys, Value values, int heads);
    Value lookup(const std::string& name, Value x, int out_channels);
    Value adain(Value x, Value like, double epsilon = 1e-5);
    /// height × width is what x must measure, or 1 × 1.
    Value add_parameter(const std::string& name, Value x, int height, int width);
    /// As many pictures as `like` has.
    Value constant(const std::string& name, Value like, int channels, int height, int width);
    Value add_noise(const std::string& name, Value x, int height, int width);
    /// Of the convolution called `name`, which makes `out_channels` of as many channels as `styles` has.
    Value demodulation(const std::string& name, Value styles, int out_channels, int kernel, double epsilon = 1e-8);
    Value concat(const std::vector<Value>& parts);
    Value slice(Value x, int begin, int end);
    Value pad(Value x, Margins margins);
    Value pad_reflected(Value x, Margins margins);
    Value sum_channels(Value x, std::vector<std::vector<int>> groups);
    Value divide_by_peak(Value x, double least);
    Value covariance(Value x, double ridge);
    /// `from` is the side that x must have, `to` at most as large.
    Value congruence(const std::string& name, Value x, int from, int to);
    /// `least` < `most`; it is above 0 if the logarithm is taken.
    Value map_eigenvalues(Value x, double least, double most, bool logarithm);
    Value max_pool(Value x, int kernel, int stride, int padding = 0);
    Value avg_pool(Value x, int kernel, int stride, int padding = 0);
    Value adaptive_avg_pool(Value x, int height, int width);
    Value global_avg_pool(Value x);
    Value enlarge_nearest(Value x, int factor);
    Value enlarge_bilinear(Value x, int factor, bool align_corners = false);
    Value enlarge_bicubic(Value x, int factor);
    Value pixel_shuffle(Value x, int factor);
    Value pixel_unshuffle(Value x, int factor);
    /// `pixels` is the height · width that x must have.
    Value flatten(Value x, int pixels = 1);
    Value dropout(Value x, double probability);
    int channels(Value x) const;
    /// Gives a value on the way a name (see Plan::marks) and returns it.
    Value mark(const std::string& name, Value x);
    void output(const std::string& name, Value x);
    /// The finished plan, with `x` as its output "out". Throws Bug where steps of one name have different parameters.
    Plan finish();
    Plan finish(Value x);

 private:
    /// Appends a step that reads `x`; its result has `out_channels`.
    Value append(StepKind kind, Value x, int out_channels, const std::string& name = "");
    Value append(StepKind kind, Value a, Value b);
    Plan plan_;
};

}  // namespace affectsr
