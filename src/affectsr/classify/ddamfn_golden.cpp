// Golden runner of ddamfn: the authors' PyTorch version, with the gradients of their loss.
#include <cmath>

#include "affectsr/classify/ddamfn.h"
#include "affectsr/classify/imagenet.h"
#include "affectsr/classify/test_softmax.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

constexpr double kAttentionWeight = 0.1, kLeast = 2.2e-16;  // of the authors' training script

/// The reference sees normalised colours, the plan normalises them.
HostTensor without_norms(const HostTensor& normalised) {
    return with_channels(normalised, [](float value, std::size_t channel) {
        return value * kImagenetDeviation[channel] + kImagenetMean[channel];
    });
}

/// The heads' maps lie one after the other in the channels.
struct Maps {
    std::vector<float> values;
    std::size_t pictures, heads, numbers;  ///< numbers of one head and picture
    float at(std::size_t picture, std::size_t head, std::size_t i) const {
        return values[(picture * heads + head) * numbers + i];
    }
};

Maps maps_of(const HostTensor& attention, std::size_t heads) {
    const auto pictures = static_cast<std::size_t>(attention.shape().at(0));
    return {attention.floats(), pictures, heads, static_cast<std::size_t>(attention.count()) / pictures / heads};
}

/// Σ over the pairs of heads of the mean squared difference.
double differences(const Maps& maps) {
    double sum = 0;
    for (std::size_t n = 0; n < maps.pictures; ++n)
        for (std::size_t a = 0; a < maps.heads; ++a)
            for (std::size_t b = a + 1; b < maps.heads; ++b)
                for (std::size_t i = 0; i < maps.numbers; ++i)
                    sum += std::pow(static_cast<double>(maps.at(n, a, i) - maps.at(n, b, i)), 2);
    return sum / static_cast<double>(maps.pictures * maps.numbers);
}

double attention_loss(const Maps& maps) {
    return static_cast<double>(maps.heads * (maps.heads - 1) / 2) / (differences(maps) + kLeast);
}

HostTensor attention_gradient(const HostTensor& attention, std::size_t heads) {
    const Maps maps = maps_of(attention, heads);
    const auto pairs = static_cast<double>(heads * (heads - 1) / 2);
    const double by_differences = -kAttentionWeight * pairs / std::pow(differences(maps) + kLeast, 2);
    std::vector<float> gradient;
    for (std::size_t n = 0; n < maps.pictures; ++n)
        for (std::size_t a = 0; a < heads; ++a)
            for (std::size_t i = 0; i < maps.numbers; ++i) {
                double sum = 0;
                for (std::size_t b = 0; b < heads; ++b) sum += static_cast<double>(maps.at(n, a, i) - maps.at(n, b, i));
                gradient.push_back(
                    static_cast<float>(by_differences * 2 * sum / static_cast<double>(maps.pictures * maps.numbers)));
            }
    return HostTensor::from_floats(gradient, attention.shape());
}

/// ∂ mean cross entropy / ∂ logits.
HostTensor logits_gradient(const HostTensor& logits, const std::vector<std::int64_t>& labels) {
    std::vector<float> gradient = softmax_rows(logits).floats();
    const auto classes = static_cast<std::size_t>(logits.shape()[1]);
    for (std::size_t n = 0; n < labels.size(); ++n) gradient[n * classes + static_cast<std::size_t>(labels[n])] -= 1;
    for (float& number : gradient) number /= static_cast<float>(labels.size());
    return HostTensor::from_floats(gradient, logits.shape());
}

double cross_entropy(const HostTensor& logits, const std::vector<std::int64_t>& labels) {
    const std::vector<float> probabilities = softmax_rows(logits).floats();
    const auto classes = static_cast<std::size_t>(logits.shape()[1]);
    double sum = 0;
    for (std::size_t n = 0; n < labels.size(); ++n)
        sum -= std::log(static_cast<double>(probabilities[n * classes + static_cast<std::size_t>(labels[n])]));
    return sum / static_cast<double>(labels.size());
}

HostTensor one_number(double value) {
    return HostTensor::from_floats(std::vector<float>{static_cast<float>(value)}, {1});
}

/// [n, 512 · heads, px, px] → the channels of one head.
HostTensor head_of(const HostTensor& attention, std::size_t heads, std::size_t head) {
    const Maps maps = maps_of(attention, heads);
    std::vector<float> values;
    for (std::size_t n = 0; n < maps.pictures; ++n)
        for (std::size_t i = 0; i < maps.numbers; ++i) values.push_back(maps.at(n, head, i));
    std::vector<std::int64_t> shape = attention.shape();
    shape[1] /= static_cast<std::int64_t>(heads);
    return HostTensor::from_floats(values, shape);
}

Outputs finished(const std::map<std::string, HostTensor>& values, std::size_t heads,
                 const std::vector<std::int64_t>& labels, const std::vector<std::int64_t>& kept_features) {
    const HostTensor &logits = values.at("expression"), &attention = values.at("attention");
    const double attended = attention_loss(maps_of(attention, heads));
    Outputs outputs{
        {"output.logits", logits},
        {"output.features", strided(values.at("features.8"), kept_features)},
        {"output.attention_loss", one_number(attended)},
        {"output.loss", one_number(cross_entropy(logits, labels) + kAttentionWeight * attended)},
        {"stage.conv1", strided(first_channels(values.at("features.0"), 8), {logits.shape()[0], 8, 14, 14})},
        {"stage.conv_3_mean", spatial_mean(values.at("features.3"))},
        {"stage.conv_4_mean", spatial_mean(values.at("features.5"))}};
    for (std::size_t i = 0; i < heads; ++i) {
        const std::string head = "output.head" + std::to_string(i);
        outputs[head + "_mean"] = spatial_mean(head_of(attention, heads, i));
        outputs[head + "_c0"] = first_channels(head_of(attention, heads, i), 16);
    }
    if (!values.contains("grad.fc.weight")) return outputs;
    outputs["output.grad_fc_weight"] = values.at("grad.fc.weight");
    outputs["output.grad_first_conv"] = values.at("grad.features.0.conv.weight");
    const std::vector<float> rows = values.at("grad.cat_head0.CoordAtt.conv2.weight").floats();
    outputs["output.grad_head0_conv2"] = HostTensor::from_floats({rows.begin(), rows.begin() + 64 * 16}, {64, 16});
    return outputs;
}

PlanCase describe(const Case& golden_case) {
    DdamfnOptions options;
    options.attention_heads = golden_case.config.at("num_head");
    const ExpressionNetwork network = ddamfn(options);
    PlanCase made{network.plan, without_norms(golden_case.input("x"))};
    made.rename = network.rename_published;
    for (const char* mark : {"features.0", "features.3", "features.5", "features.8", "attention"})
        made.plan.output_mark(mark);
    const auto heads = static_cast<std::size_t>(options.attention_heads);
    const std::vector<std::int64_t> labels = golden_case.input("label").ints();
    made.loss_gradient = [heads, labels](const std::string& name, const HostTensor& value) {
        if (name == "expression") return logits_gradient(value, labels);
        if (name == "attention") return attention_gradient(value, heads);
        return with_channels(value, [](float, std::size_t) { return 0.0F; });
    };
    const std::vector<std::int64_t> kept = golden_case.tensors.at("output.features").shape();
    made.finish = [heads, labels, kept](const auto& values) { return finished(values, heads, labels, kept); };
    return made;
}

const bool kRegistered = register_plan("ddamfn", describe);

}  // namespace
}  // namespace affectsr::golden
