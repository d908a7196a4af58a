#include "affectsr/classify/ddamfn.h"

#include <algorithm>
#include <regex>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/classify/imagenet.h"

namespace affectsr {

namespace {

constexpr int kStrides = 16;  // of the whole backbone

/// x · min(max(x + 3, 0), 6) / 6, Howard et al. 2019, eq. 3; min(y, 6) = 6 − max(6 − y, 0).
Value hard_swish(PlanBuilder& p, Value x) {
    const Value from_zero = p.relu(p.shift(x, 3));
    const Value left = p.relu(p.shift(p.scale(from_zero, -1), 6));
    return p.mul(x, p.scale(p.shift(p.scale(left, -1), 6), 1.0 / 6));
}

/// conv → norm, no bias.
Value linear_block(PlanBuilder& p, const std::string& name, Value x, int width, ConvOptions options) {
    options.bias = false;
    return p.batch_norm(name + ".bn", p.conv(name + ".conv", x, width, options));
}

/// conv → norm → slopes.
Value conv_block(PlanBuilder& p, const std::string& name, Value x, int width, ConvOptions options) {
    return p.prelu(name + ".prelu", linear_block(p, name, x, width, options));
}

/// Attention along both directions, Hou et al. 2021, eq. 6–9: `rows` [n, c, px, 1] and `columns` [n, c, 1, px] go
/// through the same layers, and their product says how much of each pixel to keep.
Value directions(PlanBuilder& p, const std::string& name, Value rows, Value columns, int px) {
    const int channels = p.channels(rows), few = std::max(8, channels / 32);
    const auto one = [&](Value direction, const std::string& last) {
        direction = p.batch_norm(name + ".bn1", p.conv(name + ".conv1", direction, few, {.kernel = 1}));
        direction = p.sigmoid(p.conv(last, hard_swish(p, direction), channels, {.kernel = 1}));
        return p.adaptive_avg_pool(direction, px, px);  // its one column or row again and again
    };
    return p.mul(one(columns, name + ".conv3"), one(rows, name + ".conv2"));
}

/// The channels in parts, each under kernels of its own size.
struct Mixed {
    int group;  ///< channels between the two 1×1 convolutions
    std::vector<int> parts;
    int stride = 1;
};

/// Tan & Le 2019, fig. 2, under coordinate attention; kernels of 3, 5, 7, 9. `px`: the side of what comes out.
Value mixed_block(PlanBuilder& p, const std::string& name, Value x, int width, const Mixed& mixed, int px) {
    x = conv_block(p, name + ".conv", x, mixed.group, {.kernel = 1});
    std::vector<Value> made;
    int begin = 0, kernel = 3;
    for (std::size_t i = 0; i < mixed.parts.size(); ++i, kernel += 2) {
        const int channels = mixed.parts[i];
        const std::string conv = name + ".conv_dw.mixed_depthwise_conv." + std::to_string(i);
        made.push_back(p.conv(conv, p.slice(x, begin, begin + channels), channels,
                              {.kernel = kernel, .stride = mixed.stride, .groups = channels, .bias = false}));
        begin += channels;
    }
    x = p.concat(made);
    x = p.mul(x, directions(p, name + ".CA", p.adaptive_avg_pool(x, px, 1), p.adaptive_avg_pool(x, 1, px), px));
    return linear_block(p, name + ".project", x, width, {.kernel = 1});
}

/// `blocks` of them that keep their shape, each added to what came in.
Value mixed_stage(PlanBuilder& p, const std::string& name, Value x, int blocks, const Mixed& mixed, int px) {
    for (int i = 0; i < blocks; ++i)
        x = p.add(x, mixed_block(p, name + ".model." + std::to_string(i), x, p.channels(x), mixed, px));
    return x;
}

/// One head's map, Zhang et al. 2023, §3.3. A kernel of 1 × px is the middle row of one of px × px over rows of zeros.
Value attention_head(PlanBuilder& p, const std::string& name, Value x, int px) {
    const int channels = p.channels(x), before = (px - 1) / 2, after = px - 1 - before;
    const ConvOptions whole{.kernel = px, .padding = 0, .groups = channels};
    const Value padded_rows = p.pad(x, {.left = 0, .right = 0, .top = before, .bottom = after});
    const Value padded_columns = p.pad(x, {.left = before, .right = after, .top = 0, .bottom = 0});
    const Value rows = linear_block(p, name + ".Linear_h", padded_rows, channels, whole);        // [n, c, px, 1]
    const Value columns = linear_block(p, name + ".Linear_w", padded_columns, channels, whole);  // [n, c, 1, px]
    return directions(p, name, rows, columns, px);
}

Value larger(PlanBuilder& p, Value a, Value b) {
    return p.add(b, p.relu(p.add(a, p.scale(b, -1))));
}

Value backbone(PlanBuilder& p, Value x, const DdamfnOptions& o) {
    const int px = o.input_px;
    const auto name = [](int i) { return "features." + std::to_string(i); };
    x = conv_block(p, name(0), x, 64, {.kernel = 3, .stride = 2});
    x = conv_block(p, name(1), p.mark(name(0), x), 64, {.kernel = 3, .groups = 64});
    x = mixed_block(p, name(2), x, 64, {128, {64, 32, 32}, 2}, px / 4);
    x = p.mark(name(3), mixed_stage(p, name(3), x, o.blocks[0], {128, {96, 32}}, px / 4));
    x = mixed_block(p, name(4), x, 128, {256, {128, 64, 64}, 2}, px / 8);
    x = p.mark(name(5), mixed_stage(p, name(5), x, o.blocks[1], {256, {192, 64}}, px / 8));
    x = mixed_block(p, name(6), x, 256, {1024, {256, 256, 256, 256}, 2}, px / 16);
    x = mixed_stage(p, name(7), x, o.blocks[2], {512, {172, 170, 170}}, px / 16);
    return p.mark(name(8), conv_block(p, name(8), x, 512, {.kernel = 1}));
}

/// [c, 1, 1, k] and [c, 1, k, 1] → [c, 1, k, k], zeros around.
HostTensor as_square(const HostTensor& kernel) {
    const std::int64_t channels = kernel.shape()[0], rows = kernel.shape()[2], columns = kernel.shape()[3];
    const std::int64_t side = std::max(rows, columns), top = (side - rows) / 2, left = (side - columns) / 2;
    const std::vector<float> from = kernel.floats();
    std::vector<float> square(static_cast<std::size_t>(channels * side * side));
    for (std::int64_t i = 0; i < channels * rows * columns; ++i) {
        const std::int64_t channel = i / (rows * columns), y = i / columns % rows + top, x = i % columns + left;
        square[static_cast<std::size_t>((channel * side + y) * side + x)] = from[static_cast<std::size_t>(i)];
    }
    return HostTensor::from_floats(square, {channels, 1, side, side});
}

TensorMap rename_authors(TensorMap published) {
    static const std::regex kUnread(R"(bn\..*|.*\.conv_dw\.(bn|prelu)\..*|cat_head\d+\.CoordAtt\.Linear\..*)");
    static const std::regex kFlat(R"(cat_head\d+\.CoordAtt\.Linear_[hw]\.conv\.weight)");
    std::erase_if(published, [](const auto& named) { return std::regex_match(named.first, kUnread); });
    for (auto& [name, tensor] : published)
        if (std::regex_match(name, kFlat) && tensor.shape().size() == 4 && tensor.shape()[2] != tensor.shape()[3])
            tensor = as_square(tensor);
    return published;
}

}  // namespace

Plan ddamfn_plan(const DdamfnOptions& o) {
    if (o.input_px % kStrides != 0)
        throw UsageError("ddamfn: \"input_px\" must be a multiple of " + std::to_string(kStrides) + ", not " +
                         std::to_string(o.input_px));
    if (o.blocks.size() != 3) throw UsageError("ddamfn: \"blocks\" must name three stages");
    const int px = o.input_px / kStrides;
    PlanBuilder p;
    const Value x = backbone(p, imagenet_normalised(p, p.input(3, "in", {o.input_px, o.input_px})), o);
    std::vector<Value> maps;
    for (int i = 0; i < o.attention_heads; ++i)
        maps.push_back(attention_head(p, "cat_head" + std::to_string(i) + ".CoordAtt", x, px));
    Value kept = maps.front();
    for (std::size_t i = 1; i < maps.size(); ++i) kept = larger(p, kept, maps[i]);
    p.mark("attention", maps.size() > 1 ? p.concat(maps) : maps.front());
    const Value y = linear_block(p, "Linear", p.mul(x, kept), 512, {.kernel = px, .padding = 0, .groups = 512});
    p.output("expression", p.linear("fc", p.flatten(y), kExpressionClasses));
    return p.finish();
}

ExpressionNetwork ddamfn(const DdamfnOptions& o) {
    return {ddamfn_plan(o), {o.input_px, 3}, {"expression"}, rename_authors};
}

}  // namespace affectsr
