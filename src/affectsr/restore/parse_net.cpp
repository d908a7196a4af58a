#include "affectsr/restore/parse_net.h"

#include <algorithm>
#include <array>
#include <bit>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr double kSlope = 0.2;

enum class Size { kept, halved, doubled };

/// Reflected pixels around, a 3 × 3 convolution; before it nearest enlargement, if asked for.
Value padded_conv(PlanBuilder& p, const std::string& name, Value x, int channels, Size size, bool bias) {
    if (size == Size::doubled) x = p.enlarge_nearest(x, 2);
    const int stride = size == Size::halved ? 2 : 1;
    return p.conv(name + ".conv2d", p.pad_reflected(x, Margins{1, 1, 1, 1}), channels,
                  {.stride = stride, .padding = 0, .bias = bias});
}

Value normed_conv(PlanBuilder& p, const std::string& name, Value x, int channels, Size size) {
    return p.batch_norm(name + ".norm.norm", padded_conv(p, name, x, channels, size, false));
}

Value residual_block(PlanBuilder& p, const std::string& name, Value x, int channels, Size size) {
    const bool same = size == Size::kept && p.channels(x) == channels;
    const Value shortcut = same ? x : padded_conv(p, name + ".shortcut_func", x, channels, size, true);
    const Size first = size == Size::doubled ? Size::doubled : Size::kept;
    const Size second = size == Size::halved ? Size::halved : Size::kept;
    const Value y = p.leaky_relu(normed_conv(p, name + ".conv1", x, channels, first), kSlope);
    return p.add(shortcut, normed_conv(p, name + ".conv2", y, channels, second));
}

}  // namespace

FaceParsingNetwork parse_net(const ParseNetOptions& o) {
    const auto power = [](int side) { return std::has_single_bit(static_cast<unsigned>(side)); };
    if (!power(o.size_px) || !power(o.least_px) || o.least_px > o.size_px)
        throw UsageError("parse_net: \"size_px\" and \"least_px\" must be powers of two, the second at most the first");
    const auto clipped = [&o](int channels) { return std::clamp(channels, o.least_channels, o.most_channels); };
    PlanBuilder p;
    Value x = p.shift(p.scale(p.input(3), 2), -1);  // [−1, 1]
    x = padded_conv(p, "encoder.0", x, o.width, Size::kept, true);
    int channels = o.width, px = o.size_px;
    for (int i = 1; px > o.least_px; ++i, px /= 2, channels *= 2)
        x = residual_block(p, "encoder." + std::to_string(i), x, clipped(channels * 2), Size::halved);
    Value y = x;
    for (int i = 0; i < o.blocks; ++i)
        y = residual_block(p, "body." + std::to_string(i), y, clipped(channels), Size::kept);
    x = p.add(x, y);
    for (int i = 0; px < o.size_px; ++i, px *= 2, channels /= 2)
        x = residual_block(p, "decoder." + std::to_string(i), x, clipped(channels / 2), Size::doubled);
    FaceParsingNetwork network;
    network.plan = p.finish(padded_conv(p, "out_mask_conv", x, o.classes, Size::kept, true));
    network.size_px = o.size_px;
    return network;
}

TensorMap FaceParsingNetwork::renamed(TensorMap published) const {
    std::erase_if(published, [](const auto& tensor) { return tensor.first.starts_with("out_img_conv."); });
    return published;
}

std::span<const Entry<FaceParsingNetwork>> face_parsing_catalog() {
    static const std::array catalog{
        entry<FaceParsingNetwork>("parse_net", "facexlib, parsenet; Chen et al. 2021 (PSFR-GAN), arXiv:2009.08709",
                                  parse_net),
    };
    return catalog;
}

}  // namespace affectsr
