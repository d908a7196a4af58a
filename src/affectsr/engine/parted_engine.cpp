#include "affectsr/engine/parted_engine.h"

#include <algorithm>
#include <map>
#include <utility>

#include "affectsr/base/error.h"

namespace affectsr::engine {

namespace {

std::size_t at(int index) {
    return static_cast<std::size_t>(index);
}

std::string value_name(std::size_t number) {
    return "value " + std::to_string(number);
}

const step::PlanInput& input_of(const Plan& plan, int index) {
    return *plan.steps[at(index)].as<step::PlanInput>();
}

/// By step: whether a choice depends on it, or it is one.
std::vector<bool> leading_to_choices(const Plan& plan) {
    std::vector<bool> leads(plan.steps.size());
    for (std::size_t i = plan.steps.size(); i-- > 0;) {
        if (plan.steps[i].is<step::Lookup>()) leads[i] = true;
        if (!leads[i]) continue;
        for (const int input : plan.steps[i].inputs) leads[at(input)] = true;
    }
    return leads;
}

/// Copies steps of a plan into one of its parts, under new numbers.
class PartWriter {
 public:
    explicit PartWriter(const Plan& whole) : whole_(whole), number_(whole.steps.size(), -1) {}

    void copy(std::size_t index) {
        Step s = whole_.steps[index];
        for (int& input : s.inputs) input = number_[at(input)];
        append(std::move(s), index);
    }
    /// In place of a step of the other part.
    void add_input(std::size_t index, const std::string& name) {
        Step s;
        s.kind = step::PlanInput{.name = name, .size = {}};
        s.in_channels = s.out_channels = whole_.steps[index].out_channels;
        append(std::move(s), index);
    }
    void output(const std::string& name, int index) { part.outputs.push_back({name, number_[at(index)]}); }
    bool has(std::size_t index) const { return number_[index] >= 0; }

    Plan part;

 private:
    void append(Step s, std::size_t index) {
        number_[index] = static_cast<int>(part.steps.size());
        part.steps.push_back(std::move(s));
    }

    const Plan& whole_;
    std::vector<int> number_;
};

TensorMap tensors_of(const Plan& plan, const TensorMap& all) {
    TensorMap some;
    for (const Parameter& parameter : plan.parameters())
        if (const auto found = all.find(parameter.name); found != all.end()) some.insert(*found);
    return some;
}

/// One picture of a feed.
Feed picture_of(const Feed& feed, int count, int n) {
    const std::size_t each = feed.values.size() / at(count);
    return {feed.values.subspan(each * at(n), each), feed.size};
}

}  // namespace

std::optional<PartedPlan> parted_at_choices(const Plan& plan) {
    const std::vector<bool> first = leading_to_choices(plan);
    const std::vector<bool> needed = plan.needed_steps();
    std::vector<bool> handed(plan.steps.size());
    bool choices = false, others = false;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        choices = choices || plan.steps[i].is<step::Lookup>();
        if (first[i] || !needed[i]) continue;
        others = others || !plan.steps[i].is<step::PlanInput>();
        for (const int input : plan.steps[i].inputs)
            handed[at(input)] = first[at(input)] && !plan.steps[at(input)].is<step::PlanInput>();
    }
    if (!choices || !others) return std::nullopt;
    PartedPlan parts;
    PartWriter choosing(plan), rest(plan);
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        if (first[i]) choosing.copy(i);
        if (handed[i]) {
            rest.add_input(i, value_name(parts.handed_over.size()));
            choosing.output(value_name(parts.handed_over.size()), static_cast<int>(i));
            parts.handed_over.push_back(static_cast<int>(i));
        }
        if (!first[i] && needed[i]) {
            for (const int input : plan.steps[i].inputs)
                if (!rest.has(at(input))) rest.copy(at(input));  // an input that both read
            rest.copy(i);
        }
    }
    for (const Plan::Output& output : plan.outputs)
        (first[at(output.step)] ? choosing : rest).output(output.name, output.step);
    parts.choosing = std::move(choosing.part);
    parts.rest = std::move(rest.part);
    return parts;
}

PartedEngine::PartedEngine(Plan plan, PartedPlan parts, const TensorMap& tensors)
    : plan_(std::move(plan)),
      parts_(std::move(parts)),
      choosing_(parts_.choosing, tensors_of(parts_.choosing, tensors), Precision::f32),
      rest_(parts_.rest, tensors_of(parts_.rest, tensors), Precision::bf16) {}

std::vector<InputSize> PartedEngine::rest_sizes(std::span<const InputSize> sizes,
                                                const std::vector<ValueShape>& shapes) const {
    std::map<std::string, InputSize> by_name;
    const std::vector<int> inputs = plan_.inputs();
    for (std::size_t i = 0; i < inputs.size(); ++i) by_name[input_of(plan_, inputs[i]).name] = sizes[i];
    for (std::size_t k = 0; k < parts_.handed_over.size(); ++k) {
        const ValueShape& shape = shapes[at(parts_.handed_over[k])];
        by_name[value_name(k)] = {shape.height, shape.width};
    }
    std::vector<InputSize> made;
    for (const int input : parts_.rest.inputs()) made.push_back(by_name.at(input_of(parts_.rest, input).name));
    return made;
}

void PartedEngine::prepare(std::span<const InputSize> sizes, int threads) const {
    choosing_.prepare(1, sizes, threads);
    rest_.prepare(1, rest_sizes(sizes, plan_.shapes(sizes)), threads);
}

void PartedEngine::run(int count, const Feeds& feeds, const Results& results, int threads) const {
    std::vector<InputSize> sizes;
    for (const int index : plan_.inputs()) {
        const std::string& name = input_of(plan_, index).name;
        const auto feed = feeds.find(name);
        if (feed == feeds.end()) throw UsageError("the network's input \"" + name + "\" is not fed");
        sizes.push_back(feed->second.size);
    }
    if (feeds.size() != sizes.size()) throw UsageError("something is fed that is no input of the network");
    const std::vector<ValueShape> shapes = plan_.shapes(sizes);
    for (const auto& [name, span] : results) {
        const int step = plan_.outputs[plan_.output_index(name)].step;
        AFFECTSR_EXPECT(span.size() == at(count) * static_cast<std::size_t>(shapes[at(step)].count()),
                        "an output has the wrong length");
    }
    std::vector<std::vector<float>> values;
    for (const int step : parts_.handed_over) values.emplace_back(static_cast<std::size_t>(shapes[at(step)].count()));
    for (int n = 0; n < count; ++n) {
        Feeds chosen_from, rest_from;
        for (const auto& [name, feed] : feeds) chosen_from[name] = picture_of(feed, count, n);
        Results chosen, made;
        for (const auto& [name, span] : results) {
            const std::size_t each = span.size() / at(count);
            const bool first = std::any_of(parts_.choosing.outputs.begin(), parts_.choosing.outputs.end(),
                                           [&name = name](const Plan::Output& output) { return output.name == name; });
            (first ? chosen : made)[name] = span.subspan(each * at(n), each);
        }
        for (std::size_t k = 0; k < values.size(); ++k) chosen[value_name(k)] = values[k];
        choosing_.run(1, chosen_from, chosen, threads);
        for (const int input : parts_.rest.inputs()) {
            const std::string& name = input_of(parts_.rest, input).name;
            if (const auto own = chosen_from.find(name); own != chosen_from.end()) rest_from[name] = own->second;
        }
        for (std::size_t k = 0; k < values.size(); ++k) {
            const ValueShape& shape = shapes[at(parts_.handed_over[k])];
            rest_from[value_name(k)] = {values[k], {shape.height, shape.width}};
        }
        rest_.run(1, rest_from, made, threads);
    }
}

std::vector<StepCost> PartedEngine::profile(int count, std::span<const InputSize> sizes, int threads, int runs) const {
    std::vector<StepCost> costs = choosing_.profile(count, sizes, threads, runs);
    for (StepCost& cost : rest_.profile(count, rest_sizes(sizes, plan_.shapes(sizes)), threads, runs))
        costs.push_back(std::move(cost));
    return costs;
}

EngineMemory PartedEngine::memory() const {
    const EngineMemory a = choosing_.memory(), b = rest_.memory();
    return {a.programs + b.programs, a.packed_bytes + b.packed_bytes, a.scratch_bytes + b.scratch_bytes};
}

}  // namespace affectsr::engine
