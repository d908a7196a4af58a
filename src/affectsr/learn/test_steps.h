// Every kind of step in a small plan: what both players, and both ways to learn, must agree on.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "affectsr/plan/plan.h"

namespace affectsr {

/// One small plan around each kind of step.
struct OneStep {
    std::string name;
    int channels;
    std::function<Value(PlanBuilder&, Value)> add;
};
inline void PrintTo(const OneStep& step, std::ostream* out) {
    *out << step.name;
}

inline const std::vector<OneStep>& every_step() {
    using P = PlanBuilder&;
    static const std::vector<OneStep> steps{
        {"conv", 16, [](P p, Value x) { return p.conv("c", x, 24, {.stride = 2}); }},
        {"conv_of_three_channels", 3, [](P p, Value x) { return p.conv("c", x, 32, {.kernel = 7, .stride = 2}); }},
        {"conv_of_one_channel", 1, [](P p, Value x) { return p.conv("c", x, 32, {.bias = false}); }},
        {"conv_of_even_kernel", 16,
         [](P p, Value x) { return p.conv("c", x, 8, {.kernel = 4, .stride = 2, .padding = 1}); }},
        {"grouped_conv", 32, [](P p, Value x) { return p.conv("c", x, 64, {.groups = 4}); }},
        {"depthwise_conv", 32, [](P p, Value x) { return p.conv("c", x, 32, {.groups = 32}); }},
        {"conv_transpose", 16,
         [](P p, Value x) { return p.conv_transpose("c", x, 8, {.kernel = 4, .stride = 2, .padding = 1}); }},
        {"grouped_conv_transpose", 16,
         [](P p, Value x) {
             return p.conv_transpose("c", x, 32, {.kernel = 2, .stride = 2, .padding = 0, .groups = 2});
         }},
        {"linear", 8, [](P p, Value x) { return p.relu(p.linear("l", p.flatten(x, 96), 19)); }},
        {"batch_norm_folded", 16, [](P p, Value x) { return p.relu(p.batch_norm("n", p.conv("c", x, 16))); }},
        {"batch_norm_folded_transposed", 16,
         [](P p, Value x) {
             return p.batch_norm("n",
                                 p.conv_transpose("c", x, 32, {.kernel = 2, .stride = 2, .padding = 0, .groups = 4}));
         }},
        {"batch_norm_alone", 16, [](P p, Value x) { return p.leaky_relu(p.batch_norm("n", x), 0.1); }},
        {"instance_norm", 48, [](P p, Value x) { return p.leaky_relu(p.instance_norm("", p.conv("c", x, 48)), 0.2); }},
        {"instance_norm_affine", 16, [](P p, Value x) { return p.add(p.instance_norm("n", x, true), x); }},
        {"layer_norm_of_positions", 24, [](P p, Value x) { return p.layer_norm("n", p.conv("c", x, 24)); }},
        {"group_norm", 24, [](P p, Value x) { return p.silu(p.group_norm("n", p.conv("c", x, 24), 4)); }},
        {"group_norm_plain", 6, [](P p, Value x) { return p.conv("c", p.group_norm("", x, 1, 1e-3, false), 8); }},
        {"group_norm_alone", 16, [](P p, Value x) { return p.add(p.group_norm("n", x, 2), x); }},
        {"silu", 8, [](P p, Value x) { return p.silu(p.scale(p.conv("c", x, 8), 9)); }},
        {"silu_of_what_is_read_twice", 8, [](P p, Value x) { return p.add(p.silu(x), x); }},
        {"gelu", 8, [](P p, Value x) { return p.gelu(p.conv("c", x, 8)); }},
        {"attention", 24,
         [](P p, Value x) {
             return p.attention(p.conv("q", x, 24), p.conv("k", p.avg_pool(x, 2, 2), 24),
                                p.conv("v", p.avg_pool(x, 2, 2), 24), 3);
         }},
        {"lookup", 8, [](P p, Value x) { return p.conv("c", p.lookup("book", x, 12), 8); }},
        {"adain", 8, [](P p, Value x) { return p.adain(p.conv("a", x, 16), p.conv("b", p.avg_pool(x, 2, 2), 16)); }},
        {"add_parameter", 8, [](P p, Value x) { return p.conv("c", p.add_parameter("position", x, 8, 12), 8); }},
        {"add_parameter_of_one_pixel", 8, [](P p, Value x) { return p.conv("c", p.add_parameter("b", x, 1, 1), 8); }},
        {"constant", 8, [](P p, Value x) { return p.conv("c", p.constant("constant", x, 12, 4, 4), 8); }},
        {"add_noise", 8, [](P p, Value x) { return p.leaky_relu(p.add_noise("n", p.conv("c", x, 8), 8, 12), 0.2); }},
        {"add_noise_then_bias", 8,
         [](P p, Value x) {
             return p.leaky_relu(p.add_parameter("b", p.add_noise("n", p.conv("c", x, 8), 8, 12), 1, 1), 0.2);
         }},
        {"modulated_conv", 8,
         [](P p, Value x) {
             const Value styles = p.linear("s", p.flatten(p.global_avg_pool(x), 1), 8);
             const Value made = p.conv("c", p.mul(x, styles), 16, {.bias = false});
             return p.mul(made, p.demodulation("c", styles, 16, 3));
         }},
        {"layer_norm", 8, [](P p, Value x) { return p.layer_norm("n", p.flatten(x, 96)); }},
        {"relu", 8, [](P p, Value x) { return p.relu(p.scale(x, -2)); }},
        {"conv_transpose_with_output_padding", 16,
         [](P p, Value x) {
             return p.conv_transpose("c", x, 8, {.kernel = 3, .stride = 2, .padding = 1, .output_padding = 1});
         }},
        {"prelu", 8, [](P p, Value x) { return p.prelu("a", p.conv("c", x, 8)); }},
        {"prelu_of_one_slope", 8, [](P p, Value x) { return p.prelu("a", p.conv("c", x, 8), true); }},
        {"sigmoid", 8, [](P p, Value x) { return p.sigmoid(p.conv("c", x, 8)); }},
        {"sigmoid_alone", 8, [](P p, Value x) { return p.sigmoid(x); }},
        {"tanh", 8, [](P p, Value x) { return p.tanh(p.add(p.tanh(x), x)); }},
        {"softmax", 8, [](P p, Value x) { return p.softmax(x); }},
        {"softmax_over_parts", 12, [](P p, Value x) { return p.softmax(x, 3); }},
        {"mix_positions", 72,
         [](P p, Value x) {
             std::vector<PositionLink> links{{3, 5, 0.5f}, {3, 5, 0.25f}, {0, 95, -2}};  // the others become zero
             for (int i = 20; i < 96; ++i) links.push_back({i, (7 * i) % 96, 0.1f * static_cast<float>(i % 5)});
             return p.relu(p.conv("c", p.mix_positions(x, 96, links), 8, {.kernel = 1}));
         }},
        {"splat", 16,
         [](P p, Value x) {
             const auto landmarks = p.input(3, "landmarks");
             return p.add(p.splat(x, landmarks, x), x);
         }},
        {"splat_on_a_smaller_map", 8,
         [](P p, Value x) {
             const auto landmarks = p.input(2, "landmarks");
             return p.conv("c", p.splat(p.conv("b", x, 8), landmarks, p.avg_pool(x, 2, 2)), 8);
         }},
        {"points_of_two_inputs", 3,
         [](P p, Value x) {
             const auto landmarks = p.input(3, "landmarks", {20, 1});
             const auto points = p.conv("b", p.instance_norm("", landmarks), 16, {.kernel = 1});
             return p.add(p.splat(points, landmarks, x), p.conv("c", x, 16));
         }},
        {"add_of_a_living_value", 16, [](P p, Value x) { return p.add(p.relu(p.add(p.conv("c", x, 16), x)), x); }},
        {"add_of_a_dying_value", 16,
         [](P p, Value x) {
             const auto y = p.conv("a", x, 16);
             return p.add(y, p.conv("c", p.conv("b", y, 16), 16));
         }},
        {"add_of_the_convolved", 16,
         [](P p, Value x) {
             const auto y = p.conv("a", x, 16);
             return p.add(y, p.scale(p.conv("b", y, 16), 0.2));
         }},
        {"add_of_twice_the_same", 16,
         [](P p, Value x) {
             const auto y = p.conv("a", x, 16);
             return p.add(y, y);
         }},
        {"add_of_what_comes_later", 16,
         [](P p, Value x) {
             const auto a = p.conv("a", x, 16);
             return p.relu(p.add(a, p.conv("b", x, 16)));
         }},
        {"mul", 16, [](P p, Value x) { return p.mul(x, p.sigmoid(p.conv("c", x, 16))); }},
        {"mul_with_one_channel", 16,
         [](P p, Value x) { return p.relu(p.add(p.scale(p.mul(x, p.sigmoid(p.conv("c", x, 1))), 2), x)); }},
        {"mul_with_one_number", 16, [](P p, Value x) { return p.mul(x, p.conv("c", p.global_avg_pool(x), 1)); }},
        {"shift", 8, [](P p, Value x) { return p.relu(p.shift(x, -0.25)); }},
        {"shift_of_channels", 3,
         [](P p, Value x) {
             return p.conv("c", p.shift(x, {0.1f, -0.2f, 0.3f}), 16);
         }},
        {"scale_of_channels", 3,
         [](P p, Value x) {
             return p.add(p.relu(p.scale(x, {2, -3, 0.5f})), x);
         }},
        {"affine_of_a_convolution", 16,
         [](P p, Value x) {
             std::vector<float> by;
             for (int c = 0; c < 16; ++c) by.push_back(0.1f * static_cast<float>(c) - 0.7f);
             const auto y = p.scale(p.shift(p.batch_norm("n", p.conv("c", x, 16)), by), by);
             return p.relu(p.add(p.shift(p.scale(y, 3), 1), x));
         }},
        {"affine_of_the_input", 3,
         [](P p, Value x) {
             return p.scale(p.shift(p.conv("c", p.scale(p.shift(x, {0.4f, 0.5f, 0.6f}), 255), 3), {1, 2, 3}),
                            1.0 / 255);
         }},
        {"affine_of_features", 8, [](P p, Value x) { return p.shift(p.linear("l", p.flatten(x, 96), 7), 2); }},
        {"affine_of_a_pool", 16, [](P p, Value x) { return p.shift(p.max_pool(x, 2, 2), 0.5); }},
        {"squeeze_excitation", 16,
         [](P p, Value x) {
             const auto g = p.sigmoid(p.conv("c", p.global_avg_pool(x), 16, {.kernel = 1}));
             return p.relu(p.add(p.mul(x, g), x));
         }},
        {"concat_and_slice", 16,
         [](P p, Value x) {
             return p.concat({p.slice(x, 3, 9), x, p.conv("c", p.concat({x, x}), 32)});
         }},
        {"pad", 8, [](P p, Value x) { return p.pad(x, {.left = 1, .right = 2, .top = 3, .bottom = 0}); }},
        {"pad_reflected", 8,
         [](P p, Value x) {
             return p.conv("c", p.pad_reflected(x, {.left = 1, .right = 2, .top = 3, .bottom = 1}), 8, {.padding = 0});
         }},
        {"sum_channels", 8,
         [](P p, Value x) {
             return p.sum_channels(x, {{0, 1, 2, 3}, {7}, {4, 6}});
         }},
        {"divide_by_peak", 8, [](P p, Value x) { return p.divide_by_peak(p.conv("c", x, 8), 0.05); }},
        {"selected_channels", 8,
         [](P p, Value x) {
             return p.linear("l", p.sum_channels(p.flatten(x, 96), {{5}, {700}, {96}, {5}}), 3);
         }},
        {"covariance", 16, [](P p, Value x) { return p.conv("c", p.covariance(x, 1e-3), 8); }},
        {"congruence", 16,
         [](P p, Value x) { return p.congruence("w", p.covariance(p.conv("c", x, 24), 1e-3), 24, 10); }},
        {"log_of_eigenvalues", 16,
         [](P p, Value x) {
             const auto matrix = p.congruence("w", p.covariance(x, 1e-3), 16, 8);
             return p.linear("l", p.flatten(p.map_eigenvalues(matrix, 1e-4, 1e4, true), 64), 5);
         }},
        {"clipped_eigenvalues", 16,  // of about .03 to .15 each
         [](P p, Value x) { return p.relu(p.map_eigenvalues(p.covariance(x, 0), 0.06, 0.11, false)); }},
        {"log_of_a_matrix_that_is_fed", 8,
         [](P p, Value x) {
             const auto matrix = p.congruence("w", p.input(1, "matrix", {6, 6}), 6, 6);
             p.output("log", p.map_eigenvalues(matrix, 0.01, 2, true));
             return p.conv("c", x, 8);
         }},
        {"max_pool", 16, [](P p, Value x) { return p.max_pool(x, 3, 2, 1); }},
        {"avg_pool", 16, [](P p, Value x) { return p.avg_pool(x, 3, 2, 1); }},
        {"adaptive_avg_pool", 16, [](P p, Value x) { return p.adaptive_avg_pool(x, 7, 5); }},
        {"global_avg_pool", 40, [](P p, Value x) { return p.global_avg_pool(x); }},
        {"enlarge_nearest", 16, [](P p, Value x) { return p.enlarge_nearest(x, 3); }},
        {"conv_of_the_enlarged", 16,
         [](P p, Value x) { return p.leaky_relu(p.batch_norm("n", p.conv("c", p.enlarge_nearest(x, 2), 24)), 0.2); }},
        {"sum_of_the_enlarged", 16,
         [](P p, Value x) {
             const auto y = p.enlarge_nearest(x, 2);
             return p.add(p.conv("c", p.enlarge_nearest(x, 2), 16), y);
         }},
        {"enlarge_bilinear", 16, [](P p, Value x) { return p.enlarge_bilinear(x, 2); }},
        {"enlarge_bilinear_by_corners", 16, [](P p, Value x) { return p.enlarge_bilinear(x, 2, true); }},
        {"weights_shared_by_steps", 16,
         [](P p, Value x) {
             const auto once = [&](Value y) { return p.prelu("a", p.batch_norm("n", p.conv("c", y, 16))); };
             return p.conv("d", p.conv("d", once(once(x)), 16), 16);
         }},
        {"enlarge_bicubic", 16, [](P p, Value x) { return p.enlarge_bicubic(x, 4); }},
        {"pixel_shuffle", 27, [](P p, Value x) { return p.pixel_shuffle(x, 3); }},
        {"pixel_unshuffle", 3, [](P p, Value x) { return p.pixel_unshuffle(x, 2); }},
        {"dropout", 8, [](P p, Value x) { return p.conv("c", p.dropout(x, 0.5), 8); }},
    };
    return steps;
}

}  // namespace affectsr
