#include "affectsr/engine/program.h"

#include <algorithm>
#include <optional>

#include "affectsr/base/error.h"
#include "affectsr/engine/cores.h"
#include "affectsr/engine/generative_loops.h"
#include "affectsr/engine/lives.h"
#include "affectsr/engine/loops.h"
#include "affectsr/engine/matrix_loops.h"
#include "affectsr/engine/point_loops.h"
#include "affectsr/engine/primitives.h"

namespace affectsr::engine {

using dnnl::memory;

namespace {

constexpr std::size_t kAlignment = 64;  // a cache line, and the widest vector

std::size_t aligned(std::size_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::size_t at(int step) {
    return static_cast<std::size_t>(step);
}

class Compiler {
 public:
    Compiler(const Plan& plan, const Operations& operations, Weights& weights, const Target& target)
        : plan_(plan),
          operations_(operations),
          weights_(weights),
          target_(target),
          shapes_(plan.shapes(target.sizes)),
          exact_(plan.exact_steps()),
          values_(plan.steps.size()) {}

    Program run() {
        const ThreadCount threads(target_.threads);
        follow_lives();
        for (const Operation& operation : operations_.list) choose_type(operation);
        for (const Operation& operation : operations_.list) prepare(operation);
        for (std::size_t i = 0; i < operations_.list.size(); ++i) choose_home(i);
        give_places();
        for (std::size_t i = 0; i < operations_.list.size(); ++i) emit(operations_.list[i], prepared_[i]);
        for (std::size_t i = 0; i < plan_.outputs.size(); ++i) emit_output(i);
        program_.threads = target_.threads;
        program_.inputs = target_.sizes.size();
        program_.outputs = plan_.outputs.size();
        return std::move(program_);
    }

 private:
    Life& value(int step) { return values_[at(step)]; }

    std::size_t bytes_of(int step) const {
        const bool narrow = values_[at(step)].type == memory::data_type::bf16;
        return static_cast<std::size_t>(target_.count) * static_cast<std::size_t>(shapes_[at(step)].count()) *
               (narrow ? 2 : 4);
    }

    void follow_lives() {
        const int end = static_cast<int>(operations_.list.size());
        for (int i = 0; i < end; ++i) {
            const Operation& o = operations_.list[at(i)];
            value(o.result).made = i;
            value(o.result).home = o.result;
            value(o.result).type = weights_.type();
            const auto read = [&](int step) {
                value(step).last = i;
                ++value(step).readers;
            };
            for (const int input : o.inputs) read(input);
            if (o.sum >= 0) read(o.sum);
        }
        for (const Plan::Output& output : plan_.outputs) {
            Life& life = value(operations_.value_of[at(output.step)]);
            life.is_output = true;
            life.last = end;
        }
    }

    /// What leaves the network is not rounded once more, nor what matrices are made of.
    void choose_type(const Operation& o) {
        Life& life = value(o.result);
        if (exact_[at(o.result)]) life.type = memory::data_type::f32;
        if (is_weighted(step_of(o)) && life.is_output && life.readers == 0 && o.sum < 0)
            life.type = memory::data_type::f32;
    }

    const Step& step_of(const Operation& o) const { return plan_.steps[o.step]; }

    /// Where the result may overwrite a value that nobody reads any more.
    void choose_home(std::size_t index) {
        const Operation& o = operations_.list[index];
        Life& life = value(o.result);
        const auto dies_here = [&](int step) {
            return step >= 0 && value(step).last == static_cast<int>(index) &&
                   shapes_[at(step)] == shapes_[at(o.result)] && value(step).type == life.type;
        };
        const Step& s = step_of(o);
        const bool element_wise = o.pointwise || s.is<step::Mul>() || is_affine(s) || s.is<step::InstanceNorm>() ||
                                  s.is<step::GroupNorm>() || s.is<step::AddNoise>() || s.is<step::Prelu>();
        const bool sum_is_input = std::find(o.inputs.begin(), o.inputs.end(), o.sum) != o.inputs.end();
        // An enlarged convolution of four has no primitive of its own, and fuse() gives it no sum.
        const Prepared& p = prepared_[index];
        const bool sums_in_place = !sum_is_input && (p.winograd || (p.primitive && p.primitive->sums));
        if (dies_here(o.sum) && (element_wise || sums_in_place))
            life.home = value(o.sum).home;
        else if (element_wise && dies_here(o.inputs[0]))
            life.home = value(o.inputs[0]).home;
    }

    struct Prepared {
        std::shared_ptr<const WinogradConv> winograd;
        std::optional<Primitive> primitive;
        std::vector<Primitive> parities;  ///< of an enlarged convolution, instead
        std::size_t parities_at = 0;      ///< where in the scratch their results lie
        std::size_t scratch = 0;
    };

    Surroundings around(const Operation& o) const {
        const int input = o.inputs[0];
        return {target_.count, shapes_[at(input)], shapes_[at(o.result)], values_[at(input)].type,
                values_[at(o.result)].type};
    }

    bool by_winograd(const Operation& o) const {
        if (o.inputs.empty() || target_.winograd == WinogradUse::never || !winograd_can(step_of(o), around(o)))
            return false;
        return target_.winograd == WinogradUse::wherever_it_can || winograd_pays(step_of(o), o, around(o));
    }

    void prepare(const Operation& o) {
        Prepared p;
        if (by_winograd(o)) {
            p.winograd = std::make_shared<const WinogradConv>(o, weights_, pages_, around(o), target_.threads);
            p.scratch = p.winograd->scratch_bytes();
            program_.weights.push_back(p.winograd->weights());
        } else if (o.enlarged > 1) {
            prepare_parities(o, p);
        } else if (!o.inputs.empty()) {
            p.primitive = primitive_of(plan_, o, weights_, pages_, around(o));
            if (p.primitive)
                keep(*p.primitive, p.scratch);
            else if (step_of(o).is<step::Splat>())
                p.scratch = splat_scratch(shapes_[at(o.result)], target_.count) * sizeof(float);
            else if (step_of(o).is<step::Attention>())
                p.scratch = attention_scratch(shapes_[at(o.inputs[0])], shapes_[at(o.inputs[1])], target_.count) *
                            sizeof(float);
            else if (makes_matrices(step_of(o)))
                p.scratch = matrix_scratch(step_of(o), shapes_[at(o.inputs[0])], shapes_[at(o.result)], target_.count);
            else if (!o.pointwise)
                p.scratch = loop_scratch(step_of(o), target_.count) * sizeof(float);
        }
        scratch_ = std::max(scratch_, aligned(p.scratch));
        prepared_.push_back(std::move(p));
    }

    void keep(const Primitive& primitive, std::size_t& scratch) {
        scratch = std::max(scratch, aligned(primitive.scratchpad.get_size()));
        if (primitive.weights) program_.weights.push_back(primitive.weights);
    }

    void prepare_parities(const Operation& o, Prepared& p) {
        Surroundings part = around(o);
        part.result.height = part.source.height;
        part.result.width = part.source.width;
        for (int parity = 0; parity < 4; ++parity) {
            p.parities.push_back(*primitive_of(plan_, o, weights_, pages_, part, parity));
            keep(p.parities.back(), p.parities_at);
        }
        p.scratch = p.parities_at + bytes_of(o.result);
    }

    void give_places() {
        for (std::size_t i = 0; i < values_.size(); ++i)
            if (values_[i].made >= 0) values_[i].bytes = aligned(bytes_of(static_cast<int>(i)));
        program_.scratch_bytes = place(values_, scratch_);
    }

    std::size_t offset(int step) const { return values_[at(values_[at(step)].home)].offset; }

    Action& append(const Operation& o, const std::string& label, const std::string& implementation) {
        Action action;
        action.label = label;
        action.kind = name_of(plan_.steps[o.step].kind);
        action.implementation = implementation;
        program_.actions.push_back(std::move(action));
        return program_.actions.back();
    }

    template <class E>
    Block<E> block(const Scratch& scratch, int step) const {
        if (step < 0) return {};
        return {reinterpret_cast<E*>(scratch.base + offset(step)), target_.count, shapes_[at(step)]};
    }

    void emit(const Operation& o, const Prepared& p) {
        if (step_of(o).is<step::PlanInput>())
            emit_input(o);
        else if (p.winograd)
            emit_winograd(o, p.winograd);
        else if (o.enlarged > 1 && value(o.result).type == memory::data_type::bf16)
            emit_parities<Bf16>(o, p);
        else if (o.enlarged > 1)
            emit_parities<float>(o, p);
        else if (p.primitive)
            emit_primitive(o, *p.primitive);
        else if (makes_matrices(step_of(o)))
            emit_matrices(o);
        else if (step_of(o).is<step::Splat>() && value(o.result).type == memory::data_type::bf16)
            emit_splat<Bf16>(o);
        else if (step_of(o).is<step::Splat>())
            emit_splat<float>(o);
        else if (value(o.result).type == memory::data_type::bf16)
            emit_loop<Bf16>(o);
        else
            emit_loop<float>(o);
    }

    void emit_input(const Operation& o) {
        if (value(o.result).type == memory::data_type::bf16)
            emit_input_as<Bf16>(o);
        else
            emit_input_as<float>(o);
    }

    template <class E>
    void emit_input_as(const Operation& o) {
        const ChannelNumbers numbers = weights_.affine(o, static_cast<std::size_t>(step_of(o).out_channels));
        append(o, o.label, "affectsr").bind = [self = frozen(), o, numbers,
                                               input = inputs_emitted_++](Scratch& scratch) {
            return [&scratch, input, numbers, block = self->template block<E>(scratch, o.result)] {
                const std::size_t area = block.pixels() / static_cast<std::size_t>(block.count);
                for (int n = 0; n < block.count; ++n)
                    from_planes(block.picture(n),
                                scratch.inputs[input] + static_cast<std::int64_t>(n) * block.shape.count(), area,
                                block.channels(), numbers.scale.data(), numbers.shift.data());
            };
        };
    }

    template <class E>
    void emit_loop(const Operation& o) {
        append(o, o.label, "affectsr").bind = [self = frozen(), o](Scratch& scratch) {
            std::vector<Block<E>> inputs;
            for (const int input : o.inputs) inputs.push_back(self->template block<E>(scratch, input));
            std::function<void()> call =
                loop_of<E>(self->plan_, o, self->weights_, inputs, self->template block<E>(scratch, o.sum),
                           self->template block<E>(scratch, o.result), reinterpret_cast<float*>(scratch.base),
                           self->target_.threads);
            AFFECTSR_EXPECT(call, std::string("nobody plays a step \"") + name_of(self->step_of(o).kind) + "\"");
            return call;
        };
    }

    template <class E>
    void emit_splat(const Operation& o) {
        const std::vector<int> inputs = plan_.inputs();
        const int places = step_of(o).inputs[1];
        const auto input = static_cast<std::size_t>(std::find(inputs.begin(), inputs.end(), places) - inputs.begin());
        append(o, o.label, "affectsr").bind = [self = frozen(), o, input,
                                               coordinates = shapes_[at(places)].channels](Scratch& scratch) {
            return [&scratch, input, coordinates, points = self->template block<E>(scratch, o.inputs[0]),
                    map = self->template block<E>(scratch, o.result), threads = self->target_.threads] {
                splat(points, scratch.inputs[input], coordinates, map, reinterpret_cast<float*>(scratch.base), threads);
            };
        };
    }

    void emit_matrices(const Operation& o) {
        Action& action = append(o, o.label, "affectsr");
        action.flops = flops(o);
        action.bind = [self = frozen(), o](Scratch& scratch) {
            const auto typed = [&](int step) {
                return TypedBlock{scratch.base + self->offset(step),
                                  self->values_[at(step)].type == memory::data_type::bf16, self->target_.count,
                                  self->shapes_[at(step)]};
            };
            return matrix_call(self->step_of(o), self->weights_, typed(o.inputs[0]), typed(o.result), scratch.base,
                               self->target_.threads);
        };
    }

    void emit_winograd(const Operation& o, const std::shared_ptr<const WinogradConv>& conv) {
        Action& action = append(o, o.label, conv->implementation());
        action.flops = flops(o);
        action.bind = [self = frozen(), o, conv](Scratch& scratch) {
            return conv->bind({self->block<float>(scratch, o.inputs[0]).data, self->block<float>(scratch, o.sum).data,
                               self->block<float>(scratch, o.result).data},
                              scratch.base);
        };
    }

    /// As the plan counts them, whatever shortcut is taken.
    std::int64_t flops(const Operation& o) const { return plan_.flops_of(o.step, shapes_) * target_.count; }

    void emit_primitive(const Operation& o, const Primitive& p) {
        // A fused sum is added to what lies in the result's memory.
        if (p.sums && value(o.result).home != value(o.sum).home) {
            append(o, "copy for " + o.label, "affectsr").bind = [self = frozen(), o](Scratch& scratch) {
                return [to = scratch.base + self->offset(o.result), from = scratch.base + self->offset(o.sum),
                        bytes = self->bytes_of(o.sum),
                        threads = self->target_.threads] { copy_spread(to, from, bytes, threads); };
            };
        }
        Action& action = append(o, o.label, p.implementation);
        action.flops = flops(o);
        action.bind = [self = frozen(), o, p](Scratch& scratch) {
            return self->bound(o, p, scratch, scratch.base + self->offset(o.result));
        };
        const bool left = (o.sum >= 0 && !p.sums) || (o.epilogue.activation != Activation::none && !p.activates);
        if (!left) return;
        Operation rest{.step = o.step,
                       .pointwise = true,
                       .inputs = {o.result},
                       .affine = {},
                       .sum = p.sums ? -1 : o.sum,
                       .epilogue = {1, o.epilogue.activation, o.epilogue.slope},
                       .result = o.result,
                       .label = "rest of " + o.label};
        if (value(o.result).type == memory::data_type::bf16)
            emit_loop<Bf16>(rest);
        else
            emit_loop<float>(rest);
    }

    template <class E>
    void emit_parities(const Operation& o, const Prepared& prepared) {
        const std::size_t part = bytes_of(o.result) / 4;
        for (std::size_t parity = 0; parity < 4; ++parity) {
            const Primitive& p = prepared.parities[parity];
            Action& action = append(o, o.label, p.implementation);
            action.flops = flops(o) / 4;
            action.bind = [self = frozen(), o, p, to = prepared.parities_at + parity * part](Scratch& scratch) {
                return self->bound(o, p, scratch, scratch.base + to);
            };
        }
        const bool activates = prepared.parities.front().activates;
        append(o, "interleave " + o.label, "affectsr").bind = [self = frozen(), o, from = prepared.parities_at,
                                                               activates](Scratch& scratch) {
            return [result = self->template block<E>(scratch, o.result), threads = self->target_.threads,
                    parities = reinterpret_cast<const E*>(scratch.base + from), activates,
                    left = Epilogue{1, o.epilogue.activation, o.epilogue.slope}] {
                interleave(result, parities, threads);
                if (!activates && left.activation != Activation::none)
                    pointwise(result, static_cast<const E*>(result.data), static_cast<const E*>(nullptr), left,
                              threads);
            };
        };
    }

    std::function<void()> bound(const Operation& o, const Primitive& p, Scratch& scratch, std::byte* result) const {
        std::vector<std::pair<int, memory>> arguments = p.constants;
        arguments.emplace_back(DNNL_ARG_SRC, memory(p.source, processor(), scratch.base + offset(o.inputs[0])));
        arguments.emplace_back(DNNL_ARG_DST, memory(p.result, processor(), result));
        if (p.scratchpad.get_size() > 0)
            arguments.emplace_back(DNNL_ARG_SCRATCHPAD, memory(p.scratchpad, processor(), scratch.base));
        return PrimitiveCall(p.primitive, scratch.stream, std::move(arguments));
    }

    void emit_output(std::size_t index) {
        const int step = operations_.value_of[at(plan_.outputs[index].step)];
        const Operation o{.step = at(step), .inputs = {}, .affine = {}, .epilogue = {}, .label = {}};
        if (value(step).type == memory::data_type::bf16)
            emit_output_as<Bf16>(o, index, step);
        else
            emit_output_as<float>(o, index, step);
    }

    template <class E>
    void emit_output_as(const Operation& o, std::size_t index, int step) {
        Action& action = append(o, "output " + plan_.outputs[index].name, "affectsr");
        action.kind = "output";
        action.bind = [self = frozen(), index, step](Scratch& scratch) {
            return [&scratch, index, block = self->template block<E>(scratch, step)] {
                float* to = scratch.outputs[index];
                if (to == nullptr) return;
                const std::size_t area = block.pixels() / static_cast<std::size_t>(block.count);
                for (int n = 0; n < block.count; ++n)
                    to_planes(to + static_cast<std::int64_t>(n) * block.shape.count(),
                              static_cast<const E*>(block.picture(n)), area, block.channels());
            };
        };
    }

    /// The finished layout, which bind functions look into; made once, after give_places().
    std::shared_ptr<const Compiler> frozen() {
        if (!frozen_) {
            auto copy = std::make_shared<Compiler>(plan_, operations_, weights_, target_);
            copy->values_ = values_;
            frozen_ = std::move(copy);
        }
        return frozen_;
    }

    const Plan& plan_;
    const Operations& operations_;
    Weights& weights_;
    Target target_;
    std::vector<ValueShape> shapes_;
    std::vector<bool> exact_;  ///< by step
    std::vector<Life> values_;
    std::vector<Prepared> prepared_;
    std::size_t scratch_ = 0;
    std::size_t inputs_emitted_ = 0;
    /// Of the weights that this program is the first to pack: they go when the last program that reads one of them
    /// goes.
    std::shared_ptr<LargePages> pages_ = std::make_shared<LargePages>();
    Program program_;
    std::shared_ptr<const Compiler> frozen_;
};

}  // namespace

Program compile(const Plan& plan, const Operations& operations, Weights& weights, const Target& target) {
    return Compiler(plan, operations, weights, target).run();
}

Player::Player(std::shared_ptr<const Program> program, LargePages memory)
    : program_(std::move(program)), memory_(std::move(memory)) {
    memory_.reuse();
    scratch_.base = memory_.take(program_->scratch_bytes);
    scratch_.inputs.resize(program_->inputs);
    scratch_.outputs.resize(program_->outputs);
    scratch_.stream = dnnl::stream(processor());
    for (const Action& action : program_->actions) calls_.push_back(action.bind(scratch_));
}

LargePages Player::take_memory() {
    calls_.clear();
    return std::move(memory_);
}

// Some of oneDNN's primitives, pools among them, spread over all threads that are there as they are played.
void Player::play() const {
    const ThreadCount threads(program_->threads);
    for (const auto& call : calls_) call();
}

void Player::play(std::size_t action) const {
    const ThreadCount threads(program_->threads);
    calls_[action]();
}

}  // namespace affectsr::engine
