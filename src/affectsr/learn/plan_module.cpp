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
        tensors_.push_back(register_step(plan_.steps[i]));
        for (const int input : plan_.steps[i].inputs) last_use_[static_cast<std::size_t>(input)] = static_cast<int>(i);
    }
    for (const Plan::Output& output : plan_.outputs)
        last_use_[static_cast<std::size_t>(output.step)] = static_cast<int>(plan_.steps.size());
}

namespace {

/// What a weight is before training.
Tensor first_weight(const Step& s, const std::vector<std::int64_t>& shape) {
    // He et al. 2015, fan-out: keeps the gradient's variance through rectified layers.
    const auto fan_out = [&](const auto& c) {
        return static_cast<double>(std::int64_t{s.out_channels} * c.kernel * c.kernel) / c.groups;
    };
    return std::visit(
        OneOfThese{
            [&](const step::Conv& c) { return he_normal(shape, fan_out(c)); },
            [&](const step::ConvTranspose& c) { return he_normal(shape, fan_out(c) / (c.stride * c.stride)); },
            [&](const step::Linear&) {
                return torch::randn(shape) * std::sqrt(1.0 / static_cast<double>(s.in_channels));
            },
            [&](const step::Prelu&) { return torch::full(shape, 0.25); },  // He et al. 2015, sec. 2.1
            [&](const auto&) { return torch::ones(shape); },
        },
        s.kind);
}

}  // namespace

PlanModule::StepTensors PlanModule::register_step(const Step& s) {
    StepTensors t;
    if (const auto* shift = s.as<step::Shift>()) t.constants = torch::tensor(shift->by).view({-1, 1, 1});
    if (const auto* scale = s.as<step::Scale>()) t.constants = torch::tensor(scale->by).view({-1, 1, 1});
    for (const Parameter& parameter : parameters_of(s)) {
        torch::nn::Module& owner = nested(*this, s.name);
        const std::string name = parameter.name.substr(s.name.size() + 1);
        if (name == "weight")
            t.weight = owner.register_parameter(name, first_weight(s, parameter.shape));
        else if (name == "bias")
            t.bias = owner.register_parameter(name, torch::zeros(parameter.shape));
        else if (name == "running_mean")
            t.running_mean = owner.register_buffer(name, torch::zeros(parameter.shape));
        else if (name == "running_var")
            t.running_var = owner.register_buffer(name, torch::ones(parameter.shape));
        else
            t.batches_tracked = owner.register_buffer(name, torch::zeros({}, torch::kLong));
    }
    return t;
}

namespace {

namespace F = torch::nn::functional;

template <class Mode>
Tensor enlarged(const Tensor& x, int factor, Mode mode) {
    const auto options = F::InterpolateFuncOptions().scale_factor(std::vector<double>(2, factor)).mode(mode);
    if constexpr (std::is_same_v<Mode, torch::enumtype::kNearest>) return F::interpolate(x, options);
    return F::interpolate(x, F::InterpolateFuncOptions(options).align_corners(false));
}

}  // namespace

Tensor PlanModule::play_step(std::size_t index, const std::vector<Tensor>& values) {
    const Step& s = plan_.steps[index];
    StepTensors& t = tensors_[index];
    const auto input = [&](std::size_t i) -> const Tensor& { return values[static_cast<std::size_t>(s.inputs.at(i))]; };
    const Tensor& x = input(0);
    const bool learning = is_training();
    const auto constants = [&] {
        const Tensor here = t.constants.to(x.options().dtype(t.constants.scalar_type()));
        return x.dim() == 2 ? here.flatten() : here;
    };
    return std::visit(
        OneOfThese{
            [&](const step::Conv& c) { return torch::conv2d(x, t.weight, t.bias, c.stride, c.padding, 1, c.groups); },
            [&](const step::ConvTranspose& c) {
                return torch::conv_transpose2d(x, t.weight, t.bias, c.stride, c.padding, 0, c.groups);
            },
            [&](const step::Linear&) { return torch::linear(x, t.weight, t.bias); },
            [&](const step::BatchNorm& n) {
                if (learning) t.batches_tracked.add_(1);
                return torch::batch_norm(x, t.weight, t.bias, t.running_mean, t.running_var, learning, 0.1, n.epsilon,
                                         true);
            },
            [&](const step::InstanceNorm& n) {
                return torch::instance_norm(x, t.weight, t.bias, {}, {}, true, 0, n.epsilon, true);
            },
            [&](const step::LayerNorm& n) {
                return torch::layer_norm(x, {s.out_channels}, t.weight, t.bias, n.epsilon);
            },
            [&](const step::Relu&) { return torch::relu(x); },
            [&](const step::LeakyRelu& l) { return torch::leaky_relu(x, l.slope); },
            [&](const step::Prelu&) { return torch::prelu(x, t.weight); },
            [&](const step::Sigmoid&) { return torch::sigmoid(x); },
            [&](const step::Tanh&) { return torch::tanh(x); },
            [&](const step::Softmax&) { return torch::softmax(x, 1); },
            [&](const step::Add&) { return x + input(1); },
            [&](const step::Mul&) { return x * input(1); },
            [&](const step::Shift&) { return x + constants(); },
            [&](const step::Scale& f) { return f.by.size() == 1 ? x * double{f.by[0]} : x * constants(); },
            [&](const step::Concat&) {
                std::vector<Tensor> parts;
                for (std::size_t i = 0; i < s.inputs.size(); ++i) parts.push_back(input(i));
                return torch::cat(parts, 1);
            },
            [&](const step::Slice& c) { return x.slice(1, c.begin, c.begin + s.out_channels); },
            [&](const step::Pad& p) {
                const Margins& m = p.margins;
                return torch::constant_pad_nd(x, {m.left, m.right, m.top, m.bottom}, 0);
            },
            [&](const step::MaxPool& p) { return torch::max_pool2d(x, p.kernel, p.stride, p.padding); },
            [&](const step::AvgPool& p) { return torch::avg_pool2d(x, p.kernel, p.stride, p.padding); },
            [&](const step::AdaptiveAvgPool& p) {
                return torch::adaptive_avg_pool2d(x, {p.height, p.width});
            },
            [&](const step::GlobalAvgPool&) {
                return torch::adaptive_avg_pool2d(x, {1, 1});
            },  // [n, c, 1, 1]
            [&](const step::EnlargeNearest& e) { return enlarged(x, e.factor, torch::kNearest); },
            [&](const step::EnlargeBilinear& e) { return enlarged(x, e.factor, torch::kBilinear); },
            [&](const step::EnlargeBicubic& e) { return enlarged(x, e.factor, torch::kBicubic); },
            [&](const step::PixelShuffle& p) { return torch::pixel_shuffle(x, p.factor); },
            [&](const step::PixelUnshuffle& p) { return torch::pixel_unshuffle(x, p.factor); },
            [&](const step::Flatten&) { return torch::flatten(x, 1); },  // [n, c·h·w]
            [&](const step::Dropout& d) { return torch::dropout(x, d.probability, learning); },
            [&](const step::PlanInput&) -> Tensor { throw Bug("an input is fed, not played"); },
        },
        s.kind);
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
    if (on) take_back();
}

void PlanModule::take_back() {
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

std::map<std::string, Tensor> PlanModule::play_compiled(const std::map<std::string, Tensor>& inputs) {
    std::vector<Tensor> dense;  // what the feeds point into
    std::vector<InputSize> sizes;
    Feeds feeds;
    bool flat = false;
    for (const int index : plan_.inputs()) {
        const Step& step = plan_.steps[static_cast<std::size_t>(index)];
        const std::string& name = step.as<step::PlanInput>()->name;
        const auto fed = inputs.find(name);
        if (fed == inputs.end()) throw UsageError("the network's input \"" + name + "\" is not fed");
        const Tensor& input = fed->second;
        AFFECTSR_EXPECT(input.dim() == 2 || input.dim() == 4, "the network wants [n, c, h, w] or [n, features]");
        AFFECTSR_EXPECT(input.size(1) == step.out_channels,
                        "the network wants " + std::to_string(step.out_channels) + " channels");
        AFFECTSR_EXPECT(!(torch::GradMode::is_enabled() && input.requires_grad()), "the engine gives no gradients");
        flat = input.dim() == 2;
        sizes.push_back(flat ? InputSize{1, 1}
                             : InputSize{static_cast<int>(input.size(2)), static_cast<int>(input.size(3))});
        const Tensor& values = dense.emplace_back(input.detach().to(torch::kCPU, torch::kFloat).contiguous());
        feeds[name] = {{values.data_ptr<float>(), static_cast<std::size_t>(values.numel())}, sizes.back()};
    }
    const std::int64_t count = dense.at(0).size(0);
    const std::vector<ValueShape> shapes = plan_.shapes(sizes);
    std::map<std::string, Tensor> made;
    Results results;
    for (const Plan::Output& output : plan_.outputs) {
        const ValueShape shape = shapes[static_cast<std::size_t>(output.step)];
        std::vector<std::int64_t> sides{count, shape.channels};
        if (!is_flat(output.step, flat)) sides.insert(sides.end(), {shape.height, shape.width});
        Tensor& result = made[output.name] = torch::empty(sides);
        results[output.name] = {result.data_ptr<float>(), static_cast<std::size_t>(result.numel())};
    }
    engine_->run(static_cast<int>(count), feeds, results, at::get_num_threads());
    return made;
}

bool PlanModule::is_flat(int step, bool flat_input) const {
    const Step& s = plan_.steps[static_cast<std::size_t>(step)];
    if (s.is<step::Flatten>() || s.is<step::Linear>() || s.is<step::LayerNorm>()) return true;
    if (s.is<step::PlanInput>()) return flat_input;
    if (s.is<step::Conv>() || s.is<step::GlobalAvgPool>()) return false;
    return is_flat(s.inputs[0], flat_input);
}

std::map<std::string, Tensor> PlanModule::play(const Tensor& input) {
    std::map<std::string, Tensor> inputs;
    for (const int index : plan_.inputs())
        inputs[plan_.steps[static_cast<std::size_t>(index)].as<step::PlanInput>()->name] = input;
    AFFECTSR_EXPECT(inputs.size() == 1, "this call is for plans with one input");
    return play(inputs);
}

std::map<std::string, Tensor> PlanModule::play(const std::map<std::string, Tensor>& inputs) {
    if (engine_ && !is_training()) return play_compiled(inputs);
    const Autocast autocast(autocast_ && !is_training());
    std::vector<Tensor> values(plan_.steps.size());
    for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
        const Step& step = plan_.steps[i];
        if (const auto* in = step.as<step::PlanInput>()) {
            const auto fed = inputs.find(in->name);
            if (fed == inputs.end()) throw UsageError("the network's input \"" + in->name + "\" is not fed");
            AFFECTSR_EXPECT(fed->second.dim() >= 2 && fed->second.size(1) == step.out_channels,
                            "the network wants " + std::to_string(step.out_channels) + " channels");
            values[i] = fed->second;
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
    for (const auto& part : module.modules(/*include_self=*/false))
        if (auto* plan = dynamic_cast<PlanModule*>(part.get())) plan->take_back();
    if (auto* plan = dynamic_cast<PlanModule*>(&module)) plan->take_back();
}

}  // namespace affectsr
