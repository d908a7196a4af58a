#include "golden/plan_case.h"

#include <torch/torch.h>

#include "affectsr/base/error.h"
#include "affectsr/engine/plan_engine.h"
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

/// What the engine makes of the case, in the shapes that LibTorch's results have.
std::map<std::string, HostTensor> played_by(const PlanEngine& engine, const HostTensor& input,
                                            const std::map<std::string, HostTensor>& like) {
    std::map<std::string, std::vector<float>> values;
    Results results;
    for (const auto& [name, tensor] : like) {
        std::vector<float>& made = values[name];
        made.resize(static_cast<std::size_t>(tensor.count()));
        results[name] = made;
    }
    const std::vector<float> fed = input.floats();
    const auto side = [&](std::size_t axis) { return static_cast<int>(input.shape().at(axis)); };
    engine.run({side(0), side(2), side(3)}, fed, results);
    std::map<std::string, HostTensor> made;
    for (const auto& [name, numbers] : values) made[name] = HostTensor::from_floats(numbers, like.at(name).shape());
    return made;
}

Outputs play(const PlanCase& plan_case, const Case& golden_case) {
    const TensorMap state = golden_case.filled_state();
    PlanModule module(plan_case.plan);
    load_state(module, state, golden_case.folder.string());
    module.eval();
    const torch::InferenceMode inference;
    const std::map<std::string, HostTensor> by_libtorch = on_host(module.play(to_tensor(plan_case.input)));
    Outputs outputs = finished(plan_case, by_libtorch);
    if (!engine_available()) return outputs;
    const auto add = [&](Precision precision, const std::string& player) {
        if (used_precision(precision) != precision) return;
        const PlanEngine engine(plan_case.plan, state, precision);
        for (const auto& [name, tensor] : finished(plan_case, played_by(engine, plan_case.input, by_libtorch)))
            outputs[name + "@" + player] = tensor;
    };
    add(Precision::f32, "engine");
    add(Precision::bf16, "engine_bf16");
    return outputs;
}

}  // namespace

bool register_plan(std::string item, std::function<PlanCase(const Case&)> describe) {
    return register_runner(std::move(item),
                           [describe](const Case& golden_case) { return play(describe(golden_case), golden_case); });
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

}  // namespace affectsr::golden
