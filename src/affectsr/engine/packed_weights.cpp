#include "affectsr/engine/packed_weights.h"

#include <cmath>
#include <cstring>

#include "affectsr/base/error.h"
#include "affectsr/engine/winograd_kernels.h"

namespace affectsr::engine {

using dnnl::memory;

const dnnl::engine& processor() {
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

namespace {

memory f32_vector(const std::vector<float>& values) {
    memory made({{static_cast<memory::dim>(values.size())}, memory::data_type::f32, memory::format_tag::a},
                processor());
    std::memcpy(made.get_data_handle(), values.data(), values.size() * sizeof(float));
    return made;
}

}  // namespace

Weights::Weights(const Plan& plan, TensorMap tensors, bool bf16)
    : plan_(plan), tensors_(std::move(tensors)), bf16_(bf16) {
    std::string problems;
    for (const Parameter& wanted : plan.parameters()) {
        if (wanted.role == Parameter::Role::counter) continue;
        const auto found = tensors_.find(wanted.name);
        if (found == tensors_.end())
            problems += "; missing " + wanted.name;
        else if (found->second.shape() != wanted.shape)
            problems += "; " + wanted.name + " has the wrong shape";
    }
    if (!problems.empty()) throw ModelError("model_does_not_fit", "the weights do not fit the network" + problems);
}

std::vector<float> Weights::tensor(const Step& step, const std::string& name) const {
    return tensors_.at(step.name + "." + name).floats();
}

ChannelNumbers Weights::scale_and_shift(const Step& step) const {
    const auto channels = static_cast<std::size_t>(step.out_channels);
    const auto* instance_norm = step.as<step::InstanceNorm>();
    const auto* group_norm = step.as<step::GroupNorm>();
    if ((instance_norm && !instance_norm->affine) || (group_norm && !group_norm->affine))
        return {std::vector<float>(channels, 1.0f), std::vector<float>(channels, 0.0f)};
    return {tensor(step, "weight"), tensor(step, "bias")};
}

namespace {

float of_channel(const std::vector<float>& by, std::size_t channel) {
    return by.size() == 1 ? by[0] : by[channel];
}

/// What a batch norm does to each channel in inference.
ChannelNumbers norm(const Weights& weights, const Step& step, double epsilon) {
    ChannelNumbers n = weights.scale_and_shift(step);
    const std::vector<float> mean = weights.tensor(step, "running_mean");
    const std::vector<float> variance = weights.tensor(step, "running_var");
    for (std::size_t c = 0; c < mean.size(); ++c) {
        const double deviation = std::sqrt(double{variance[c]} + epsilon);
        n.scale[c] = static_cast<float>(double{n.scale[c]} / deviation);
        n.shift[c] -= mean[c] * n.scale[c];
    }
    return n;
}

}  // namespace

ChannelNumbers Weights::affine(const Operation& o, std::size_t channels, const std::vector<float>& bias) const {
    ChannelNumbers all{std::vector<float>(channels, 1.0f), bias};
    all.shift.resize(channels, 0.0f);
    for (const int index : o.affine) {
        const Step& s = plan_.steps[static_cast<std::size_t>(index)];
        ChannelNumbers n;
        if (const auto* batch_norm = s.as<step::BatchNorm>()) n = norm(*this, s, batch_norm->epsilon);
        if (s.is<step::AddParameter>()) n = {std::vector<float>(channels, 1.0f), tensor(s, "weight")};
        for (std::size_t c = 0; c < channels; ++c) {
            if (const auto* shift = s.as<step::Shift>()) {
                all.shift[c] += of_channel(shift->by, c);
            } else {
                const auto* scale = s.as<step::Scale>();
                const float factor = scale ? of_channel(scale->by, c) : n.scale[c];
                all.scale[c] *= factor;
                all.shift[c] = all.shift[c] * factor + (scale ? 0.0f : n.shift[c]);
            }
        }
    }
    return all;
}

/// Per output channel: what the weights are multiplied by, and the bias that results.
ChannelNumbers Weights::folded(const Operation& o) const {
    const Step& s = plan_.steps[o.step];
    const auto channels = static_cast<std::size_t>(s.out_channels);
    const bool has_bias = parameters_of(s).size() > 1;
    return affine(o, channels, has_bias ? tensor(s, "bias") : std::vector<float>{});
}

namespace {

/// What convolutions, their transposes and linear layers have in common.
struct Window {
    int kernel = 1, groups = 1;
    bool transposed = false, linear = false;
};

Window window_of(const Step& s) {
    if (const auto* c = s.as<step::Conv>()) return {c->kernel, c->groups};
    if (const auto* c = s.as<step::ConvTranspose>()) return {c->kernel, c->groups, true};
    AFFECTSR_EXPECT(s.is<step::Linear>(), "only convolutions and linear layers have packed weights");
    return {.linear = true};
}

}  // namespace

memory::dims Weights::weight_dims(const Operation& o) const {
    const Step& s = plan_.steps[o.step];
    const Window w = window_of(s);
    const memory::dim g = w.groups, in = s.in_channels / g, out = s.out_channels / g;
    const memory::dim k = o.enlarged > 1 ? 2 : w.kernel;
    if (w.linear) return {out, in};
    if (g == 1) return {out, in, k, k};
    return {g, out, in, k, k};
}

namespace {

/// [.., 3, 3] → [.., 2, 2]: taps of an enlarged picture that fall on the same pixel of the small one are added. Even
/// rows look at pixels y − 1, y, y; odd ones at y, y, y + 1.
std::vector<float> for_parity(const std::vector<float>& weights, int parity) {
    const auto folded = [](int tap, int odd) { return odd ? tap / 2 : (tap + 1) / 2; };
    std::vector<float> made(weights.size() / 9 * 4);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const int y = folded(static_cast<int>(i % 9 / 3), parity / 2), x = folded(static_cast<int>(i % 3), parity % 2);
        made[i / 9 * 4 + static_cast<std::size_t>(2 * y + x)] += weights[i];
    }
    return made;
}

}  // namespace

/// By what an operation's packed weights are found: its step, or where nothing is folded into them the first of those
/// steps that share its name.
std::size_t Weights::owner(const Operation& o) const {
    const std::string& name = plan_.steps[o.step].name;
    for (std::size_t i = 0; o.affine.empty() && i < o.step; ++i)
        if (plan_.steps[i].name == name) return i;
    return o.affine.empty() ? o.step : o.step + plan_.steps.size();
}

std::shared_ptr<const PackedWeights> Weights::find(std::size_t step, int parity, const memory::desc& wanted) {
    std::erase_if(packed_, [](const auto& one) { return one.expired(); });
    for (const auto& weak : packed_)
        if (auto one = weak.lock();
            one && one->step == step && one->parity == parity && one->memory.get_desc() == wanted)
            return one;
    return nullptr;
}

std::shared_ptr<const PackedWeights> Weights::keep(PackedWeights made) {
    auto kept = std::make_shared<const PackedWeights>(std::move(made));
    packed_.push_back(kept);
    return kept;
}

/// The step's weights as they are stored, with the operation's scales.
std::vector<float> Weights::folded_weights(const Operation& o) const {
    const Step& s = plan_.steps[o.step];
    const Window w = window_of(s);
    std::vector<float> values = tensor(s, "weight");
    const std::vector<float> scale = folded(o).scale;
    const auto out = static_cast<std::size_t>(s.out_channels), groups = static_cast<std::size_t>(w.groups);
    const std::size_t area = static_cast<std::size_t>(w.kernel) * static_cast<std::size_t>(w.kernel);
    const std::size_t per_channel = values.size() / out;  // of a row-major [out, …]
    for (std::size_t i = 0; i < values.size(); ++i) {
        // [in, out/g, k, k]: group and channel within the group come from different dimensions.
        const std::size_t within = i / area % (out / groups);
        const std::size_t group = i / area / (out / groups) / (static_cast<std::size_t>(s.in_channels) / groups);
        values[i] *= scale[w.transposed ? group * (out / groups) + within : i / per_channel];
    }
    return values;
}

std::shared_ptr<const PackedWeights> Weights::packed(const Operation& o, const memory::desc& wanted,
                                                     const std::shared_ptr<LargePages>& pages, int parity) {
    if (auto found = find(owner(o), parity, wanted)) return found;
    const Window w = window_of(plan_.steps[o.step]);
    std::vector<float> values = folded_weights(o);
    if (o.enlarged > 1) values = for_parity(values, parity);
    using Tag = memory::format_tag;
    const Tag tag = w.linear        ? Tag::oi
                    : w.groups == 1 ? (w.transposed ? Tag::iohw : Tag::oihw)
                                    : (w.transposed ? Tag::giohw : Tag::goihw);
    memory plain({weight_dims(o), memory::data_type::f32, tag}, processor(), values.data());
    memory made(wanted, processor(), pages->take(wanted.get_size()));
    dnnl::stream once(processor());
    dnnl::reorder(plain, made).execute(once, plain, made);
    once.wait();
    return keep({owner(o), parity, made, pages});
}

std::shared_ptr<const PackedWeights> Weights::winograd(const Operation& o, const std::shared_ptr<LargePages>& pages) {
    const Step& s = plan_.steps[o.step];
    const memory::desc wanted({kWinogradProducts, s.in_channels, s.out_channels}, memory::data_type::f32,
                              memory::format_tag::abc);
    if (auto found = find(owner(o), 0, wanted)) return found;
    const std::vector<float> values = folded_weights(o);
    memory made(wanted, processor(), pages->take(wanted.get_size()));
    winograd_weights(static_cast<float*>(made.get_data_handle()), values.data(),
                     static_cast<std::size_t>(s.out_channels), static_cast<std::size_t>(s.in_channels));
    return keep({owner(o), 0, made, pages});
}

std::size_t Weights::packed_bytes() const {
    std::size_t bytes = 0;
    for (const auto& weak : packed_)
        if (const auto one = weak.lock()) bytes += one->memory.get_desc().get_size();
    return bytes;
}

memory Weights::bias(const Operation& o) {
    const std::string key = "bias of step " + std::to_string(o.step);
    auto found = vectors_.find(key);
    if (found == vectors_.end()) found = vectors_.emplace(key, f32_vector(folded(o).shift)).first;
    return found->second;
}

memory Weights::vector(const Step& step, const std::string& name) {
    const std::string key = step.name + "." + name;
    auto found = vectors_.find(key);
    if (found == vectors_.end()) found = vectors_.emplace(key, f32_vector(tensor(step, name))).first;
    return found->second;
}

}  // namespace affectsr::engine
