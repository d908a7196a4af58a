// A network as named steps; knows no engine. PlanModule plays it with LibTorch, PlanEngine with oneDNN.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace affectsr {

/// What a step does. Shapes are [n, channels, height, width] unless a step says [n, features].
enum class StepKind {
    input,              ///< the network's picture or features
    conv,               ///< 2-D convolution, weight [out, in/groups, k, k], bias optional; groups = channels: depthwise
    conv_transpose,     ///< its transpose, weight [in, out/groups, k, k]; h → (h − 1)·stride − 2·padding + k
    linear,             ///< [n, in] → [n, out], weight [out, in]
    batch_norm,         ///< running statistics in inference, Ioffe & Szegedy 2015
    instance_norm,      ///< each channel of each picture to mean 0, variance 1, Ulyanov et al. 2016; affine optional
    layer_norm,         ///< [n, features], each row to mean 0, variance 1, Ba et al. 2016, scale and shift learned
    relu,               ///< max(x, 0)
    leaky_relu,         ///< x < 0 ? slope·x : x
    prelu,              ///< leaky_relu with one learned slope per channel, He et al. 2015
    sigmoid,            ///< 1 / (1 + e^−x)
    tanh,               ///< hyperbolic tangent
    softmax,            ///< over the channels
    add,                ///< a + b, same shape
    mul,                ///< a · b, same shape, or b [n, c, 1, 1]
    scale,              ///< factor · x
    concat,             ///< along the channels
    slice,              ///< channels [begin, begin + out_channels)
    pad,                ///< zeros around the picture
    max_pool,           ///< window k, stride, padding (−inf)
    avg_pool,           ///< window k, stride, padding (zeros, counted)
    adaptive_avg_pool,  ///< → height × width cells, which overlap or repeat where the sizes do not divide
    global_avg_pool,    ///< → [n, c, 1, 1]
    enlarge_nearest,    ///< × an integer factor
    enlarge_bilinear,   ///< × an integer factor, pixel centres aligned (PyTorch's align_corners=False)
    enlarge_bicubic,    ///< the same with Keys' cubic, a = −0.75 (PyTorch's)
    pixel_shuffle,      ///< [n, c·f², h, w] → [n, c, h·f, w·f], Shi et al. 2016, eq. 4
    pixel_unshuffle,    ///< its inverse
    flatten,            ///< → [n, c·h·w]
    dropout,            ///< in training only
};
const char* name_of(StepKind);

/// A value on the way: the index of the step that makes it.
struct Value {
    int step = -1;
};

/// Zeros around a picture, in pixels.
struct Margins {
    int left = 0, right = 0, top = 0, bottom = 0;
};

/// Channels and size of a value of one picture; [n, features] is features × 1 × 1.
struct ValueShape {
    int channels = 0, height = 0, width = 0;
    bool operator==(const ValueShape&) const = default;
    std::int64_t count() const { return std::int64_t{channels} * height * width; }
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
    bool bias = false;          ///< conv, conv_transpose, linear; instance_norm: scale and shift
    double probability = 0;     ///< dropout
    double epsilon = 1e-5;      ///< norms
    double slope = 0;           ///< leaky_relu
    double factor = 1;          ///< scale; enlargements and shuffles (a whole number)
    int begin = 0;              ///< slice
    Margins margins = {};       ///< pad
    int height = 0, width = 0;  ///< adaptive_avg_pool
    int pixels = 1;             ///< flatten: height · width of what it flattens
};

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

    /// Trainable numbers (weights, biases, norm scales and shifts, slopes).
    std::int64_t parameter_count() const;
    /// The shape of every step's value for a picture of height × width. Throws UsageError naming the step that the size
    /// does not fit.
    std::vector<ValueShape> shapes(int height, int width) const;
    /// Floating-point operations of one picture of height × width, a multiply-add counted as 2, norms, activations and
    /// resampling not counted. Throws as shapes().
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
};

/// Writes a Plan down, read like a forward pass. Every call checks its channels (throws Bug).
class PlanBuilder {
 public:
    Value input(int channels);
    Value conv(const std::string& name, Value x, int out_channels, ConvOptions options = {});
    Value conv_transpose(const std::string& name, Value x, int out_channels, ConvOptions options = {});
    Value linear(const std::string& name, Value x, int out_features, bool bias = true);
    Value batch_norm(const std::string& name, Value x, double epsilon = 1e-5);
    /// `name` may be empty unless `affine`.
    Value instance_norm(const std::string& name, Value x, bool affine = false, double epsilon = 1e-5);
    Value layer_norm(const std::string& name, Value x, double epsilon = 1e-5);
    Value relu(Value x);
    Value leaky_relu(Value x, double slope);
    Value prelu(const std::string& name, Value x);
    Value sigmoid(Value x);
    Value tanh(Value x);
    Value softmax(Value x);
    Value add(Value a, Value b);
    Value mul(Value a, Value b);
    Value scale(Value x, double factor);
    Value concat(const std::vector<Value>& parts);
    Value slice(Value x, int begin, int end);
    Value pad(Value x, Margins margins);
    Value max_pool(Value x, int kernel, int stride, int padding = 0);
    Value avg_pool(Value x, int kernel, int stride, int padding = 0);
    Value adaptive_avg_pool(Value x, int height, int width);
    Value global_avg_pool(Value x);
    Value enlarge_nearest(Value x, int factor);
    Value enlarge_bilinear(Value x, int factor);
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
    /// The finished plan, with `x` as its one output "out" unless outputs were named.
    Plan finish();
    Plan finish(Value x);

 private:
    Value append(Step step);
    Value unary(StepKind kind, Value x);
    Value binary(StepKind kind, Value a, Value b);
    Value pool(StepKind kind, Value x, int kernel, int stride, int padding);
    Value resized(StepKind kind, Value x, int factor);
    Plan plan_;
};

}  // namespace affectsr
