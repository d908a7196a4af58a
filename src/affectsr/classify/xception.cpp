#include "affectsr/classify/xception.h"

#include <array>
#include <string_view>
#include <utility>

namespace affectsr {

namespace {

constexpr double kKerasNormEpsilon = 1e-3;

/// Keras' names of parameters → ours.
TensorMap rename_keras(TensorMap published) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 7> kWords{{
        {".kernel", ".weight"},
        {".depthwise_kernel", ".depthwise.weight"},
        {".pointwise_kernel", ".pointwise.weight"},
        {".gamma", ".weight"},
        {".beta", ".bias"},
        {".moving_mean", ".running_mean"},
        {".moving_variance", ".running_var"},
    }};
    TensorMap named;
    for (auto& [name, tensor] : published) {
        std::string ours = name;
        for (const auto& [keras, torch] : kWords)
            if (name.ends_with(keras)) ours = name.substr(0, name.size() - keras.size()) + std::string(torch);
        named[ours] = std::move(tensor);
    }
    return named;
}

/// Writes a network down and keeps count of the side of what it has.
class XceptionBuilder {
 public:
    explicit XceptionBuilder(int input_px) : side_(input_px), x_(p_.shift(p_.scale(p_.input(1), 2), -1)) {}

    /// conv without padding → norm → relu.
    void stem(const std::string& conv, const std::string& norm, int width, int stride) {
        x_ = p_.conv(conv, x_, width, {.kernel = 3, .stride = stride, .padding = 0, .bias = false});
        x_ = p_.relu(normalised(norm, x_));
        side_ = (side_ - 3) / stride + 1;
    }

    /// separable → norm → relu → separable → norm → pool, added to a strided 1×1 convolution of what came in.
    struct BlockNames {
        std::array<std::string, 2> separable, norm;
        std::string shortcut, shortcut_norm;
    };
    void block(const BlockNames& names, int width, bool relu_first) {
        Value y = relu_first ? p_.relu(x_) : x_;
        y = p_.relu(normalised(names.norm[0], separable(names.separable[0], y, width)));
        y = pooled(normalised(names.norm[1], separable(names.separable[1], y, width)));
        const Value shortcut = p_.conv(names.shortcut, x_, width, {.kernel = 1, .stride = 2, .bias = false});
        x_ = p_.add(y, normalised(names.shortcut_norm, shortcut));
        side_ = (side_ + 1) / 2;
    }

    ExpressionNetwork finish(const std::string& last, int input_px) {
        p_.output("expression", p_.flatten(p_.global_avg_pool(p_.conv(last, x_, kExpressionClasses, {.kernel = 3}))));
        return {p_.finish(), {input_px, 1}, {"expression"}, rename_keras};
    }

 private:
    Value normalised(const std::string& name, Value x) { return p_.batch_norm(name, x, kKerasNormEpsilon); }
    Value separable(const std::string& name, Value x, int width) {
        const int channels = p_.channels(x);
        x = p_.conv(name + ".depthwise", x, channels, {.kernel = 3, .groups = channels, .bias = false});
        return p_.conv(name + ".pointwise", x, width, {.kernel = 1, .bias = false});
    }
    /// Every second 3×3 window's largest, as Keras' "same": an odd side has a pixel of nothing on both sides, an even
    /// one at its end only. That one may be the mirrored pixel, which the window has already.
    Value pooled(Value x) {
        if (side_ % 2 == 1) return p_.max_pool(x, 3, 2, 1);
        return p_.max_pool(p_.pad_reflected(x, {.left = 0, .right = 1, .top = 0, .bottom = 1}), 3, 2);
    }

    PlanBuilder p_;
    int side_;
    Value x_;
};

std::string conv2d(int n) {
    return "conv2d_" + std::to_string(n);
}
std::string separable_conv2d(int n) {
    return "separable_conv2d_" + std::to_string(n);
}
std::string batch_normalization(int n) {
    return "batch_normalization_" + std::to_string(n);
}

}  // namespace

ExpressionNetwork mini_xception(const MiniXceptionOptions& o) {
    XceptionBuilder net(o.input_px);
    net.stem(conv2d(1), batch_normalization(1), o.width, 1);
    net.stem(conv2d(2), batch_normalization(2), o.width, 1);
    for (int i = 0; i < 4; ++i) {  // Keras counts the shortcut's norm before the block's own
        const int norm = 3 + 3 * i, pair = 1 + 2 * i;
        net.block({{separable_conv2d(pair), separable_conv2d(pair + 1)},
                   {batch_normalization(norm + 1), batch_normalization(norm + 2)},
                   conv2d(3 + i),
                   batch_normalization(norm)},
                  o.width << (i + 1), false);
    }
    return net.finish(conv2d(7), o.input_px);
}

ExpressionNetwork big_xception(const BigXceptionOptions& o) {
    XceptionBuilder net(o.input_px);
    net.stem(conv2d(1), "block1_conv1_bn", o.width, 2);
    net.stem(conv2d(2), "block1_conv2_bn", 2 * o.width, 1);
    for (int i = 0; i < 2; ++i) {
        const std::string block = "block" + std::to_string(2 + i);
        net.block({{separable_conv2d(1 + 2 * i), separable_conv2d(2 + 2 * i)},
                   {block + "_sepconv1_bn", block + "_sepconv2_bn"},
                   conv2d(3 + i),
                   batch_normalization(1 + i)},
                  (4 * o.width) << i, i > 0);
    }
    return net.finish(conv2d(5), o.input_px);
}

}  // namespace affectsr
