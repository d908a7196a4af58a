#include "affectsr/engine/training_step.h"

#include <algorithm>
#include <mutex>
#include <set>

#include "affectsr/base/error.h"
#include "affectsr/engine/conv_training.h"
#include "affectsr/engine/cores.h"
#include "affectsr/engine/enlarge_smooth.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/engine/training_clock.h"
#include "affectsr/engine/training_loops.h"
#include "affectsr/engine/training_plan.h"

namespace affectsr {

using namespace engine;

namespace {

std::size_t at(int index) {
    return static_cast<std::size_t>(index);
}

Derivative derivative_of(const Epilogue& epilogue) {
    return {epilogue.activation, epilogue.slope};
}

/// A block of large pages that is taken once.
struct Memory {
    LargePages pages;
    std::byte* data = nullptr;
    explicit Memory(std::size_t bytes) : data(pages.take(bytes)) {}
};

}  // namespace

class TrainingStep::Pass {
 public:
    std::vector<const void*> inputs;  ///< by step; of others null
    std::shared_ptr<Memory> values;
    std::vector<NormStatistics> statistics;    ///< by operation
    std::vector<std::shared_ptr<void>> plain;  ///< by operation: what PlainSteps keeps
};

namespace {

/// Memory of passes that are over, for the next.
struct Pool {
    std::mutex mutex;
    std::vector<std::unique_ptr<Memory>> free;
};

std::shared_ptr<Memory> taken(const std::shared_ptr<Pool>& pool, std::size_t bytes) {
    std::unique_ptr<Memory> memory;
    {
        const std::lock_guard lock(pool->mutex);
        if (!pool->free.empty()) {
            memory = std::move(pool->free.back());
            pool->free.pop_back();
        }
    }
    if (!memory) memory = std::make_unique<Memory>(bytes);
    return {memory.release(), [pool](Memory* given) {
                const std::lock_guard lock(pool->mutex);
                pool->free.emplace_back(given);
            }};
}

}  // namespace

class TrainingStep::Impl {
 public:
    Impl(const Plan& plan, TrainingSetting setting)
        : plan_(plan), setting_(std::move(setting)), shapes_(plan.shapes(setting_.sizes)), inputs_(plan.inputs()) {
        const ThreadCount threads(setting_.threads);
        AFFECTSR_EXPECT(setting_.wanted.size() == inputs_.size(), "every input's gradient is wanted or not");
        std::set<std::size_t> wanted, plain;
        for (std::size_t i = 0; i < inputs_.size(); ++i)
            if (setting_.wanted[i]) wanted.insert(at(inputs_[i]));
        const std::size_t element = is_bf16() ? sizeof(Bf16) : sizeof(float);
        for (;;) {
            flow_ = training_plan(plan, setting_.count, shapes_, element, wanted, plain);
            const std::size_t before = plain.size();
            make_convolutions(plain);
            if (plain.size() == before) break;
        }
        for (std::size_t i = 0; i < flow_.backward.size(); ++i) has_gradient_.insert(flow_.backward[i].operation);
    }

    std::shared_ptr<Pass> forward(const std::vector<const void*>& inputs, std::span<const StepParameters> parameters,
                                  PlainSteps& plain) {
        const ThreadCount threads(setting_.threads);
        AFFECTSR_EXPECT(inputs.size() == inputs_.size() && parameters.size() == plan_.steps.size(),
                        "every input and every step has its own");
        auto pass = std::make_shared<Pass>();
        pass->inputs.resize(plan_.steps.size());
        for (std::size_t i = 0; i < inputs.size(); ++i) pass->inputs[at(inputs_[i])] = inputs[i];
        pass->values = taken(pool_, flow_.value_bytes);
        pass->statistics.resize(flow_.operations.size());
        pass->plain.resize(flow_.operations.size());
        for (std::size_t i = 0; i < flow_.operations.size(); ++i)
            clock_.time(flow_.operations[i].kind, " forward", [&] {
                if (is_bf16())
                    play<Bf16>(i, *pass, parameters, plain);
                else
                    play<float>(i, *pass, parameters, plain);
            });
        return pass;
    }

    TrainingValue result(const Pass& pass, std::size_t output) const {
        return value(pass, flow_.root[at(plan_.outputs.at(output).step)]);
    }

    void backward(Pass& pass, const std::vector<const void*>& result_gradients,
                  std::span<const StepParameters> parameters, std::span<const StepGradients> gradients,
                  const std::vector<void*>& input_gradients, PlainSteps& plain) {
        const ThreadCount threads(setting_.threads);
        AFFECTSR_EXPECT(result_gradients.size() == plan_.outputs.size() && gradients.size() == plan_.steps.size() &&
                            input_gradients.size() == inputs_.size(),
                        "every output, step and input has its gradient");
        if (!gradient_memory_) gradient_memory_ = std::make_unique<Memory>(flow_.gradient_bytes);
        if (is_bf16())
            go_back<Bf16>(pass, result_gradients, parameters, gradients, input_gradients, plain);
        else
            go_back<float>(pass, result_gradients, parameters, gradients, input_gradients, plain);
    }

    std::vector<std::size_t> plain_steps() const {
        std::vector<std::size_t> steps;
        for (const TrainingOperation& o : flow_.operations)
            if (o.kind == TrainingKind::plain) steps.push_back(o.step);
        return steps;
    }
    bool has_gradient(std::size_t step) const {
        return std::any_of(has_gradient_.begin(), has_gradient_.end(),
                           [&](std::size_t operation) { return flow_.operations[operation].step == step; });
    }
    std::size_t value_bytes() const { return flow_.value_bytes; }
    std::size_t gradient_bytes() const { return flow_.gradient_bytes; }
    TrainingClock clock_;

 private:
    bool is_bf16() const { return setting_.precision == Precision::bf16; }

    void make_convolutions(std::set<std::size_t>& plain) {
        convolutions_.clear();
        convolutions_.resize(flow_.operations.size());
        for (std::size_t i = 0; i < flow_.operations.size(); ++i) {
            const TrainingOperation& o = flow_.operations[i];
            if (o.kind != TrainingKind::conv) continue;
            const int source = o.terms[0].value;
            const ConvShape shape{setting_.count, shapes_[at(source)], shapes_[at(o.result)],
                                  *plan_.steps[o.step].as<step::Conv>()};
            const auto type = is_bf16() ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32;
            convolutions_[i] =
                std::make_unique<ConvTraining>(shape, type, o.epilogue, flow_.learns[at(source)], scratch_);
            if (!convolutions_[i]->is_fast()) plain.insert(o.step);
        }
    }

    TrainingValue value(const Pass& pass, int index) const {
        const void* fed = pass.inputs[at(index)];
        void* data = fed != nullptr ? const_cast<void*>(fed) : pass.values->data + flow_.values[at(index)].offset;
        return {data, setting_.count, shapes_[at(index)], setting_.precision};
    }
    template <class E>
    Block<E> block(const Pass& pass, int index) const {
        return {static_cast<E*>(value(pass, index).data), setting_.count, shapes_[at(index)]};
    }
    template <class E>
    const E* added(const Pass& pass, const TrainingOperation& o) const {
        return o.terms.size() > 1 ? block<E>(pass, o.terms[1].value).data : nullptr;
    }
    Taps taps(const TrainingOperation& o, int size) const { return *taps_of(plan_.steps[o.step], size); }
    NormWeights norm_weights(const TrainingOperation& o, const StepParameters& p) const {
        const Step& s = plan_.steps[o.step];
        if (const auto* batch = s.as<step::BatchNorm>()) return {p.weight, p.bias, batch->epsilon, false};
        return {p.weight, p.bias, s.as<step::InstanceNorm>()->epsilon, true};
    }

    template <class E>
    void play(std::size_t index, Pass& pass, std::span<const StepParameters> parameters, PlainSteps& plain) {
        const TrainingOperation& o = flow_.operations[index];
        const StepParameters& p = parameters[o.step];
        const Block<E> result = block<E>(pass, o.result), x = block<E>(pass, o.terms[0].value);
        const int threads = setting_.threads;
        switch (o.kind) {
            case TrainingKind::conv: {
                ConvTraining& conv = *convolutions_[index];
                conv.pack(p.weight, p.channels_last);
                conv.forward(x.data, p.bias, result.data);
                if (o.epilogue.activation != Activation::none && !conv.activates())
                    sum_forward<E>(result, {{result.data, 0, 1}}, o.epilogue, threads);
                return;
            }
            case TrainingKind::norm:
                return norm_forward<E>(result, x.data, added<E>(pass, o), norm_weights(o, p), o.epilogue,
                                       pass.statistics[index], p.running_mean, p.running_var, threads);
            case TrainingKind::sum: {
                std::vector<Addend<E>> terms;
                for (const Term& term : o.terms) terms.push_back({block<E>(pass, term.value).data, 0, term.factor});
                return sum_forward<E>(result, terms, o.epilogue, threads);
            }
            case TrainingKind::concat:
                return concat_forward<E>(o, pass, result);
            case TrainingKind::enlarge:
                return enlarge_forward<E>(result, x.data, plan_.steps[o.step].as<step::EnlargeNearest>()->factor,
                                          threads);
            case TrainingKind::smooth:
                return enlarge_smooth<E>(x, result, taps(o, x.shape.height), taps(o, x.shape.width), threads);
            case TrainingKind::mean:
                return mean_forward<E>(result.data, x, threads);
            case TrainingKind::gate:
                return gate_forward<E>(result, x.data, block<E>(pass, o.terms[1].value).data, threads);
            case TrainingKind::plain: {
                std::vector<TrainingValue> inputs;
                for (const Term& term : o.terms) inputs.push_back(value(pass, term.value));
                pass.plain[index] = plain.forward(o.step, inputs, value(pass, o.result));
                return;
            }
        }
    }

    template <class E>
    void concat_forward(const TrainingOperation& o, const Pass& pass, const Block<E>& result) {
        spread(setting_.threads, result.pixels(), [&](std::size_t begin, std::size_t end) {
            std::size_t offset = 0;
            for (const Term& term : o.terms) {
                const Block<E> part = block<E>(pass, term.value);
                copy_channels(result.data + begin * result.channels() + offset, result.channels(),
                              part.data + begin * part.channels(), part.channels(), part.channels(), end - begin);
                offset += part.channels();
            }
        });
    }

    template <class E>
    struct Gradients {
        const std::vector<const void*>& results;
        std::byte* memory;
        const std::vector<Life>& lives;
        E* data(int buffer) const {
            if (buffer < 0) return nullptr;
            if (at(buffer) < results.size()) return static_cast<E*>(const_cast<void*>(results[at(buffer)]));
            return reinterpret_cast<E*>(memory + lives[at(buffer)].offset);
        }
        std::vector<Addend<E>> shares(const std::vector<GradientShare>& from) const {
            std::vector<Addend<E>> made;
            for (const GradientShare& share : from)
                made.push_back({data(share.buffer) + share.offset, share.pitch, share.factor});
            return made;
        }
    };

    template <class E>
    void go_back(Pass& pass, const std::vector<const void*>& result_gradients,
                 std::span<const StepParameters> parameters, std::span<const StepGradients> gradients,
                 const std::vector<void*>& input_gradients, PlainSteps& plain) {
        const Gradients<E> all{result_gradients, gradient_memory_->data, flow_.gradients};
        for (const BackwardCall& call : flow_.backward) {
            const TrainingOperation& o = flow_.operations[call.operation];
            clock_.time(o.kind, " backward",
                        [&] { go_back_over<E>(call, all, pass, parameters[o.step], gradients[o.step], plain); });
        }
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
            const std::vector<GradientShare>& shares = flow_.input_shares[at(inputs_[i])];
            if (input_gradients[i] == nullptr) continue;
            const Block<E> sum{static_cast<E*>(input_gradients[i]), setting_.count, shapes_[at(inputs_[i])]};
            if (shares.empty())
                std::fill_n(sum.data, sum.elements(), E{});
            else
                add_up_spread<E>(sum, all.shares(shares), nullptr, {}, setting_.threads);
        }
    }

    template <class E>
    void go_back_over(const BackwardCall& call, const Gradients<E>& all, Pass& pass, const StepParameters& p,
                      const StepGradients& wanted, PlainSteps& plain) {
        const TrainingOperation& o = flow_.operations[call.operation];
        const int threads = setting_.threads;
        const std::vector<Addend<E>> shares = all.shares(call.shares);
        const Block<E> result = block<E>(pass, o.result), x = block<E>(pass, o.terms[0].value);
        const E* const mask = o.epilogue.activation == Activation::none ? nullptr : result.data;
        const auto term_gradient = [&](std::size_t term) { return all.data(call.term_gradients[term]); };
        E* const summed = all.data(call.summed);
        if (o.kind == TrainingKind::norm)
            return norm_backward_spread<E>({term_gradient(0), x.count, x.shape}, summed, shares, mask,
                                           derivative_of(o.epilogue), x.data, norm_weights(o, p),
                                           pass.statistics[call.operation], wanted.weight, wanted.bias, threads);
        if (summed != nullptr)
            add_up_spread<E>({summed, result.count, result.shape}, shares, mask, derivative_of(o.epilogue), threads);
        const E* const gradient = summed != nullptr ? summed : shares[0].data;
        switch (o.kind) {
            case TrainingKind::conv: {
                ConvTraining& conv = *convolutions_[call.operation];
                if (wanted.weight != nullptr || wanted.bias != nullptr)
                    conv.backward_weights(x.data, gradient, wanted.weight, wanted.bias, p.channels_last);
                if (term_gradient(0) != nullptr) conv.backward_data(gradient, term_gradient(0));
                return;
            }
            case TrainingKind::enlarge:
                if (term_gradient(0) == nullptr) return;
                return enlarge_backward<E>({term_gradient(0), x.count, x.shape}, gradient,
                                           plan_.steps[o.step].as<step::EnlargeNearest>()->factor, threads);
            case TrainingKind::smooth:
                if (term_gradient(0) == nullptr) return;
                return enlarge_smooth_backward<E>({term_gradient(0), x.count, x.shape}, gradient,
                                                  taps(o, x.shape.height), taps(o, x.shape.width), threads);
            case TrainingKind::mean:
                if (term_gradient(0) == nullptr) return;
                return mean_backward<E>({term_gradient(0), x.count, x.shape}, gradient, threads);
            case TrainingKind::gate:
                return gate_backward<E>(x, block<E>(pass, o.terms[1].value).data, gradient, term_gradient(0),
                                        term_gradient(1), threads);
            case TrainingKind::plain: {
                std::vector<TrainingValue> made;
                for (std::size_t t = 0; t < o.terms.size(); ++t) {
                    made.push_back(value(pass, o.terms[t].value));
                    made.back().data = term_gradient(t);
                }
                return plain.backward(o.step, pass.plain[call.operation].get(),
                                      {const_cast<E*>(gradient), result.count, result.shape, setting_.precision}, made);
            }
            default:  // sums and concats only pass shares on
                return;
        }
    }

    const Plan& plan_;
    TrainingSetting setting_;
    std::vector<ValueShape> shapes_;
    std::vector<int> inputs_;
    TrainingPlan flow_;
    std::set<std::size_t> has_gradient_;  ///< operations that go backward
    TrainingScratch scratch_;
    std::vector<std::unique_ptr<ConvTraining>> convolutions_;  ///< by operation
    std::unique_ptr<Memory> gradient_memory_;
    std::shared_ptr<Pool> pool_ = std::make_shared<Pool>();
};

bool TrainingStep::available(Precision precision) {
    return used_precision(precision) == precision;
}

TrainingStep::TrainingStep(const Plan& plan, TrainingSetting setting)
    : impl_(std::make_unique<Impl>(plan, std::move(setting))) {}
TrainingStep::~TrainingStep() = default;

std::shared_ptr<TrainingStep::Pass> TrainingStep::forward(const std::vector<const void*>& inputs,
                                                          std::span<const StepParameters> parameters,
                                                          PlainSteps& plain) {
    return impl_->forward(inputs, parameters, plain);
}

TrainingValue TrainingStep::result(const Pass& pass, std::size_t output) const {
    return impl_->result(pass, output);
}

void TrainingStep::backward(Pass& pass, const std::vector<const void*>& result_gradients,
                            std::span<const StepParameters> parameters, std::span<const StepGradients> gradients,
                            const std::vector<void*>& input_gradients, PlainSteps& plain) {
    impl_->backward(pass, result_gradients, parameters, gradients, input_gradients, plain);
}

std::vector<std::size_t> TrainingStep::plain_steps() const {
    return impl_->plain_steps();
}
bool TrainingStep::has_gradient(std::size_t step) const {
    return impl_->has_gradient(step);
}
std::size_t TrainingStep::value_bytes() const {
    return impl_->value_bytes();
}
std::size_t TrainingStep::gradient_bytes() const {
    return impl_->gradient_bytes();
}
void TrainingStep::measure() {
    impl_->clock_.begin();
}
std::vector<TrainingCost> TrainingStep::costs() const {
    return impl_->clock_.told();
}

}  // namespace affectsr
