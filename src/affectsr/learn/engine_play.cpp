#include "affectsr/learn/engine_play.h"

#include "affectsr/base/error.h"
#include "affectsr/learn/libtorch.h"

namespace affectsr {

namespace {

const std::string& name_of_input(const Plan& plan, int place) {
    return plan.steps[static_cast<std::size_t>(place)].as<step::PlanInput>()->name;
}

}  // namespace

std::vector<bool> flat_values(const Plan& plan, const std::map<std::string, Tensor>& inputs) {
    std::vector<bool> flat;
    for (const Step& s : plan.steps) {
        if (const auto* in = s.as<step::PlanInput>())
            flat.push_back(inputs.at(in->name).dim() == 2);
        else
            flat.push_back(s.is<step::Linear>() || s.is<step::Flatten>() ||
                           (flat[static_cast<std::size_t>(s.inputs[0])] && !s.is<step::Demodulation>() &&
                            !s.is<step::Constant>()));
    }
    return flat;
}

std::map<std::string, Tensor> play_by_engine(const PlanEngine& engine, const std::map<std::string, Tensor>& inputs,
                                             int threads) {
    const Plan& plan = engine.plan();
    std::map<std::string, Tensor> fed;
    Feeds feeds;
    std::vector<InputSize> sizes;
    std::int64_t count = 0;
    for (const int place : plan.inputs()) {
        const std::string& name = name_of_input(plan, place);
        const auto found = inputs.find(name);
        if (found == inputs.end()) throw UsageError("the network's input \"" + name + "\" is not fed");
        const Tensor& input = found->second;
        AFFECTSR_EXPECT(input.is_cpu() && input.scalar_type() == at::kFloat, "the engine is fed float32");
        const bool flat = input.dim() == 2;
        const Tensor& dense = fed[name] = input.detach().contiguous(at::MemoryFormat::Contiguous);
        count = input.size(0);
        sizes.push_back({flat ? 1 : static_cast<int>(input.size(2)), flat ? 1 : static_cast<int>(input.size(3))});
        feeds[name] = {{dense.data_ptr<float>(), static_cast<std::size_t>(dense.numel())}, sizes.back()};
    }
    const std::vector<ValueShape> shapes = plan.shapes(sizes);
    const std::vector<bool> flat = flat_values(plan, inputs);
    std::map<std::string, Tensor> made;
    Results results;
    for (const Plan::Output& output : plan.outputs) {
        const auto step = static_cast<std::size_t>(output.step);
        const ValueShape& shape = shapes[step];
        Tensor& result = made[output.name] = flat[step]
                                                 ? torch::empty({count, shape.channels})
                                                 : torch::empty({count, shape.channels, shape.height, shape.width});
        results[output.name] = {result.data_ptr<float>(), static_cast<std::size_t>(result.numel())};
    }
    engine.run(static_cast<int>(count), feeds, results, threads);
    return made;
}

}  // namespace affectsr
