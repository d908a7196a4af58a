#include "affectsr/engine/packed_weights.h"

#include <cmath>
#include <cstring>

#include "affectsr/base/error.h"

namespace affectsr::engine {

using dnnl::memory;

const dnnl::engine& processor() {
    static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

namespace {

/// Name and shape of every tensor that a step reads in inference.
std::vector<std::pair<std::string, std::vector<std::int64_t>>> wanted_by(const Step& s) {
    const std::int64_t in = s.in_channels, out = s.out_channels, k = s.kernel;
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> wanted;
    const auto want = [&](const char* name, std::vector<std::int64_t> shape) {
        wanted.emplace_back(s.name + "." + name, std::move(shape));
    };
    switch (s.kind) {
        case StepKind::conv:
            want("weight", {out, in / s.groups, k, k});
            break;
        case StepKind::conv_transpose:
            want("weight", {in, out / s.groups, k, k});
            break;
        case StepKind::linear:
            want("weight", {out, in});
            break;
        case StepKind::batch_norm:
            want("running_mean", {out});
            want("running_var", {out});
            [[fallthrough]];
        case StepKind::layer_norm:
            want("weight", {out});
            want("bias", {out});
            return wanted;
        case StepKind::instance_norm:
            if (s.bias) want("weight", {out});
            break;
        case StepKind::prelu:
            want("weight", {out});
            break;
        default:
            return wanted;
    }
    if (s.bias) want("bias", {out});
    return wanted;
}

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
    for (const Step& step : plan.steps)
        for (const auto& [name, shape] : wanted_by(step)) {
            const auto found = tensors_.find(name);
            if (found == tensors_.end())
                problems += "; missing " + name;
            else if (found->second.shape() != shape)
                problems += "; " + name + " has the wrong shape";
        }
    if (!problems.empty()) throw ModelError("model_does_not_fit", "the weights do not fit the network" + problems);
}

std::vector<float> Weights::tensor(const Step& step, const std::string& name) const {
    return tensors_.at(step.name + "." + name).floats();
}

ChannelNumbers Weights::scale_and_shift(const Step& step) const {
    const auto channels = static_cast<std::size_t>(step.out_channels);
    ChannelNumbers n{std::vector<float>(channels, 1.0f), std::vector<float>(channels, 0.0f)};
    const bool learned = step.kind != StepKind::instance_norm || step.bias;
    if (learned) n = {tensor(step, "weight"), tensor(step, "bias")};
    return n;
}

ChannelNumbers Weights::norm(const Step& step) const {
    ChannelNumbers n = scale_and_shift(step);
    const std::vector<float> mean = tensor(step, "running_mean"), variance = tensor(step, "running_var");
    for (std::size_t c = 0; c < mean.size(); ++c) {
        const double deviation = std::sqrt(double{variance[c]} + step.epsilon);
        n.scale[c] = static_cast<float>(double{n.scale[c]} / deviation);
        n.shift[c] -= mean[c] * n.scale[c];
    }
    return n;
}

/// Per output channel: what the weights are multiplied by, and the bias that results.
ChannelNumbers Weights::folded(const Operation& o) const {
    const Step& s = plan_.steps[o.step];
    const auto channels = static_cast<std::size_t>(s.out_channels);
    ChannelNumbers n{std::vector<float>(channels, 1.0f), std::vector<float>(channels, 0.0f)};
    if (o.norm >= 0) n = norm(plan_.steps[static_cast<std::size_t>(o.norm)]);
    const std::vector<float> bias = s.bias ? tensor(s, "bias") : std::vector<float>(channels, 0.0f);
    for (std::size_t c = 0; c < channels; ++c) {
        n.shift[c] = o.epilogue.factor * (n.shift[c] + n.scale[c] * bias[c]);
        n.scale[c] *= o.epilogue.factor;
    }
    return n;
}

memory::dims Weights::weight_dims(const Operation& o) const {
    const Step& s = plan_.steps[o.step];
    const memory::dim g = s.groups, in = s.in_channels / g, out = s.out_channels / g;
    const memory::dim k = o.enlarged > 1 ? 2 : s.kernel;
    if (s.kind == StepKind::linear) return {s.out_channels, s.in_channels};
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

memory Weights::packed(const Operation& o, const memory::desc& wanted, int parity) {
    for (const Packed& p : packed_)
        if (p.step == o.step && p.parity == parity && p.memory.get_desc() == wanted) return p.memory;
    const Step& s = plan_.steps[o.step];
    std::vector<float> values = tensor(s, "weight");
    const std::vector<float> scale = folded(o).scale;
    const bool transposed = s.kind == StepKind::conv_transpose;
    const auto out = static_cast<std::size_t>(s.out_channels), groups = static_cast<std::size_t>(s.groups);
    const std::size_t window = static_cast<std::size_t>(s.kernel) * static_cast<std::size_t>(s.kernel);
    const std::size_t per_channel = values.size() / out;  // of a row-major [out, …]
    for (std::size_t i = 0; i < values.size(); ++i) {
        // [in, out/g, k, k]: group and channel within the group come from different dimensions.
        const std::size_t within = i / window % (out / groups);
        const std::size_t group = i / window / (out / groups) / (static_cast<std::size_t>(s.in_channels) / groups);
        values[i] *= scale[transposed ? group * (out / groups) + within : i / per_channel];
    }
    if (o.enlarged > 1) values = for_parity(values, parity);
    using Tag = memory::format_tag;
    const Tag tag = s.kind == StepKind::linear ? Tag::oi
                    : s.groups == 1            ? (transposed ? Tag::iohw : Tag::oihw)
                                               : (transposed ? Tag::giohw : Tag::goihw);
    memory plain({weight_dims(o), memory::data_type::f32, tag}, processor(), values.data());
    memory made(wanted, processor(), memory_.take(wanted.get_size()));
    dnnl::stream once(processor());
    dnnl::reorder(plain, made).execute(once, plain, made);
    once.wait();
    packed_.push_back({o.step, parity, made});
    return made;
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
