#include "affectsr/learn/plan_module.h"

#include <torch/torch.h>

#include "affectsr/base/error.h"
#include "affectsr/learn/autocast.h"

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

Tensor he_normal(at::IntArrayRef shape, double fan_out) {
    return torch::randn(shape) * std::sqrt(2.0 / fan_out);
}

}  // namespace

PlanModule::PlanModule(Plan plan) : torch::nn::Module("PlanModule"), plan_(std::move(plan)) {
    last_use_.assign(plan_.steps.size(), -1);
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
        parameters_.push_back(register_step(plan_.steps[i]));
        for (const int input : plan_.steps[i].inputs) last_use_[static_cast<std::size_t>(input)] = static_cast<int>(i);
    }
    for (const Plan::Output& output : plan_.outputs)
        last_use_[static_cast<std::size_t>(output.step)] = static_cast<int>(plan_.steps.size());
}

PlanModule::Parameters PlanModule::register_step(const Step& s) {
    Parameters p;
    const std::int64_t in = s.in_channels, out = s.out_channels, k = s.kernel;
    const auto owner = [&]() -> torch::nn::Module& { return nested(*this, s.name); };
    const auto scale_and_shift = [&] {
        p.weight = owner().register_parameter("weight", torch::ones({out}));
        p.bias = owner().register_parameter("bias", torch::zeros({out}));
    };
    switch (s.kind) {
        case StepKind::conv: {
            // He et al. 2015, fan-out: keeps the gradient's variance through rectified layers.
            const double fan_out = static_cast<double>(out * k * k) / s.groups;
            p.weight = owner().register_parameter("weight", he_normal({out, in / s.groups, k, k}, fan_out));
            break;
        }
        case StepKind::conv_transpose: {
            const double fan_out = static_cast<double>(out * k * k) / s.groups / (s.stride * s.stride);
            p.weight = owner().register_parameter("weight", he_normal({in, out / s.groups, k, k}, fan_out));
            break;
        }
        case StepKind::linear:
            p.weight = owner().register_parameter("weight",
                                                  torch::randn({out, in}) * std::sqrt(1.0 / static_cast<double>(in)));
            break;
        case StepKind::batch_norm:
            scale_and_shift();
            p.running_mean = owner().register_buffer("running_mean", torch::zeros({out}));
            p.running_var = owner().register_buffer("running_var", torch::ones({out}));
            p.batches_tracked = owner().register_buffer("num_batches_tracked", torch::zeros({}, torch::kLong));
            return p;
        case StepKind::instance_norm:
            if (s.bias) scale_and_shift();
            return p;
        case StepKind::layer_norm:
            scale_and_shift();
            return p;
        case StepKind::prelu:
            p.weight = owner().register_parameter("weight", torch::full({out}, 0.25));  // He et al. 2015, sec. 2.1
            return p;
        default:
            return p;
    }
    if (s.bias) p.bias = owner().register_parameter("bias", torch::zeros({out}));
    return p;
}

namespace {

namespace F = torch::nn::functional;

Tensor enlarge(const Tensor& x, const Step& s) {
    auto options = F::InterpolateFuncOptions().scale_factor(std::vector<double>{s.factor, s.factor});
    if (s.kind == StepKind::enlarge_nearest) return F::interpolate(x, options.mode(torch::kNearest));
    if (s.kind == StepKind::enlarge_bilinear)
        return F::interpolate(x, options.mode(torch::kBilinear).align_corners(false));
    return F::interpolate(x, options.mode(torch::kBicubic).align_corners(false));
}

}  // namespace

Tensor PlanModule::play_step(std::size_t index, const std::vector<Tensor>& values) {
    const Step& s = plan_.steps[index];
    Parameters& p = parameters_[index];
    const auto input = [&](std::size_t i) -> const Tensor& { return values[static_cast<std::size_t>(s.inputs.at(i))]; };
    const Tensor& x = input(0);
    switch (s.kind) {
        case StepKind::conv:
            return torch::conv2d(x, p.weight, p.bias, s.stride, s.padding, 1, s.groups);
        case StepKind::conv_transpose:
            return torch::conv_transpose2d(x, p.weight, p.bias, s.stride, s.padding, 0, s.groups);
        case StepKind::linear:
            return torch::linear(x, p.weight, p.bias);
        case StepKind::batch_norm:
            if (is_training()) p.batches_tracked.add_(1);
            return torch::batch_norm(x, p.weight, p.bias, p.running_mean, p.running_var, is_training(), 0.1, s.epsilon,
                                     true);
        case StepKind::instance_norm:
            return torch::instance_norm(x, p.weight, p.bias, {}, {}, true, 0, s.epsilon, true);
        case StepKind::layer_norm:
            return torch::layer_norm(x, {s.out_channels}, p.weight, p.bias, s.epsilon);
        case StepKind::relu:
            return torch::relu(x);
        case StepKind::leaky_relu:
            return torch::leaky_relu(x, s.slope);
        case StepKind::prelu:
            return torch::prelu(x, p.weight);
        case StepKind::sigmoid:
            return torch::sigmoid(x);
        case StepKind::tanh:
            return torch::tanh(x);
        case StepKind::softmax:
            return torch::softmax(x, 1);
        case StepKind::add:
            return x + input(1);
        case StepKind::mul:
            return x * input(1);
        case StepKind::scale:
            return x * s.factor;
        case StepKind::concat: {
            std::vector<Tensor> parts;
            for (std::size_t i = 0; i < s.inputs.size(); ++i) parts.push_back(input(i));
            return torch::cat(parts, 1);
        }
        case StepKind::slice:
            return x.slice(1, s.begin, s.begin + s.out_channels);
        case StepKind::pad:
            return torch::constant_pad_nd(x, {s.margins.left, s.margins.right, s.margins.top, s.margins.bottom}, 0);
        case StepKind::max_pool:
            return torch::max_pool2d(x, s.kernel, s.stride, s.padding);
        case StepKind::avg_pool:
            return torch::avg_pool2d(x, s.kernel, s.stride, s.padding);
        case StepKind::adaptive_avg_pool:
            return torch::adaptive_avg_pool2d(x, {s.height, s.width});
        case StepKind::global_avg_pool:
            return torch::adaptive_avg_pool2d(x, {1, 1});  // [n, c, 1, 1]
        case StepKind::enlarge_nearest:
        case StepKind::enlarge_bilinear:
        case StepKind::enlarge_bicubic:
            return enlarge(x, s);
        case StepKind::pixel_shuffle:
            return torch::pixel_shuffle(x, static_cast<std::int64_t>(s.factor));
        case StepKind::pixel_unshuffle:
            return torch::pixel_unshuffle(x, static_cast<std::int64_t>(s.factor));
        case StepKind::flatten:
            return torch::flatten(x, 1);  // [n, c·h·w]
        case StepKind::dropout:
            return torch::dropout(x, s.probability, is_training());
        case StepKind::input:
            break;
    }
    throw Bug(std::string("step \"") + name_of(s.kind) + "\" cannot be played");
}

void PlanModule::compile(Precision precision) {
    eval();
    if (engine_available())
        engine_ = std::make_shared<const PlanEngine>(plan_, view_of(*this), precision);
    else
        autocast_ = precision == Precision::bf16;
}

void PlanModule::train(bool on) {
    torch::nn::Module::train(on);
    if (!on) return;
    engine_.reset();
    autocast_ = false;
}

void compile_plans(torch::nn::Module& module, Precision precision) {
    for (const auto& part : module.modules(/*include_self=*/false))
        if (auto* plan = dynamic_cast<PlanModule*>(part.get())) plan->compile(precision);
    if (auto* plan = dynamic_cast<PlanModule*>(&module)) plan->compile(precision);
}

const PlanModule* plan_within(const torch::nn::Module& module) {
    if (const auto* plan = dynamic_cast<const PlanModule*>(&module)) return plan;
    for (const auto& child : module.children())
        if (const PlanModule* plan = plan_within(*child)) return plan;
    return nullptr;
}

std::map<std::string, Tensor> PlanModule::play_compiled(const Tensor& input) {
    AFFECTSR_EXPECT(input.dim() == 2 || input.dim() == 4, "the network wants [n, c, h, w] or [n, features]");
    for (const Step& step : plan_.steps)
        AFFECTSR_EXPECT(step.kind != StepKind::input || input.size(1) == step.out_channels,
                        "the network wants " + std::to_string(step.out_channels) + " channels");
    AFFECTSR_EXPECT(!(torch::GradMode::is_enabled() && input.requires_grad()), "the engine gives no gradients");
    const Tensor dense = input.detach().to(torch::kCPU, torch::kFloat).contiguous();
    const BatchShape batch{static_cast<int>(input.size(0)), input.dim() == 4 ? static_cast<int>(input.size(2)) : 1,
                           input.dim() == 4 ? static_cast<int>(input.size(3)) : 1};
    std::map<std::string, Tensor> results;
    std::map<std::string, std::span<float>> spans;
    const std::vector<ValueShape> shapes = plan_.shapes(batch.height, batch.width);
    for (const Plan::Output& output : plan_.outputs) {
        const ValueShape shape = shapes[static_cast<std::size_t>(output.step)];
        std::vector<std::int64_t> sizes{input.size(0), shape.channels};
        if (!is_flat(output.step, input.dim() == 2)) sizes.insert(sizes.end(), {shape.height, shape.width});
        Tensor& result = results[output.name] = torch::empty(sizes);
        spans[output.name] = {result.data_ptr<float>(), static_cast<std::size_t>(result.numel())};
    }
    engine_->run(batch, {dense.data_ptr<float>(), static_cast<std::size_t>(dense.numel())}, spans,
                 at::get_num_threads());
    return results;
}

bool PlanModule::is_flat(int step, bool flat_input) const {
    const Step& s = plan_.steps[static_cast<std::size_t>(step)];
    if (s.kind == StepKind::flatten || s.kind == StepKind::linear || s.kind == StepKind::layer_norm) return true;
    if (s.kind == StepKind::input) return flat_input;
    if (s.kind == StepKind::conv || s.kind == StepKind::global_avg_pool) return false;
    return is_flat(s.inputs[0], flat_input);
}

std::map<std::string, Tensor> PlanModule::play(const Tensor& input) {
    if (engine_ && !is_training()) return play_compiled(input);
    const Autocast autocast(autocast_ && !is_training());
    std::vector<Tensor> values(plan_.steps.size());
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
        const Step& step = plan_.steps[i];
        if (step.kind == StepKind::input) {
            AFFECTSR_EXPECT(input.dim() >= 2 && input.size(1) == step.out_channels,
                            "the network wants " + std::to_string(step.out_channels) + " channels");
            values[i] = input;
        } else {
            values[i] = play_step(i, values);
        }
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
    AFFECTSR_EXPECT(plan_.outputs.size() == 1, "forward() is for plans with one output");
    return play(input).begin()->second;
}

TensorMap state_of(const torch::nn::Module& module) {
    TensorMap state;
    for (const auto& item : module.named_parameters()) state[item.key()] = to_host(item.value());
    for (const auto& item : module.named_buffers()) state[item.key()] = to_host(item.value());
    return state;
}

TensorMap view_of(const torch::nn::Module& module) {
    TensorMap state;
    for (const auto& item : module.named_parameters()) state[item.key()] = host_view(item.value());
    for (const auto& item : module.named_buffers()) state[item.key()] = host_view(item.value());
    return state;
}

void load_state(torch::nn::Module& module, const TensorMap& tensors, const std::string& where) {
    std::map<std::string, Tensor> wanted;
    for (const auto& item : module.named_parameters()) wanted[item.key()] = item.value();
    for (const auto& item : module.named_buffers()) wanted[item.key()] = item.value();
    std::string problems;
    for (const auto& [name, tensor] : wanted) {
        const auto found = tensors.find(name);
        // A counter that older files lack changes nothing in inference.
        if (found == tensors.end() && name.ends_with("num_batches_tracked")) continue;
        if (found == tensors.end())
            problems += "; missing " + name;
        else if (found->second.shape() != tensor.sizes().vec())
            problems += "; " + name + " has the wrong shape, the network wants " + torch::str(tensor.sizes());
    }
    for (const auto& [name, tensor] : tensors)
        if (!wanted.contains(name)) problems += "; extra " + name;
    if (!problems.empty()) throw ModelError("model_does_not_fit", where + " does not fit the network" + problems);
    torch::NoGradGuard no_grad;
    for (auto& [name, tensor] : wanted)
        if (const auto found = tensors.find(name); found != tensors.end()) tensor.copy_(to_tensor(found->second));
}

}  // namespace affectsr
