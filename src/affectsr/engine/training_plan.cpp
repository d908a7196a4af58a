#include "affectsr/engine/training_plan.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace affectsr::engine {

namespace {

std::size_t at(int index) {
    return static_cast<std::size_t>(index);
}

/// Whether an operation keeps its result for its own backward pass.
bool keeps_result(const TrainingOperation& o) {
    return o.epilogue.activation != Activation::none;
}

/// Whether it keeps what it reads.
bool keeps_term(const TrainingOperation& o, std::size_t term) {
    switch (o.kind) {
        case TrainingKind::conv:
        case TrainingKind::gate:
        case TrainingKind::plain:
            return true;
        case TrainingKind::norm:
            return term == 0;
        default:
            return false;
    }
}

std::optional<Epilogue> activation_of(const Step& s) {
    if (s.is<step::Relu>()) return Epilogue{1, Activation::relu, 0};
    if (const auto* leaky = s.as<step::LeakyRelu>())
        if (leaky->slope >= 0) return Epilogue{1, Activation::leaky_relu, static_cast<float>(leaky->slope)};
    return std::nullopt;
}

/// Groups steps into operations. An operation waits until its only reader has been seen: it may become part of it.
class Grouping {
 public:
    Grouping(const Plan& plan, const std::vector<ValueShape>& shapes, const std::set<std::size_t>& plain)
        : plan_(plan), shapes_(shapes), plain_(plain), readers_(plan.steps.size()), waiting_(plan.steps.size()) {
        const std::vector<bool> needed = plan.needed_steps();
        for (std::size_t i = 0; i < plan.steps.size(); ++i)
            for (const int input : plan.steps[i].inputs) readers_[at(input)] += needed[i] ? 1 : 0;
        for (const Plan::Output& output : plan.outputs) ++readers_[at(output.step)];
        for (std::size_t i = 0; i < plan.steps.size(); ++i) root_.push_back(static_cast<int>(i));
        for (std::size_t i = 0; i < plan.steps.size(); ++i)
            if (needed[i]) visit(i);
        for (std::size_t i = 0; i < plan.steps.size(); ++i) play(static_cast<int>(i));
    }
    std::vector<TrainingOperation> operations_;
    std::vector<int> root_;

 private:
    /// The operation that makes `value`, if nobody else reads it and it is not played yet.
    TrainingOperation* open(int value) {
        auto& held = waiting_[at(value)];
        return held && readers_[at(value)] == 1 ? &*held : nullptr;
    }
    void play(int value) {
        auto& held = waiting_[at(value)];
        if (held) operations_.push_back(std::move(*held));
        held.reset();
    }
    /// The operation goes on as that of `step`.
    void extend(int from, std::size_t step) {
        waiting_[step] = std::move(waiting_[at(from)]);
        waiting_[at(from)].reset();
        waiting_[step]->result = static_cast<int>(step);
    }
    void make(TrainingKind kind, std::size_t i, std::vector<Term> terms, Epilogue epilogue = {}) {
        for (const Term& term : terms) play(term.value);
        for (Term& term : terms) term.value = root_[at(term.value)];
        waiting_[i] = TrainingOperation{kind, i, static_cast<int>(i), std::move(terms), epilogue};
        if (readers_[i] != 1) play(static_cast<int>(i));
    }
    std::vector<Term> terms_of(const Step& s) const {
        std::vector<Term> terms;
        for (const int input : s.inputs) terms.push_back({input, 1});
        return terms;
    }
    static bool linear(const TrainingOperation* o, TrainingKind kind) {
        return o != nullptr && o->kind == kind && o->epilogue.activation == Activation::none;
    }
    /// What a term of a sum reads, with the sums without activation before it dissolved.
    void add_terms(std::vector<Term>& terms, int value, float factor) {
        if (const TrainingOperation* before = open(value); linear(before, TrainingKind::sum)) {
            for (const Term& term : before->terms) terms.push_back({term.value, term.factor * factor});
            waiting_[at(value)].reset();
        } else {
            terms.push_back({value, factor});
        }
    }
    void visit_add(std::size_t i, int a, int b) {
        for (const auto& [normed, added] : {std::pair(a, b), std::pair(b, a)}) {
            TrainingOperation* norm = open(normed);
            if (normed == added || !linear(norm, TrainingKind::norm) || norm->terms.size() != 1) continue;
            play(added);
            norm->terms.push_back({root_[at(added)], 1});
            extend(normed, i);
            if (readers_[i] != 1) play(static_cast<int>(i));
            return;
        }
        std::vector<Term> terms;
        add_terms(terms, a, 1);
        add_terms(terms, b, 1);
        make(TrainingKind::sum, i, std::move(terms));
    }
    void visit_activation(std::size_t i, int x, const Epilogue& epilogue) {
        TrainingOperation* before = open(x);
        if (linear(before, TrainingKind::conv) || linear(before, TrainingKind::norm) ||
            linear(before, TrainingKind::sum)) {
            before->epilogue = epilogue;
            extend(x, i);
            if (readers_[i] != 1) play(static_cast<int>(i));
        } else {
            make(TrainingKind::sum, i, {{x, 1}}, epilogue);
        }
    }
    bool gates(const Step& s) const {
        const ValueShape& gate = shapes_[at(s.inputs[1])];
        const ValueShape& x = shapes_[at(s.inputs[0])];
        return s.is<step::Mul>() && gate == ValueShape{x.channels, 1, 1} && x != gate;
    }
    void visit(std::size_t i) {
        const Step& s = plan_.steps[i];
        if (s.is<step::PlanInput>()) return;
        const auto activation = activation_of(s);
        const auto* scale = s.as<step::Scale>();
        const auto* flatten = s.as<step::Flatten>();
        if (plain_.contains(i))
            make(TrainingKind::plain, i, terms_of(s));
        else if (activation)
            visit_activation(i, s.inputs[0], *activation);
        else if (s.is<step::Conv>())
            make(TrainingKind::conv, i, terms_of(s));
        else if (s.is<step::BatchNorm>() || s.is<step::InstanceNorm>())
            make(TrainingKind::norm, i, terms_of(s));
        else if (s.is<step::Add>())
            visit_add(i, s.inputs[0], s.inputs[1]);
        else if (scale && scale->by.size() == 1) {
            std::vector<Term> terms;
            add_terms(terms, s.inputs[0], scale->by[0]);
            make(TrainingKind::sum, i, std::move(terms));
        } else if (s.is<step::Concat>())
            make(TrainingKind::concat, i, terms_of(s));
        else if (s.is<step::EnlargeNearest>())
            make(TrainingKind::enlarge, i, terms_of(s));
        else if (s.is<step::EnlargeBilinear>() || s.is<step::EnlargeBicubic>())
            make(TrainingKind::smooth, i, terms_of(s));
        else if (s.is<step::GlobalAvgPool>())
            make(TrainingKind::mean, i, terms_of(s));
        else if (s.inputs.size() == 2 && gates(s))
            make(TrainingKind::gate, i, terms_of(s));
        else if (flatten && flatten->pixels == 1) {
            play(s.inputs[0]);
            root_[i] = root_[at(s.inputs[0])];
        } else
            make(TrainingKind::plain, i, terms_of(s));
    }

    const Plan& plan_;
    const std::vector<ValueShape>& shapes_;
    const std::set<std::size_t>& plain_;
    std::vector<int> readers_;
    std::vector<std::optional<TrainingOperation>> waiting_;
};

/// Gives values and gradients their places and writes the way back.
class Flow {
 public:
    Flow(const Plan& plan, int count, const std::vector<ValueShape>& shapes, std::size_t element_bytes,
         const std::set<std::size_t>& wanted, TrainingPlan& made)
        : plan_(plan),
          count_(static_cast<std::size_t>(count)),
          shapes_(shapes),
          element_bytes_(element_bytes),
          wanted_(wanted),
          made_(made),
          shares_(plan.steps.size()) {}

    void place_values() {
        made_.values.resize(plan_.steps.size());
        constexpr int kForever = std::numeric_limits<int>::max();
        for (std::size_t i = 0; i < made_.operations.size(); ++i) {
            const TrainingOperation& o = made_.operations[i];
            const int now = static_cast<int>(i);
            Life& result = made_.values[at(o.result)];
            result = {now, keeps_result(o) ? kForever : now, 0, false, o.result, {}, bytes_of(at(o.result)), 0};
            for (std::size_t t = 0; t < o.terms.size(); ++t) {
                Life& read = made_.values[at(o.terms[t].value)];
                read.last = keeps_term(o, t) ? kForever : std::max(read.last, now);
            }
        }
        for (const Plan::Output& output : plan_.outputs) made_.values[at(made_.root[at(output.step)])].last = kForever;
        made_.value_bytes = place(made_.values, 0);
    }

    void see_who_learns() {
        made_.learns.assign(plan_.steps.size(), false);
        for (std::size_t i = 0; i < plan_.steps.size(); ++i) {
            const Step& s = plan_.steps[i];
            bool learns = wanted_.contains(i);
            for (const Parameter& parameter : parameters_of(s))
                learns = learns || parameter.role == Parameter::Role::learned;
            for (const int input : s.inputs) learns = learns || made_.learns[at(input)];
            made_.learns[i] = learns;
        }
    }

    void go_back() {
        for (const Plan::Output& output : plan_.outputs) {
            const int root = made_.root[at(output.step)];
            shares_[at(root)].push_back({new_gradient(bytes_of(at(root)), -1), 0, channels(root), 1});
        }
        for (std::size_t i = made_.operations.size(); i-- > 0;) go_back_over(i);
        made_.input_shares.resize(plan_.steps.size());
        made_.input_sums.assign(plan_.steps.size(), -1);
        for (const std::size_t input : wanted_) {
            if (shares_[input].empty()) continue;
            read(shares_[input]);
            made_.input_shares[input] = shares_[input];
            made_.input_sums[input] = new_gradient(bytes_of(input));
            ++now_;
        }
        made_.gradient_bytes = place(made_.gradients, 0);
    }

 private:
    std::size_t channels(int value) const { return static_cast<std::size_t>(shapes_[at(value)].channels); }
    std::size_t bytes_of(std::size_t value) const {
        const std::size_t bytes = count_ * static_cast<std::size_t>(shapes_[value].count()) * element_bytes_;
        return (bytes + 63) / 64 * 64;
    }
    int new_gradient(std::size_t bytes) { return new_gradient(bytes, now_); }
    int new_gradient(std::size_t bytes, int made) {
        const int index = static_cast<int>(made_.gradients.size());
        made_.gradients.push_back({made, now_, 0, false, index, {}, bytes, 0});
        return index;
    }
    void read(const std::vector<GradientShare>& shares) {
        for (const GradientShare& share : shares) {
            Life& life = made_.gradients[at(share.buffer)];
            life.last = std::max(life.last, now_);
        }
    }
    void give(int value, const GradientShare& share) {
        if (made_.learns[at(value)]) shares_[at(value)].push_back(share);
    }

    void go_back_over(std::size_t index) {
        const TrainingOperation& o = made_.operations[index];
        const std::vector<GradientShare>& shares = shares_[at(o.result)];
        if (shares.empty() || !made_.learns[at(o.result)]) return;
        BackwardCall call{index, shares, -1, std::vector<int>(o.terms.size(), -1)};
        const bool needs_dense = o.kind != TrainingKind::sum && o.kind != TrainingKind::concat;
        const bool is_dense = shares[0].pitch == channels(o.result) && shares[0].factor == 1;
        if (shares.size() > 1 || o.epilogue.activation != Activation::none || (needs_dense && !is_dense))
            call.summed = new_gradient(bytes_of(at(o.result)));
        read(shares);
        const GradientShare whole = call.summed >= 0 ? GradientShare{call.summed, 0, channels(o.result), 1} : shares[0];
        hand_on(o, whole, call);
        if (call.summed >= 0)
            made_.gradients[at(call.summed)].last = std::max(made_.gradients[at(call.summed)].last, now_);
        made_.backward.push_back(std::move(call));
        ++now_;
    }

    /// Gives every term its share of the gradient `whole`.
    void hand_on(const TrainingOperation& o, const GradientShare& whole, BackwardCall& call) {
        std::size_t offset = 0;
        for (std::size_t t = 0; t < o.terms.size(); ++t) {
            const int value = o.terms[t].value;
            const bool passes = o.kind == TrainingKind::sum || o.kind == TrainingKind::concat ||
                                (o.kind == TrainingKind::norm && t == 1);
            GradientShare share = whole;
            if (passes) {
                share.offset += o.kind == TrainingKind::concat ? offset : 0;
                share.factor *= o.terms[t].factor;
                offset += channels(value);
            } else {
                if (!made_.learns[at(value)]) continue;
                call.term_gradients[t] = new_gradient(bytes_of(at(value)));
                share = {call.term_gradients[t], 0, channels(value), 1};
            }
            give(value, share);
        }
    }

    const Plan& plan_;
    std::size_t count_;
    const std::vector<ValueShape>& shapes_;
    std::size_t element_bytes_;
    const std::set<std::size_t>& wanted_;
    TrainingPlan& made_;
    std::vector<std::vector<GradientShare>> shares_;
    int now_ = 0;
};

}  // namespace

TrainingPlan training_plan(const Plan& plan, int count, const std::vector<ValueShape>& shapes,
                           std::size_t element_bytes, const std::set<std::size_t>& wanted,
                           const std::set<std::size_t>& plain) {
    TrainingPlan made;
    Grouping grouping(plan, shapes, plain);
    made.operations = std::move(grouping.operations_);
    made.root = std::move(grouping.root_);
    Flow flow(plan, count, shapes, element_bytes, wanted, made);
    flow.place_values();
    flow.see_who_learns();
    flow.go_back();
    return made;
}

}  // namespace affectsr::engine
