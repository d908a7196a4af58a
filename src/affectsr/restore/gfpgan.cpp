#include "affectsr/restore/gfpgan.h"

#include <bit>
#include <cmath>
#include <numbers>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr double kSlope = 0.2;  // of every leaky ReLU
constexpr const char* kDecoder = "stylegan_decoder.";

/// Channels at a side of `px`; `share` 1: the decoder's, 0.5: the U-Net's.
int channels_at(int px, const GfpganOptions& o, double share) {
    const double most = px <= 32 ? 512.0 : 16384.0 / px * o.channel_multiplier;
    return static_cast<int>(most * o.narrow * share);
}

Value lrelu(PlanBuilder& p, Value x) {
    return p.leaky_relu(x, kSlope);
}

enum class Size { halved, doubled };

/// Bilinear, pixel centres aligned; by half that is the mean of four.
Value resized(PlanBuilder& p, Value x, Size size) {
    return size == Size::halved ? p.avg_pool(x, 2, 2) : p.enlarge_bilinear(x, 2);
}

Value residual_block(PlanBuilder& p, const std::string& name, Value x, int channels, Size size) {
    Value y = lrelu(p, p.conv(name + ".conv1", x, p.channels(x)));
    y = lrelu(p, p.conv(name + ".conv2", resized(p, y, size), channels));
    return p.add(y, p.conv(name + ".skip", resized(p, x, size), channels, {.kernel = 1, .bias = false}));
}

/// Two convolutions on a feature of the U-Net.
Value condition(PlanBuilder& p, const std::string& name, Value x) {
    const int channels = p.channels(x);
    return p.conv(name + ".2", lrelu(p, p.conv(name + ".0", x, channels)), channels);
}

/// Karras et al. 2020, fig. 2c: weights times styles, as inputs times styles.
Value modulated(PlanBuilder& p, const std::string& name, Value x, Value style, int channels, int kernel,
                bool demodulated) {
    const Value styles = p.linear(name + ".modulation", style, p.channels(x));
    const Value made = p.conv(name, p.mul(x, styles), channels, {.kernel = kernel, .bias = false});
    return demodulated ? p.mul(made, p.demodulation(name, styles, channels, kernel)) : made;
}

Value style_conv(PlanBuilder& p, const std::string& name, Value x, Value style, int channels, int px) {
    Value y = p.scale(modulated(p, name + ".modulated_conv", x, style, channels, 3, true), std::numbers::sqrt2);
    y = p.add_noise(name, y, px, px);
    return lrelu(p, p.add_parameter(name + ".bias", y, 1, 1));
}

Value to_rgb(PlanBuilder& p, const std::string& name, Value x, Value style) {
    return p.add_parameter(name + ".bias", modulated(p, name + ".modulated_conv", x, style, 3, 1, false), 1, 1);
}

/// What the U-Net makes: styles, and a scale and a shift for each size of the decoder.
struct Steering {
    std::vector<Value> styles, scales, shifts;
};

Steering steered_by(PlanBuilder& p, Value x, const GfpganOptions& o) {
    const auto channels = [&o](int px) { return channels_at(px, o, 0.5); };
    std::vector<Value> skips;  // the smallest first
    x = lrelu(p, p.conv("conv_body_first", x, channels(o.size_px), {.kernel = 1}));
    for (int px = o.size_px / 2, i = 0; px >= 4; px /= 2, ++i) {
        x = residual_block(p, "conv_body_down." + std::to_string(i), x, channels(px), Size::halved);
        skips.insert(skips.begin(), x);
    }
    x = lrelu(p, p.conv("final_conv", x, channels(4)));
    Steering made;
    const int styles = 2 * std::countr_zero(static_cast<unsigned>(o.size_px)) - 2;
    const Value all = p.mark("style_code", p.linear("final_linear", p.flatten(x, 16), styles * o.styles));
    for (int i = 0; i < styles; ++i) made.styles.push_back(p.slice(all, i * o.styles, (i + 1) * o.styles));
    for (int px = 8, i = 0; px <= o.size_px; px *= 2, ++i) {
        const std::string number = std::to_string(i);
        x = p.add(x, skips[static_cast<std::size_t>(i)]);
        x = residual_block(p, "conv_body_up." + number, x, channels(px), Size::doubled);
        made.scales.push_back(p.mark("condition_scale" + number, condition(p, "condition_scale." + number, x)));
        made.shifts.push_back(p.mark("condition_shift" + number, condition(p, "condition_shift." + number, x)));
        p.mark("rgb" + number, p.conv("toRGB." + number, x, 3, {.kernel = 1}));
    }
    return made;
}

/// Channel-split spatial feature transform (GFPGAN, eq. 3): the first half of the channels stays.
Value transformed(PlanBuilder& p, Value x, Value scale, Value shift) {
    const int half = p.channels(x) / 2;
    const Value changed = p.add(p.mul(p.slice(x, half, 2 * half), scale), shift);
    return p.concat({p.slice(x, 0, half), changed});
}

Value decoded(PlanBuilder& p, const Steering& steering, const GfpganOptions& o) {
    const std::string d = kDecoder;
    const auto style = [&steering](int i) { return steering.styles[static_cast<std::size_t>(i)]; };
    const int channels = channels_at(4, o, 1);
    Value x = p.constant(d + "constant_input", style(0), channels, 4, 4);
    x = p.mark("style_conv1", style_conv(p, d + "style_conv1", x, style(0), channels, 4));
    Value rgb = p.mark("to_rgb1", to_rgb(p, d + "to_rgb1", x, style(1)));
    for (int px = 8, j = 0; px <= o.size_px; px *= 2, ++j) {
        const std::string first = std::to_string(2 * j), second = std::to_string(2 * j + 1);
        const auto at = static_cast<std::size_t>(j);
        x = style_conv(p, d + "style_convs." + first, p.enlarge_bilinear(x, 2), style(1 + 2 * j), channels_at(px, o, 1),
                       px);
        x = transformed(p, p.mark("style_convs" + first, x), steering.scales[at], steering.shifts[at]);
        x = style_conv(p, d + "style_convs." + second, x, style(2 + 2 * j), channels_at(px, o, 1), px);
        rgb = p.add(to_rgb(p, d + "to_rgbs." + std::to_string(j), x, style(3 + 2 * j)), p.enlarge_bilinear(rgb, 2));
    }
    return rgb;
}

/// [1, out, in, k, k] → [out, in, k, k]; a convolution's bias [1, c, 1, 1] and the numbered noises to the steps that
/// add them; what makes styles of random numbers is not used.
TensorMap renamed(TensorMap published) {
    const std::string noises = std::string(kDecoder) + "noises.noise";
    TensorMap named;
    for (auto& [name, tensor] : published) {
        const std::vector<std::int64_t>& shape = tensor.shape();
        if (name.starts_with(std::string(kDecoder) + "style_mlp.")) continue;
        if (name.starts_with(noises)) {
            const int number = std::stoi(name.substr(noises.size()));
            const std::string layer = number == 0 ? "style_conv1" : "style_convs." + std::to_string(number - 1);
            named[kDecoder + layer + ".noise"] = std::move(tensor);
        } else if (shape.size() == 5) {
            named[name] = HostTensor::from_floats(tensor.floats(), {shape.begin() + 1, shape.end()});
        } else if (name.ends_with(".bias") && shape.size() == 4) {
            named[name + ".weight"] = std::move(tensor);
        } else {
            named[name] = std::move(tensor);
        }
    }
    return named;
}

}  // namespace

SrNetwork gfpgan(const GfpganOptions& o) {
    if (!std::has_single_bit(static_cast<unsigned>(o.size_px)))
        throw UsageError("gfpgan: \"size_px\" must be a power of two, got " + std::to_string(o.size_px));
    PlanBuilder p;
    const auto in_order = [&](Value x) { return o.swapped ? p.sum_channels(x, {{2}, {1}, {0}}) : x; };
    const Value face = p.shift(p.scale(in_order(p.input(3)), 2), -1);  // [−1, 1]
    const Value made = in_order(decoded(p, steered_by(p, face, o), o));
    SrNetwork network = restoring_network(p.finish(p.scale(p.shift(made, 1), 0.5)), o.size_px, "ffhq_512");
    network.rename_published = renamed;
    return network;
}

}  // namespace affectsr
