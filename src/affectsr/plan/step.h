// The kinds of steps that a Plan is made of, with their settings.
#pragma once

#include <string>
#include <variant>
#include <vector>

namespace affectsr {

/// Zeros around a picture, in pixels.
struct Margins {
    int left = 0, right = 0, top = 0, bottom = 0;
};

/// Height and width of an input, in pixels.
struct InputSize {
    int height = 0, width = 0;
    bool operator==(const InputSize&) const = default;
};

/// What position `from` gives to position `to`; positions count row by row.
struct PositionLink {
    int to = 0, from = 0;
    float weight = 0;
};

/// What a step does, with its settings. Values are [n, channels, height, width]; [n, features] is features × 1 × 1. To
/// add a kind: a struct here and in StepKind, its shape in shapes.cpp, and what the compiler then asks of the players.
namespace step {

/// The network's picture or features; `size` is what it always measures, 0 × 0: it may measure anything.
struct PlanInput {
    static constexpr const char* kName = "input";
    std::string name = "in";
    InputSize size;
};
/// 2-D convolution, weight [out, in/groups, k, k]; groups = channels: depthwise.
struct Conv {
    static constexpr const char* kName = "conv";
    int kernel = 1, stride = 1, padding = 0, groups = 1;
    bool bias = false;
};
/// Its transpose, weight [in, out/groups, k, k]; h → (h − 1)·stride − 2·padding + k + output_padding.
struct ConvTranspose {
    static constexpr const char* kName = "conv_transpose";
    int kernel = 1, stride = 1, padding = 0, groups = 1;
    bool bias = false;
    int output_padding = 0;  ///< rows below and columns to the right that the padding would cut off
};
/// [n, in] → [n, out], weight [out, in].
struct Linear {
    static constexpr const char* kName = "linear";
    bool bias = false;
};
/// Running statistics in inference, Ioffe & Szegedy 2015.
struct BatchNorm {
    static constexpr const char* kName = "batch_norm";
    double epsilon = 1e-5;
};
/// Each channel of each picture to mean 0, variance 1, Ulyanov et al. 2016.
struct InstanceNorm {
    static constexpr const char* kName = "instance_norm";
    double epsilon = 1e-5;
    bool affine = false;
};
/// The channels of each position, or [n, features], to mean 0, variance 1, Ba et al. 2016, scale and shift learned.
struct LayerNorm {
    static constexpr const char* kName = "layer_norm";
    double epsilon = 1e-5;
};
/// So many equal stretches of the channels of each picture to mean 0, variance 1, Wu & He 2018.
struct GroupNorm {
    static constexpr const char* kName = "group_norm";
    int groups = 1;
    double epsilon = 1e-5;
    bool affine = true;
};
/// max(x, 0).
struct Relu {
    static constexpr const char* kName = "relu";
};
/// x < 0 ? slope·x : x.
struct LeakyRelu {
    static constexpr const char* kName = "leaky_relu";
    double slope = 0;
};
/// LeakyRelu with one learned slope per channel, He et al. 2015, or one for all.
struct Prelu {
    static constexpr const char* kName = "prelu";
    bool one_slope = false;
};
/// 1 / (1 + e^−x).
struct Sigmoid {
    static constexpr const char* kName = "sigmoid";
};
/// Hyperbolic tangent.
struct Tanh {
    static constexpr const char* kName = "tanh";
};
/// x / (1 + e^−x), Elfwing et al. 2018.
struct Silu {
    static constexpr const char* kName = "silu";
};
/// x · Φ(x) by the error function, Hendrycks & Gimpel 2016.
struct Gelu {
    static constexpr const char* kName = "gelu";
};
/// Over the channels, or, with `parts`, over that many equal stretches of them: channel c of each stretch, for every c.
struct Softmax {
    static constexpr const char* kName = "softmax";
    int parts = 0;
};
/// a + b, same shape.
struct Add {
    static constexpr const char* kName = "add";
};
/// a · b, same shape, or b [n, c, 1, 1], [n, c] or [n, 1, h, w].
struct Mul {
    static constexpr const char* kName = "mul";
};
/// x + by: a constant for each channel, or one for all.
struct Shift {
    static constexpr const char* kName = "shift";
    std::vector<float> by;
};
/// x · by: a constant for each channel, or one for all.
struct Scale {
    static constexpr const char* kName = "scale";
    std::vector<float> by;
};
/// Constant sparse matrix over the positions, the same for every channel: to = Σ weight · from over the links, which
/// are in the order of `to`. Links of one pair add up.
struct MixPositions {
    static constexpr const char* kName = "mix_positions";
    int positions = 1;
    std::vector<PositionLink> links;
};
/// Features of points [n, c, h, w], places [n, 2 or 3, h, w] and a value of the size of a map → the map: each point is
/// shared by the four pixels around its place (x, y in pixels of the map, centres at integers), bilinearly. Where the
/// shares of a pixel sum to more than 1 it is their weighted mean, else their sum. What lies outside is left out; z is
/// not used. Places learn nothing.
struct Splat {
    static constexpr const char* kName = "splat";
};
/// Every position of the queries looks at all of keys and values, Vaswani et al. 2017, eq. 1: for each of `heads` equal
/// stretches of the channels softmax(q kᵀ / √stretch) v. Inputs: queries, keys, values, all of the same channels, the
/// last two of the same size.
struct Attention {
    static constexpr const char* kName = "attention";
    int heads = 1;
};
/// Each position's channels → the row of the largest (the first of equals), weight [in, out]: a code's entry in its
/// book. Learns nothing through the choice.
struct Lookup {
    static constexpr const char* kName = "lookup";
};
/// Each channel of a picture to mean and deviation of the same channel of the second input: (x − μ) / σ · σ' + μ',
/// σ = √(unbiased variance + epsilon). Huang & Belongie 2017, eq. 8.
struct Adain {
    static constexpr const char* kName = "adain";
    double epsilon = 1e-5;
};
/// x + weight [1, c, height, width], the same for every picture; a weight of one pixel is added everywhere.
struct AddParameter {
    static constexpr const char* kName = "add_parameter";
    int height = 1, width = 1;
};
/// weight [1, c, height, width] for every picture of its input, whose numbers are not used.
struct Constant {
    static constexpr const char* kName = "constant";
    int height = 1, width = 1;
};
/// x + weight [1] · noise [1, 1, height, width], the same for every picture and channel; the noise is stored and does
/// not learn. Karras et al. 2019, fig. 1b.
struct AddNoise {
    static constexpr const char* kName = "add_noise";
    int height = 1, width = 1;
};
/// Styles [n, in] → [n, out, 1, 1]: 1 / √(Σ (weight · style)² + epsilon) over inputs and window, of the convolution of
/// the same name whose inputs were multiplied by the styles; its results times this have unit variance. Karras et al.
/// 2020, eq. 3.
struct Demodulation {
    static constexpr const char* kName = "demodulation";
    int kernel = 1;
    double epsilon = 1e-8;
};
/// Along the channels.
struct Concat {
    static constexpr const char* kName = "concat";
};
/// Channels from `begin` on, as many as the result has.
struct Slice {
    static constexpr const char* kName = "slice";
    int begin = 0;
};
/// Zeros around the picture.
struct Pad {
    static constexpr const char* kName = "pad";
    Margins margins;
};
/// The picture's own pixels around it, mirrored about those of its edge (which are not repeated).
struct PadReflected {
    static constexpr const char* kName = "pad_reflected";
    Margins margins;
};
/// [n, c, h, w] → [n, groups, h, w]: each the sum of the channels that its group names.
struct SumChannels {
    static constexpr const char* kName = "sum_channels";
    std::vector<std::vector<int>> groups;
};
/// x divided by the largest value of its channel and picture, or by `least` where that is smaller.
struct DivideByPeak {
    static constexpr const char* kName = "divide_by_peak";
    double least = 1;
};
/// [n, c, h, w] → [n, 1, c, c]: C = F Fᵀ / (h·w − 1) of the features centred over their h·w ≥ 2 positions, then
/// C + ridge · tr(C) · I. Source: covariance pooling of Acharya et al. 2018, arXiv:1805.04855.
struct Covariance {
    static constexpr const char* kName = "covariance";
    double ridge = 0;
};
/// A symmetric matrix [n, 1, from, from] → Wᵀ X W [n, 1, to, to], weight [from, to]. Source: the BiMap layer of Huang &
/// Van Gool 2017, arXiv:1608.04233, whose W has orthonormal columns.
struct Congruence {
    static constexpr const char* kName = "congruence";
    int from = 1, to = 1;
};
/// V Λ Vᵀ = (X + Xᵀ) / 2, [n, 1, c, c] → V f(Λ) Vᵀ; f clips to [least, most] and then, with `logarithm`, takes the
/// natural logarithm. Of a matrix that is not finite the result is NaN. Source: Huang & Van Gool 2017, the layers ReEig
/// and LogEig.
struct MapEigenvalues {
    static constexpr const char* kName = "map_eigenvalues";
    double least = 0, most = 1;
    bool logarithm = false;
};
/// The window's largest; beyond the edge is −inf.
struct MaxPool {
    static constexpr const char* kName = "max_pool";
    int kernel = 1, stride = 1, padding = 0;
};
/// The window's mean; beyond the edge are zeros, which count.
struct AvgPool {
    static constexpr const char* kName = "avg_pool";
    int kernel = 1, stride = 1, padding = 0;
};
/// → height × width cells, which overlap or repeat where the sizes do not divide.
struct AdaptiveAvgPool {
    static constexpr const char* kName = "adaptive_avg_pool";
    int height = 1, width = 1;
};
/// → [n, c, 1, 1].
struct GlobalAvgPool {
    static constexpr const char* kName = "global_avg_pool";
};
/// × an integer factor, every pixel repeated.
struct EnlargeNearest {
    static constexpr const char* kName = "enlarge_nearest";
    int factor = 1;
};
/// × an integer factor, pixel centres aligned (PyTorch's align_corners=False), or the centres of the corner pixels.
struct EnlargeBilinear {
    static constexpr const char* kName = "enlarge_bilinear";
    int factor = 1;
    bool align_corners = false;
};
/// × an integer factor, pixel centres aligned, with Keys' cubic, a = −0.75 (PyTorch's).
struct EnlargeBicubic {
    static constexpr const char* kName = "enlarge_bicubic";
    int factor = 1;
};
/// [n, c·f², h, w] → [n, c, h·f, w·f], Shi et al. 2016, eq. 4.
struct PixelShuffle {
    static constexpr const char* kName = "pixel_shuffle";
    int factor = 1;
};
/// Its inverse.
struct PixelUnshuffle {
    static constexpr const char* kName = "pixel_unshuffle";
    int factor = 1;
};
/// → [n, c·h·w]; `pixels` is h · w of what it flattens.
struct Flatten {
    static constexpr const char* kName = "flatten";
    int pixels = 1;
};
/// In training only.
struct Dropout {
    static constexpr const char* kName = "dropout";
    double probability = 0;
};

}  // namespace step

using StepKind =
    std::variant<step::PlanInput, step::Conv, step::ConvTranspose, step::Linear, step::BatchNorm, step::InstanceNorm,
                 step::LayerNorm, step::GroupNorm, step::Silu, step::Gelu, step::Attention, step::Lookup, step::Adain,
                 step::AddParameter, step::Constant, step::AddNoise, step::Demodulation, step::Relu, step::LeakyRelu,
                 step::Prelu, step::Sigmoid, step::Tanh, step::Softmax, step::Add, step::Mul, step::Shift, step::Scale,
                 step::MixPositions, step::Splat, step::Concat, step::Slice, step::Pad, step::PadReflected,
                 step::SumChannels, step::DivideByPeak, step::Covariance, step::Congruence, step::MapEigenvalues,
                 step::MaxPool, step::AvgPool, step::AdaptiveAvgPool, step::GlobalAvgPool, step::EnlargeNearest,
                 step::EnlargeBilinear, step::EnlargeBicubic, step::PixelShuffle, step::PixelUnshuffle, step::Flatten,
                 step::Dropout>;

/// The word for a kind: "conv", "leaky_relu", …
const char* name_of(const StepKind& kind);

/// One function object of several lambdas, one for each kind: std::visit(OneOfThese{…}, step.kind).
template <class... Lambdas>
struct OneOfThese : Lambdas... {
    using Lambdas::operator()...;
};
template <class... Lambdas>
OneOfThese(Lambdas...) -> OneOfThese<Lambdas...>;

/// One step.
struct Step {
    StepKind kind;
    /// Parameters are called name + ".weight" and so on; empty if there are none. Steps of one name share them.
    std::string name;
    std::vector<int> inputs;  ///< indices of earlier steps
    int in_channels = 0;
    int out_channels = 0;  ///< channels of the result, for every kind

    template <class Kind>
    bool is() const {
        return std::holds_alternative<Kind>(kind);
    }
    /// Its settings, null if it is of another kind.
    template <class Kind>
    const Kind* as() const {
        return std::get_if<Kind>(&kind);
    }
};

/// Whether the step makes a matrix for each picture: covariance, congruence, map_eigenvalues.
bool makes_matrices(const Step& step);

}  // namespace affectsr
