#include "affectsr/learn/plan_module.h"

#include <torch/nn/functional/upsampling.h>

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/learn/generative_steps.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/matrix_steps.h"
#include "affectsr/learn/point_steps.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/plan/fit.h"

namespace affectsr {

namespace {

/// The nested module at a dotted path, made where it is missing: LibTorch forbids dots in one name.
torch::nn::Module& nested(torch::nn::Module& root, const std::string& path) {
    torch::nn::Module* module = &root;
    std::size_t begin = 0;
    while (begin <= path.size()) {
        const std::size_t dot = std::min(path.find('.', begin), path.size());
        const std::string part = path.substr(begin, dot - begin);
        const auto children = module->named_children();
        if (const auto* child = children.find(part))
            module = child->get();
        else
            module = module->register_module(part, std::make_shared<torch::nn::Module>(part)).get();
        begin = dot + 1;
    }
    return *module;
}

}  // namespace

PlanModule::PlanModule(Plan plan, std::uint64_t seed)
    : torch::nn::Module("PlanModule"),
      plan_(std::move(plan)),
      needed_(plan_.needed_steps()),
      exact_(plan_.exact_steps()) {
    const TensorMap first = first_weights(plan_, seed);
    last_use_.assign(plan_.steps.size(), -1);
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
        tensors_.push_back(register_step(plan_.steps[i], first));
        for (const int input : plan_.steps[i].inputs) last_use_[static_cast<std::size_t>(input)] = static_cast<int>(i);
    }
    for (const Plan::Output& output : plan_.outputs)
        last_use_[static_cast<std::size_t>(output.step)] = static_cast<int>(plan_.steps.size());
}

StepTensors PlanModule::register_step(const Step& s, const TensorMap& first) {
    StepTensors t;
    if (const auto* shift = s.as<step::Shift>()) t.constants = torch::tensor(shift->by).view({-1, 1, 1});
    if (const auto* sums = s.as<step::SumChannels>()) t.constants = grouping(*sums, s.in_channels);
    if (const auto* scale = s.as<step::Scale>()) t.constants = torch::tensor(scale->by).view({-1, 1, 1});
    if (const auto* mix = s.as<step::MixPositions>()) t.constants = mixing_matrix(*mix);
    for (const Parameter& parameter : parameters_of(s)) {
        torch::nn::Module& owner = nested(*this, s.name);
        const std::string name = parameter.name.substr(s.name.size() + 1);
        const bool learned = parameter.role == Parameter::Role::learned;
        const auto known = learned ? owner.named_parameters(false) : owner.named_buffers(false);
        Tensor value;
        if (const Tensor* shared = known.find(name))  // by an earlier step of this name
            value = *shared;
        else if (learned)
            value = owner.register_parameter(name, to_tensor(first.at(parameter.name)));
        else
            value = owner.register_buffer(name, to_tensor(first.at(parameter.name)));
        if (name == "weight")
            t.weight = value;
        else if (name == "bias")
            t.bias = value;
        else if (name == "noise")
            t.noise = value;
        else if (name == "running_mean")
            t.running_mean = value;
        else if (name == "running_var")
            t.running_var = value;
        else
            t.batches_tracked = value;
    }
    return t;
}

namespace {

namespace F = torch::nn::functional;

/// By parts of itself: LibTorch 1.13 has no reflection_pad2d of bfloat16 on the CPU.
Tensor reflected(const Tensor& x, const Margins& m) {
    const auto along = [](const Tensor& t, std::int64_t axis, std::int64_t before, std::int64_t after) {
        const std::int64_t size = t.size(axis);
        std::vector<Tensor> parts;
        if (before > 0) parts.push_back(t.slice(axis, 1, 1 + before).flip(axis));
        parts.push_back(t);
        if (after > 0) parts.push_back(t.slice(axis, size - 1 - after, size - 1).flip(axis));
        return torch::cat(parts, axis);
    };
    return along(along(x, 2, m.top, m.bottom), 3, m.left, m.right);
}

/// LibTorch 1.13 takes a transposed convolution of bfloat16 on the CPU for one that is not.
Tensor transposed(const Tensor& x, const StepTensors& t, const step::ConvTranspose& c) {
    const auto play = [&c](const Tensor& picture, const Tensor& weight, const Tensor& bias) {
        return torch::conv_transpose2d(picture, weight, bias, c.stride, c.padding, c.output_padding, c.groups);
    };
    const bool mistaken =
        x.device().is_cpu() && x.scalar_type() == at::kBFloat16 && t.weight.scalar_type() == at::kBFloat16;
    if (!mistaken) return play(x, t.weight, t.bias);
    const Tensor bias = t.bias.defined() ? t.bias.to(at::kFloat) : t.bias;
    return play(x.to(at::kFloat), t.weight.to(at::kFloat), bias).to(at::kBFloat16);
}

template <class Mode>
Tensor enlarged(const Tensor& x, int factor, Mode mode, bool align_corners = false) {
    const auto options = F::InterpolateFuncOptions().scale_factor(std::vector<double>(2, factor)).mode(mode);
    if constexpr (std::is_same_v<Mode, torch::enumtype::kNearest>) return F::interpolate(x, options);
    return F::interpolate(x, F::InterpolateFuncOptions(options).align_corners(align_corners));
}

}  // namespace

bool PlanModule::is_of_bf16() const {
    const auto first =
        std::find_if(tensors_.begin(), tensors_.end(), [](const StepTensors& t) { return t.weight.defined(); });
    return first != tensors_.end() && first->weight.scalar_type() == at::kBFloat16;
}

Tensor PlanModule::play_step(std::size_t index, const std::vector<Tensor>& inputs) {
    const Step& s = plan_.steps[index];
    StepTensors& t = tensors_[index];
    const Tensor& x = inputs.at(0);
    const bool learning = is_training();
    if (t.constants.defined() && t.constants.device() != x.device()) t.constants = t.constants.to(x.device());
    const auto constants = [&] {
        const Tensor here = t.constants.to(x.options());  // as precise as the value, or sums would be promoted
        return x.dim() == 2 ? here.flatten() : here;
    };
    const auto matrix = [&](const Tensor& made) {
        return exact_[index] || !is_of_bf16() ? made : made.to(at::kBFloat16);
    };
    return std::visit(
        OneOfThese{
            [&](const step::Conv& c) { return torch::conv2d(x, t.weight, t.bias, c.stride, c.padding, 1, c.groups); },
            [&](const step::ConvTranspose& c) { return transposed(x, t, c); },
            [&](const step::Linear&) { return torch::linear(x, t.weight, t.bias); },
            [&](const step::BatchNorm& n) {
                if (learning) t.batches_tracked.add_(1);
                if (learning && shared_.ranks > 1)
                    return sync_batch_norm(x, {t.weight, t.bias, t.running_mean, t.running_var}, 0.1, n.epsilon,
                                           shared_);
                return torch::batch_norm(x, t.weight, t.bias, t.running_mean, t.running_var, learning, 0.1, n.epsilon,
                                         true);
            },
            [&](const step::InstanceNorm& n) {
                return torch::instance_norm(x, t.weight, t.bias, {}, {}, true, 0, n.epsilon, true);
            },
            [&](const step::LayerNorm& n) {
                const auto norm = [&](const Tensor& rows) {
                    return torch::layer_norm(rows, {s.out_channels}, t.weight, t.bias, n.epsilon);
                };
                return x.dim() == 2 ? norm(x) : norm(x.permute({0, 2, 3, 1})).permute({0, 3, 1, 2});
            },
            [&](const step::GroupNorm& n) { return torch::group_norm(x, n.groups, t.weight, t.bias, n.epsilon); },
            [&](const step::Silu&) { return torch::silu(x); },
            [&](const step::Gelu&) { return torch::gelu(x); },
            [&](const step::Attention& a) { return attended(x, inputs.at(1), inputs.at(2), a.heads); },
            [&](const step::Lookup&) { return looked_up(x, t.weight); },
            [&](const step::Adain& a) { return with_moments_of(x, inputs.at(1), a.epsilon); },
            [&](const step::AddParameter&) { return x + t.weight; },
            [&](const step::Constant& c) {
                return t.weight.expand({x.size(0), s.out_channels, c.height, c.width}).contiguous();
            },
            [&](const step::AddNoise&) { return x + t.weight * t.noise; },
            [&](const step::Demodulation& d) { return demodulation(x, t.weight, d.epsilon); },
            [&](const step::Relu&) { return torch::relu(x); },
            [&](const step::LeakyRelu& l) { return torch::leaky_relu(x, l.slope); },
            [&](const step::Prelu&) { return torch::prelu(x, t.weight); },
            [&](const step::Sigmoid&) { return torch::sigmoid(x); },
            [&](const step::Tanh&) { return torch::tanh(x); },
            [&](const step::Softmax& soft) {
                return soft.parts > 0 ? softmax_over_parts(x, soft.parts) : x.softmax(1);
            },
            [&](const step::Add&) { return x + inputs.at(1); },
            [&](const step::Mul&) {
                const Tensor& by = inputs.at(1);
                return x * (x.dim() == 4 && by.dim() == 2 ? by.unsqueeze(2).unsqueeze(3) : by);
            },
            [&](const step::Shift&) { return x + constants(); },
            [&](const step::Scale& f) { return f.by.size() == 1 ? x * double{f.by[0]} : x * constants(); },
            [&](const step::MixPositions&) { return mixed_positions(x, t.constants); },
            [&](const step::Splat&) { return splatted(x, inputs.at(1), inputs.at(2)); },
            [&](const step::Concat&) { return torch::cat(inputs, 1); },
            [&](const step::Slice& c) { return x.slice(1, c.begin, c.begin + s.out_channels); },
            [&](const step::Pad& p) {
                const Margins& m = p.margins;
                return torch::constant_pad_nd(x, {m.left, m.right, m.top, m.bottom}, 0);
            },
            [&](const step::PadReflected& p) { return reflected(x, p.margins); },
            [&](const step::SumChannels&) { return summed_channels(x, t.constants); },
            [&](const step::DivideByPeak& d) {
                return x / torch::amax(x, {2, 3}, true).clamp_min(d.least);
            },
            [&](const step::Covariance& c) { return matrix(covariance(x, c.ridge)); },
            [&](const step::Congruence&) { return matrix(congruence(x, t.weight)); },
            [&](const step::MapEigenvalues& m) { return matrix(mapped_eigenvalues(x, m)); },
            [&](const step::MaxPool& p) { return torch::max_pool2d(x, p.kernel, p.stride, p.padding); },
            [&](const step::AvgPool& p) { return torch::avg_pool2d(x, p.kernel, p.stride, p.padding); },
            [&](const step::AdaptiveAvgPool& p) {
                return torch::adaptive_avg_pool2d(x, {p.height, p.width});
            },
            [&](const step::GlobalAvgPool&) {
                return torch::adaptive_avg_pool2d(x, {1, 1});
            },  // [n, c, 1, 1]
            [&](const step::EnlargeNearest& e) { return enlarged(x, e.factor, torch::kNearest); },
            [&](const step::EnlargeBilinear& e) { return enlarged(x, e.factor, torch::kBilinear, e.align_corners); },
            [&](const step::EnlargeBicubic& e) { return enlarged(x, e.factor, torch::kBicubic); },
            [&](const step::PixelShuffle& p) { return torch::pixel_shuffle(x, p.factor); },
            [&](const step::PixelUnshuffle& p) { return torch::pixel_unshuffle(x, p.factor); },
            [&](const step::Flatten&) { return torch::flatten(x, 1); },  // [n, c·h·w]
            [&](const step::Dropout& d) { return torch::dropout(x, d.probability, learning); },
            [&](const step::PlanInput&) -> Tensor { throw Bug("an input is fed, not played"); },
        },
        s.kind);
}

std::map<std::string, Tensor> PlanModule::play(const Tensor& input) {
    std::map<std::string, Tensor> inputs;
    for (const int index : plan_.inputs())
        inputs[plan_.steps[static_cast<std::size_t>(index)].as<step::PlanInput>()->name] = input;
    AFFECTSR_EXPECT(inputs.size() == 1, "this call is for plans with one input");
    return play(inputs);
}

void PlanModule::expect_inputs(const std::map<std::string, Tensor>& inputs) const {
    for (const int index : plan_.inputs()) {
        const Step& step = plan_.steps[static_cast<std::size_t>(index)];
        const std::string& name = step.as<step::PlanInput>()->name;
        const auto fed = inputs.find(name);
        if (fed == inputs.end()) throw UsageError("the network's input \"" + name + "\" is not fed");
        AFFECTSR_EXPECT(fed->second.dim() >= 2 && fed->second.size(1) == step.out_channels,
                        "the network wants " + std::to_string(step.out_channels) + " channels");
    }
}

namespace {

bool has_batch_norms(const Plan& plan) {
    return std::any_of(plan.steps.begin(), plan.steps.end(),
                       [](const Step& step) { return step.as<step::BatchNorm>() != nullptr; });
}

}  // namespace

std::map<std::string, Tensor> PlanModule::play(const std::map<std::string, Tensor>& inputs) {
    expect_inputs(inputs);
    const bool statistics_elsewhere = shared_.ranks > 1 && has_batch_norms(plan_);  // the engine knows its own alone
    if (play_ == Play::libtorch || !is_training() || statistics_elsewhere) return play_step_by_step(inputs);
    if (!fast_) fast_ = std::make_unique<FastStep>(plan_, tensors_);
    if (!fast_->can_play(inputs)) return play_step_by_step(inputs);
    return fast_->play(inputs,
                       [this](std::size_t step, const std::vector<Tensor>& read) { return play_step(step, read); });
}

std::map<std::string, Tensor> PlanModule::play_step_by_step(const std::map<std::string, Tensor>& inputs) {
    std::vector<Tensor> values(plan_.steps.size());
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
        if (!needed_[i]) continue;
        const Step& step = plan_.steps[i];
        if (const auto* in = step.as<step::PlanInput>()) {
            values[i] = inputs.at(in->name);
            continue;
        }
        std::vector<Tensor> read;
        for (const int used : step.inputs) read.push_back(values[static_cast<std::size_t>(used)]);
        values[i] = play_step(i, read);
        for (const int used : step.inputs)
            if (last_use_[static_cast<std::size_t>(used)] == static_cast<int>(i))
                values[static_cast<std::size_t>(used)] = Tensor();
    }
    std::map<std::string, Tensor> results;
    for (const Plan::Output& output : plan_.outputs)
        results[output.name] = values[static_cast<std::size_t>(output.step)];
    return results;
}

Tensor PlanModule::forward(const Tensor& input) {
    const std::map<std::string, Tensor> made = play(input);
    const auto out = made.size() == 1 ? made.begin() : made.find("out");
    AFFECTSR_EXPECT(out != made.end(), "forward() is for plans with one output or one called out");
    return out->second;
}

TensorMap state_of(const torch::nn::Module& module) {
    TensorMap state;
    for (const auto& item : module.named_parameters()) state[item.key()] = to_host(item.value());
    for (const auto& item : module.named_buffers()) state[item.key()] = to_host(item.value());
    return state;
}

void load_state(PlanModule& module, const TensorMap& tensors, const std::string& where) {
    expect_fit(module.plan(), tensors, where);
    const torch::NoGradGuard no_grad;
    const auto take = [&tensors](const std::string& name, Tensor to) {
        if (const auto found = tensors.find(name); found != tensors.end()) to.copy_(to_tensor(found->second));
    };
    for (const auto& item : module.named_parameters()) take(item.key(), item.value());
    for (const auto& item : module.named_buffers()) take(item.key(), item.value());
}

}  // namespace affectsr
