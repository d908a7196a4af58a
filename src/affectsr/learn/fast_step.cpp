#include "affectsr/learn/fast_step.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/engine_play.h"
#include "affectsr/learn/libtorch.h"

namespace affectsr {

namespace {

constexpr std::size_t kKeptBatches = 4;

at::ScalarType type_of(Precision precision) {
    return precision == Precision::bf16 ? at::kBFloat16 : at::kFloat;
}

/// A value of the engine as a tensor that shares its memory: [n, c, h, w], or [n, c] if `flat`.
Tensor view_of(const TrainingValue& v, bool flat) {
    const std::int64_t c = v.shape.channels, h = v.shape.height, w = v.shape.width;
    const auto options = torch::TensorOptions().dtype(type_of(v.precision));
    if (flat) return torch::from_blob(v.data, {v.count, c}, options);
    return torch::from_blob(v.data, {v.count, c, h, w}, {h * w * c, 1, w * c, c}, options);
}

/// Dense as the engine has it.
Tensor laid_out(const Tensor& x, Precision precision) {
    const Tensor typed = x.detach().to(type_of(precision));
    return typed.dim() == 4 ? typed.contiguous(at::MemoryFormat::ChannelsLast) : typed.contiguous();
}

/// Whether LibTorch plays a step on bfloat16 as well as on float32.
bool takes_bf16(const Step& s) {
    return s.is<step::Conv>() || s.is<step::ConvTranspose>() || s.is<step::Linear>() || s.is<step::MaxPool>() ||
           s.is<step::Dropout>() || s.is<step::Mul>() || s.is<step::Slice>() || s.is<step::Pad>() ||
           s.is<step::PadReflected>() || s.is<step::PixelShuffle>() || s.is<step::PixelUnshuffle>() ||
           s.is<step::Flatten>();
}

}  // namespace

struct FastStep::State {
    struct Compiled {
        TrainingSetting setting;
        std::shared_ptr<TrainingStep> step;
    };
    Plan plan;
    std::vector<StepTensors> tensors;
    std::vector<Compiled> compiled;  ///< the last used first

    std::shared_ptr<TrainingStep> step_for(const TrainingSetting& wanted) {
        const auto found = std::find_if(compiled.begin(), compiled.end(), [&](const Compiled& c) {
            return c.setting.count == wanted.count && c.setting.sizes == wanted.sizes &&
                   c.setting.wanted == wanted.wanted && c.setting.precision == wanted.precision &&
                   c.setting.threads == wanted.threads;
        });
        if (found != compiled.end()) {
            std::rotate(compiled.begin(), found, found + 1);
        } else {
            compiled.insert(compiled.begin(), {wanted, std::make_shared<TrainingStep>(plan, wanted)});
            if (compiled.size() > kKeptBatches) compiled.pop_back();
        }
        return compiled.front().step;
    }
    std::vector<StepParameters> parameters() const {
        std::vector<StepParameters> all(tensors.size());
        for (std::size_t i = 0; i < tensors.size(); ++i) {
            const StepTensors& t = tensors[i];
            const auto data = [](const Tensor& x) { return x.defined() ? x.data_ptr<float>() : nullptr; };
            all[i] = {data(t.weight), data(t.bias), data(t.running_mean), data(t.running_var),
                      t.weight.defined() && !t.weight.is_contiguous()};
        }
        return all;
    }
};

namespace {

/// One play of the whole plan: what its backward pass needs. Plays the steps that are LibTorch's.
class FastCall final : public torch::CustomClassHolder, public PlainSteps {
 public:
    std::shared_ptr<FastStep::State> state;
    std::shared_ptr<TrainingStep> step;
    std::shared_ptr<TrainingStep::Pass> pass;
    Precision precision = Precision::f32;
    std::vector<Tensor> fed, inputs;  ///< as they came, and as the engine reads them; by place in plan.inputs()
    std::vector<bool> flat;           ///< by step: [n, c] instead of [n, c, h, w]
    const PlayStep* play = nullptr;   ///< while it goes forward
    std::map<std::size_t, StepTensors> plain_gradients;

    std::shared_ptr<void> forward(std::size_t index, const std::vector<TrainingValue>& values,
                                  const TrainingValue& result) override {
        const at::AutoGradMode with_gradients(true);
        const Step& s = state->plan.steps[index];
        auto kept = std::make_shared<Kept>();
        std::vector<Tensor> given;
        for (std::size_t i = 0; i < values.size(); ++i) {
            kept->read.push_back(leaf(s.inputs[i], values[i]));
            given.push_back(takes_bf16(s) ? kept->read.back() : kept->read.back().to(at::kFloat));
        }
        kept->made = (*play)(index, given);
        const at::NoGradGuard copying;
        view_of(result, flat[index]).copy_(kept->made);
        return kept;
    }

    void backward(std::size_t index, void* what, const TrainingValue& result_gradient,
                  const std::vector<TrainingValue>& input_gradients) override {
        const Kept& kept = *static_cast<const Kept*>(what);
        StepTensors& learned = plain_gradients[index];
        const StepTensors& t = state->tensors[index];
        std::vector<Tensor> from;
        for (const Tensor& x : kept.read)
            if (x.requires_grad()) from.push_back(x);
        for (const Tensor& p : {t.weight, t.bias})
            if (p.defined() && p.requires_grad()) from.push_back(p);
        std::vector<Tensor> found;
        if (kept.made.requires_grad() && !from.empty())
            found = torch::autograd::grad({kept.made}, from,
                                          {view_of(result_gradient, flat[index]).to(kept.made.scalar_type())}, true,
                                          false, true);
        const at::NoGradGuard copying;
        std::size_t next = 0;
        const auto take = [&](bool one) { return one && next < found.size() ? found[next++] : Tensor(); };
        for (std::size_t i = 0; i < kept.read.size(); ++i) {
            const Tensor gradient = take(kept.read[i].requires_grad());
            if (input_gradients[i].data == nullptr) continue;
            Tensor to = view_of(input_gradients[i], flat[static_cast<std::size_t>(state->plan.steps[index].inputs[i])]);
            if (gradient.defined())
                to.copy_(gradient);
            else
                to.zero_();
        }
        learned.weight = take(t.weight.defined() && t.weight.requires_grad());
        learned.bias = take(t.bias.defined() && t.bias.requires_grad());
    }

 private:
    struct Kept {
        std::vector<Tensor> read;
        Tensor made;
    };
    /// What a plain step reads; pictures as they were fed, in full precision.
    Tensor leaf(int value, const TrainingValue& memory) const {
        const std::vector<int> places = state->plan.inputs();
        const auto place = std::find(places.begin(), places.end(), value);
        if (place == places.end()) return view_of(memory, flat[static_cast<std::size_t>(value)]).requires_grad_(true);
        const Tensor& came = fed[static_cast<std::size_t>(place - places.begin())];
        return came.detach().requires_grad_(came.requires_grad());
    }
};

/// Weights and biases of a plan, in the order of its steps.
template <class Visit>
void each_learned(const std::vector<StepTensors>& tensors, const Visit& visit) {
    for (std::size_t i = 0; i < tensors.size(); ++i) {
        if (tensors[i].weight.defined()) visit(i, tensors[i].weight, &StepTensors::weight, &StepGradients::weight);
        if (tensors[i].bias.defined()) visit(i, tensors[i].bias, &StepTensors::bias, &StepGradients::bias);
    }
}

struct FastFunction : torch::autograd::Function<FastFunction> {
    static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context, FastCall* call,
                                                  at::TensorList) {
        context->saved_data["call"] =
            c10::IValue::make_capsule(c10::intrusive_ptr<torch::CustomClassHolder>::reclaim_copy(call));
        std::vector<const void*> inputs;
        for (const Tensor& input : call->inputs) inputs.push_back(input.data_ptr());
        const std::vector<StepParameters> parameters = call->state->parameters();
        call->pass = call->step->forward(inputs, parameters, *call);
        torch::autograd::variable_list results;
        for (std::size_t i = 0; i < call->state->plan.outputs.size(); ++i) {
            const auto step = static_cast<std::size_t>(call->state->plan.outputs[i].step);
            results.push_back(view_of(call->step->result(*call->pass, i), call->flat[step]).clone());
        }
        return results;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                   torch::autograd::variable_list result_gradients) {
        if (at::GradMode::is_enabled())
            throw UsageError("the fast training step has no gradients of gradients; set the module to Play::libtorch",
                             "no_second_gradient");
        const auto call = c10::static_intrusive_pointer_cast<FastCall>(context->saved_data["call"].toCapsule());
        const FastStep::State& state = *call->state;
        std::vector<Tensor> laid;
        std::vector<const void*> given;
        for (std::size_t i = 0; i < result_gradients.size(); ++i) {
            const TrainingValue value = call->step->result(*call->pass, i);
            const auto step = static_cast<std::size_t>(state.plan.outputs[i].step);
            const Tensor& gradient = result_gradients[i];
            laid.push_back(laid_out(gradient.defined() ? gradient : torch::zeros_like(view_of(value, call->flat[step])),
                                    call->precision));
            given.push_back(laid.back().data_ptr());
        }
        torch::autograd::variable_list made{Tensor()};  // of the call itself
        std::vector<void*> input_gradients;
        for (std::size_t i = 0; i < call->inputs.size(); ++i) {
            made.push_back(call->fed[i].requires_grad() ? torch::empty_like(call->inputs[i]) : Tensor());
            input_gradients.push_back(made.back().defined() ? made.back().data_ptr() : nullptr);
        }
        std::vector<StepGradients> gradients(state.tensors.size());
        each_learned(state.tensors, [&](std::size_t step, const Tensor& parameter, auto, auto member) {
            const bool wanted = parameter.requires_grad() && call->step->has_gradient(step);
            made.push_back(wanted ? torch::empty_like(parameter) : Tensor());
            gradients[step].*member = wanted ? made.back().template data_ptr<float>() : nullptr;
        });
        const std::vector<StepParameters> parameters = state.parameters();
        call->step->backward(*call->pass, given, parameters, gradients, input_gradients, *call);
        std::size_t at = 1 + call->inputs.size();
        each_learned(state.tensors, [&](std::size_t step, const Tensor&, auto member, auto) {
            const auto plain = call->plain_gradients.find(step);
            if (plain != call->plain_gradients.end()) made[at] = plain->second.*member;
            ++at;
        });
        call->plain_gradients.clear();
        for (std::size_t i = 0; i < call->inputs.size(); ++i)
            if (made[1 + i].defined()) made[1 + i] = made[1 + i].to(at::kFloat);
        return made;
    }
};

}  // namespace

FastStep::FastStep(const Plan& plan, std::vector<StepTensors> tensors)
    : state_(std::make_shared<State>(State{plan, std::move(tensors), {}})) {}

bool FastStep::can_play(const std::map<std::string, Tensor>& inputs) const {
    const std::optional<at::ScalarType> autocast = autocast_type();
    if (!at::GradMode::is_enabled() || c10::InferenceMode::is_enabled() || (autocast && *autocast != at::kBFloat16) ||
        !TrainingStep::available(autocast ? Precision::bf16 : Precision::f32))
        return false;
    const auto fits = [](const Tensor& t) { return t.device().is_cpu() && t.scalar_type() == at::kFloat; };
    // Its values in bfloat16 would be the matrices, too.
    if (autocast && std::any_of(state_->plan.steps.begin(), state_->plan.steps.end(), makes_matrices)) return false;
    bool learns = false, all_fit = true;
    for (const auto& [name, input] : inputs) {
        all_fit = all_fit && fits(input) && (input.dim() == 2 || input.dim() == 4);
        learns = learns || input.requires_grad();
    }
    each_learned(state_->tensors, [&](std::size_t, const Tensor& parameter, auto, auto) {
        all_fit = all_fit && fits(parameter) &&
                  (parameter.is_contiguous() || parameter.is_contiguous(at::MemoryFormat::ChannelsLast));
        learns = learns || parameter.requires_grad();
    });
    return learns && all_fit;
}

void FastStep::measure() {
    if (!state_->compiled.empty()) state_->compiled.front().step->measure();
}

std::vector<TrainingCost> FastStep::costs() const {
    return state_->compiled.empty() ? std::vector<TrainingCost>() : state_->compiled.front().step->costs();
}

std::map<std::string, Tensor> FastStep::play(const std::map<std::string, Tensor>& inputs, const PlayStep& plain) {
    const auto call = c10::make_intrusive<FastCall>();
    call->state = state_;
    call->precision = autocast_type() ? Precision::bf16 : Precision::f32;
    call->play = &plain;
    call->flat = flat_values(state_->plan, inputs);
    TrainingSetting setting;
    setting.precision = call->precision;
    setting.threads = at::get_num_threads();
    std::vector<Tensor> variables;
    for (const int index : state_->plan.inputs()) {
        const Tensor& fed = inputs.at(state_->plan.steps[static_cast<std::size_t>(index)].as<step::PlanInput>()->name);
        const bool flat = fed.dim() == 2;
        setting.count = static_cast<int>(fed.size(0));
        setting.sizes.push_back({flat ? 1 : static_cast<int>(fed.size(2)), flat ? 1 : static_cast<int>(fed.size(3))});
        setting.wanted.push_back(fed.requires_grad());
        call->fed.push_back(fed);
        call->inputs.push_back(laid_out(fed, call->precision));
        variables.push_back(fed);
    }
    each_learned(state_->tensors,
                 [&](std::size_t, const Tensor& parameter, auto, auto) { variables.push_back(parameter); });
    for (StepTensors& t : state_->tensors)
        if (t.batches_tracked.defined()) t.batches_tracked.add_(1);
    call->step = state_->step_for(setting);
    const torch::autograd::variable_list made = FastFunction::apply(call.get(), at::TensorList(variables));
    call->play = nullptr;
    std::map<std::string, Tensor> results;
    for (std::size_t i = 0; i < made.size(); ++i) results[state_->plan.outputs[i].name] = made[i];
    return results;
}

}  // namespace affectsr
