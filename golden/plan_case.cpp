#include "golden/plan_case.h"

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/learn/tensor.h"

namespace affectsr::golden {

namespace {

std::map<std::string, HostTensor> on_host(const std::map<std::string, Tensor>& values) {
    std::map<std::string, HostTensor> made;
    for (const auto& [name, value] : values) made[name] = to_host(value);
    return made;
}

Outputs finished(const PlanCase& plan_case, const std::map<std::string, HostTensor>& values) {
    if (plan_case.finish) return plan_case.finish(values);
    Outputs outputs;
    for (const auto& [name, value] : values) outputs["output." + name] = value;
    return outputs;
}

/// Every input of the plan by its name.
std::map<std::string, HostTensor> inputs_of(const PlanCase& plan_case) {
    std::map<std::string, HostTensor> inputs = plan_case.further;
    const auto first = static_cast<std::size_t>(plan_case.plan.inputs().at(0));
    inputs[plan_case.plan.steps[first].as<step::PlanInput>()->name] = plan_case.input;
    return inputs;
}

std::map<std::string, Tensor> on_tensors(const std::map<std::string, HostTensor>& inputs) {
    std::map<std::string, Tensor> made;
    for (const auto& [name, input] : inputs) made[name] = to_tensor(input).contiguous();
    return made;
}

/// What the engine makes of the case, in the shapes that LibTorch's results have.
std::map<std::string, HostTensor> played_by(const PlanEngine& engine, const std::map<std::string, HostTensor>& inputs,
                                            const std::map<std::string, HostTensor>& like) {
    std::map<std::string, std::vector<float>> values, fed;
    Results results;
    for (const auto& [name, tensor] : like) {
        std::vector<float>& made = values[name];
        made.resize(static_cast<std::size_t>(tensor.count()));
        results[name] = made;
    }
    Feeds feeds;
    for (const auto& [name, input] : inputs) {
        fed[name] = input.floats();
        feeds[name] = {fed[name], {static_cast<int>(input.shape().at(2)), static_cast<int>(input.shape().at(3))}};
    }
    engine.run(static_cast<int>(inputs.begin()->second.shape().at(0)), feeds, results);
    std::map<std::string, HostTensor> made;
    for (const auto& [name, numbers] : values) made[name] = HostTensor::from_floats(numbers, like.at(name).shape());
    return made;
}

/// The plan's values and, as "grad.NAME", the gradients of inputs and learned parameters.
std::map<std::string, HostTensor> with_gradients(PlanModule& module, const PlanCase& plan_case) {
    std::map<std::string, Tensor> inputs = on_tensors(inputs_of(plan_case));
    for (auto& [name, input] : inputs) input.requires_grad_(true);
    const std::map<std::string, Tensor> results = module.play(inputs);
    std::map<std::string, HostTensor> made;
    Tensor loss = torch::zeros({});
    for (const auto& [name, result] : results) {
        made[name] = to_host(result.detach());
        loss = loss + (result * to_tensor(plan_case.loss_gradient(name, made[name]))).sum();
    }
    loss.backward();
    const auto take = [&made](const std::string& name, const Tensor& of) {
        if (of.grad().defined()) made["grad." + name] = to_host(of.grad());
    };
    for (const auto& [name, input] : inputs) take(name, input);
    for (const auto& item : module.named_parameters()) take(item.key(), item.value());
    return made;
}

bool has_batch_norms(const Plan& plan) {
    for (const Step& step : plan.steps)
        if (step.is<step::BatchNorm>()) return true;
    return false;
}

}  // namespace

Outputs play(const PlanCase& plan_case, const Case& golden_case) {
    TensorMap state = golden_case.filled_state();
    if (plan_case.rename) state = plan_case.rename(std::move(state));
    PlanModule module(plan_case.plan);
    load_state(module, state, golden_case.folder.string());
    module.eval();
    const std::map<std::string, HostTensor> inputs = inputs_of(plan_case);
    Outputs outputs;
    const auto add = [&](const std::string& player, const std::map<std::string, HostTensor>& values) {
        for (const auto& [name, tensor] : finished(plan_case, values))
            outputs[player.empty() ? name : name + "@" + player] = tensor;
    };
    std::map<std::string, HostTensor> by_libtorch;
    {
        const torch::InferenceMode inference;
        by_libtorch = on_host(module.play(on_tensors(inputs)));
    }
    add("", plan_case.loss_gradient ? with_gradients(module, plan_case) : by_libtorch);
    if (!engine_available()) return outputs;
    for (const Precision precision : {Precision::f32, Precision::bf16})
        if (used_precision(precision) == precision)
            add(precision == Precision::f32 ? "engine" : "engine_bf16",
                played_by(PlanEngine(plan_case.plan, state, precision), inputs, by_libtorch));
    if (plan_case.loss_gradient && !has_batch_norms(plan_case.plan)) {
        module.train();
        module.zero_grad();
        add("engine_training", with_gradients(module, plan_case));
    }
    return outputs;
}

bool register_plan(std::string item, std::function<PlanCase(const Case&)> describe) {
    return register_runner(std::move(item),
                           [describe](const Case& golden_case) { return play(describe(golden_case), golden_case); });
}

HostTensor reshaped(const HostTensor& tensor, std::vector<std::int64_t> shape) {
    return HostTensor::from_floats(tensor.floats(), std::move(shape));
}

TensorMap with_convolutions(TensorMap state) {
    for (auto& [name, tensor] : state)
        if (tensor.shape().size() == 2) tensor = reshaped(tensor, {tensor.shape()[0], tensor.shape()[1], 1, 1});
    return state;
}

HostTensor repeated_input(const Case& golden_case) {
    const HostTensor& small = golden_case.input("x_small");
    const auto factor = static_cast<std::int64_t>(golden_case.input("factor").floats().at(0));
    const std::vector<float> from = small.floats();
    std::vector<std::int64_t> shape = small.shape();
    const std::int64_t height = shape[2], width = shape[3];
    shape[2] *= factor, shape[3] *= factor;
    std::vector<float> values;
    for (std::int64_t plane = 0; plane < shape[0] * shape[1]; ++plane)
        for (std::int64_t y = 0; y < shape[2]; ++y)
            for (std::int64_t x = 0; x < shape[3]; ++x)
                values.push_back(from[static_cast<std::size_t>((plane * height + y / factor) * width + x / factor)]);
    return HostTensor::from_floats(values, shape);
}

HostTensor strided(const HostTensor& tensor, const std::vector<std::int64_t>& shape) {
    const std::vector<float> from = tensor.floats();
    const std::vector<std::int64_t>& full = tensor.shape();
    const auto step = [&](std::size_t axis) { return (full[axis] + shape[axis] - 1) / shape[axis]; };
    const std::int64_t step_c = step(1), step_y = step(2), step_x = step(3);
    std::vector<float> values;
    for (std::int64_t n = 0; n < shape[0]; ++n)
        for (std::int64_t c = 0; c < shape[1]; ++c)
            for (std::int64_t y = 0; y < shape[2]; ++y)
                for (std::int64_t x = 0; x < shape[3]; ++x) {
                    const std::int64_t row = (n * full[1] + c * step_c) * full[2] + y * step_y;
                    values.push_back(from[static_cast<std::size_t>(row * full[3] + x * step_x)]);
                }
    return HostTensor::from_floats(values, shape);
}

HostTensor mean_and_deviation(const HostTensor& tensor) {
    double sum = 0, squares = 0;
    const std::vector<float> all = tensor.floats();
    const auto count = static_cast<double>(all.size());
    for (const float value : all) sum += double{value};
    for (const float value : all) squares += std::pow(double{value} - sum / count, 2);
    return HostTensor::from_floats(
        std::vector<float>{static_cast<float>(sum / count), static_cast<float>(std::sqrt(squares / (count - 1)))}, {2});
}

HostTensor first_channels(const HostTensor& tensor, std::int64_t count) {
    const std::vector<float> all = tensor.floats();
    std::vector<std::int64_t> shape = tensor.shape();
    AFFECTSR_EXPECT(shape.size() >= 2 && shape[1] >= count, "there are not as many channels");
    const std::int64_t area = tensor.count() / shape[0] / shape[1];
    std::vector<float> kept;
    for (std::int64_t n = 0; n < shape[0]; ++n) {
        const auto begin = all.begin() + n * shape[1] * area;
        kept.insert(kept.end(), begin, begin + count * area);
    }
    shape[1] = count;
    return HostTensor::from_floats(kept, shape);
}

HostTensor spatial_mean(const HostTensor& tensor) {
    const std::vector<float> all = tensor.floats();
    const std::int64_t n = tensor.shape().at(0), channels = tensor.shape().at(1);
    const std::int64_t area = tensor.count() / n / channels;
    std::vector<float> means;
    for (std::int64_t i = 0; i < n * channels; ++i) {
        double sum = 0;
        for (std::int64_t p = 0; p < area; ++p) sum += static_cast<double>(all[static_cast<std::size_t>(i * area + p)]);
        means.push_back(static_cast<float>(sum / static_cast<double>(area)));
    }
    return HostTensor::from_floats(means, {n, channels});
}

HostTensor with_channels(const HostTensor& tensor, const std::function<float(float, std::size_t)>& change) {
    std::vector<float> values = tensor.floats();
    const auto channels = static_cast<std::size_t>(tensor.shape().at(1));
    const std::size_t area = values.size() / static_cast<std::size_t>(tensor.shape()[0]) / channels;
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = change(values[i], i / area % channels);
    return HostTensor::from_floats(values, tensor.shape());
}

HostTensor crop(const HostTensor& tensor, int top, int left, int side) {
    const std::vector<std::int64_t>& shape = tensor.shape();
    const std::vector<float> all = tensor.floats();
    std::vector<float> cut;
    for (std::int64_t plane = 0; plane < shape[0] * shape[1]; ++plane)
        for (int y = top; y < top + side; ++y)
            for (int x = left; x < left + side; ++x)
                cut.push_back(all[static_cast<std::size_t>((plane * shape[2] + y) * shape[3] + x)]);
    return HostTensor::from_floats(cut, {shape[0], shape[1], side, side});
}

HostTensor from_unit(const HostTensor& tensor) {
    return with_channels(tensor, [](float value, std::size_t) { return 2 * value - 1; });
}

HostTensor to_unit(const HostTensor& tensor) {
    return with_channels(tensor, [](float value, std::size_t) { return (value + 1) / 2; });
}

}  // namespace affectsr::golden
