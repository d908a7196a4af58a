#include "affectsr/engine/fuse.h"

#include <algorithm>
#include <optional>

namespace affectsr::engine {

namespace {

std::size_t at(int step) {
    return static_cast<std::size_t>(step);
}

bool changes_nothing(const Step& s) {
    return s.kind == StepKind::dropout || (s.kind == StepKind::flatten && s.pixels == 1) ||
           (s.kind == StepKind::concat && s.inputs.size() == 1);
}

bool is_weighted(StepKind kind) {
    return kind == StepKind::conv || kind == StepKind::conv_transpose || kind == StepKind::linear;
}

/// Whether factor, sum and activation can follow within the same operation.
bool has_epilogue(StepKind kind) {
    return is_weighted(kind) || kind == StepKind::batch_norm || kind == StepKind::instance_norm ||
           kind == StepKind::scale || kind == StepKind::mul;
}

std::optional<Activation> activation_of(StepKind kind) {
    switch (kind) {
        case StepKind::relu:
            return Activation::relu;
        case StepKind::leaky_relu:
            return Activation::leaky_relu;
        case StepKind::sigmoid:
            return Activation::sigmoid;
        case StepKind::tanh:
            return Activation::tanh;
        default:
            return std::nullopt;
    }
}

class Fuser {
 public:
    explicit Fuser(const Plan& plan) : plan_(plan) {
        const std::size_t count = plan.steps.size();
        uses_.assign(count, 0);
        reader_.assign(count, -1);
        done_.assign(count, false);
        made_.assign(count, false);
        for (std::size_t i = 0; i < count; ++i) {
            const Step& s = plan.steps[i];
            made_by_.value_of.push_back(changes_nothing(s) ? made_by_.value_of[at(s.inputs[0])] : static_cast<int>(i));
            if (changes_nothing(s)) continue;
            for (const int input : s.inputs) {
                ++uses_[at(value(input))];
                reader_[at(value(input))] = static_cast<int>(i);
            }
        }
        // An output must stay readable, so nobody may swallow it.
        for (const Plan::Output& output : plan.outputs) uses_[at(value(output.step))] += 2;
    }

    Operations run() {
        for (std::size_t i = 0; i < plan_.steps.size(); ++i)
            if (!done_[i] && !changes_nothing(plan_.steps[i])) add(i);
        return std::move(made_by_);
    }

 private:
    int value(int step) const { return made_by_.value_of[at(step)]; }

    void add(std::size_t index) {
        const Step& s = plan_.steps[index];
        Operation o{.kind = s.kind, .step = index, .inputs = {}, .epilogue = {}, .label = {}};
        for (const int input : s.inputs) o.inputs.push_back(value(input));
        if (s.kind == StepKind::concat) start_from_a_shorter_one(o.inputs);
        o.label = s.name.empty() ? name_of(s.kind) : s.name;
        o.result = static_cast<int>(index);
        if (const auto activation = activation_of(s.kind)) {
            o.kind = StepKind::scale;
            o.epilogue = {1, *activation, static_cast<float>(s.slope)};
        } else if (s.kind == StepKind::scale) {
            o.epilogue.factor = static_cast<float>(s.factor);
        } else if (s.kind == StepKind::add) {
            o.kind = StepKind::scale;
            o.sum = o.inputs[1];
            o.inputs.pop_back();
        }
        if (s.kind == StepKind::conv) look_through_enlargement(o);
        if (has_epilogue(o.kind))
            while (swallow(o)) {
            }
        made_[at(o.result)] = true;
        made_by_.list.push_back(std::move(o));
    }

    /// A dense block concatenates the same values again and again: what the last concat gathered is one part, and still
    /// in the cache.
    void start_from_a_shorter_one(std::vector<int>& inputs) const {
        int start = -1;  // the value that the longest one made
        std::size_t longest = 0;
        for (const Operation& o : made_by_.list) {
            if (o.kind != StepKind::concat) continue;
            const std::vector<int> parts = gathered(o);
            if (parts.size() <= longest || parts.size() >= inputs.size()) continue;
            if (!std::equal(parts.begin(), parts.end(), inputs.begin())) continue;
            start = o.result;
            longest = parts.size();
        }
        if (start < 0) return;
        inputs.erase(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(longest));
        inputs.insert(inputs.begin(), start);
    }

    /// The plan's own parts of a concat.
    std::vector<int> gathered(const Operation& o) const {
        std::vector<int> parts;
        for (const int input : plan_.steps[o.step].inputs) parts.push_back(value(input));
        return parts;
    }

    void look_through_enlargement(Operation& o) {
        const Step& s = plan_.steps[o.step];
        if (s.kernel != 3 || s.stride != 1 || s.padding != 1 || s.groups != 1 || uses_[at(o.inputs[0])] != 1) return;
        std::vector<Operation>& list = made_by_.list;
        const auto enlargement = std::find_if(list.begin(), list.end(), [&](const Operation& other) {
            return other.result == o.inputs[0] && other.kind == StepKind::enlarge_nearest;
        });
        if (enlargement == list.end() || plan_.steps[enlargement->step].factor != 2) return;
        o.inputs = enlargement->inputs;
        o.enlarged = 2;
        o.label = enlargement->label + " + " + o.label;
        list.erase(enlargement);
    }

    /// Takes the one reader of the result into the operation, if it can.
    bool swallow(Operation& o) {
        if (uses_[at(o.result)] != 1 || o.epilogue.activation != Activation::none) return false;
        const int next = reader_[at(o.result)];
        const Step& s = plan_.steps[at(next)];
        if (const auto activation = activation_of(s.kind)) {
            o.epilogue.activation = *activation;
            o.epilogue.slope = static_cast<float>(s.slope);
        } else if (o.sum >= 0 || (o.enlarged > 1 && s.kind == StepKind::add)) {
            return false;
        } else if (s.kind == StepKind::scale) {
            o.epilogue.factor *= static_cast<float>(s.factor);
        } else if (s.kind == StepKind::batch_norm && is_weighted(o.kind) && o.norm < 0 && o.epilogue.factor == 1) {
            o.norm = next;
        } else if (s.kind == StepKind::add) {
            const int a = value(s.inputs[0]), b = value(s.inputs[1]);
            const int other = a == o.result ? b : a;
            if (!made_[at(other)]) return false;  // it is made later, and will swallow this sum itself
            o.sum = other;
        } else {
            return false;
        }
        done_[at(next)] = true;
        o.result = next;
        o.label += std::string(" + ") + (s.name.empty() ? name_of(s.kind) : s.name);
        return true;
    }

    const Plan& plan_;
    Operations made_by_;
    std::vector<int> uses_, reader_;  ///< by value: how often it is read, and by which step last
    std::vector<bool> done_, made_;
};

}  // namespace

Operations fuse(const Plan& plan) {
    return Fuser(plan).run();
}

}  // namespace affectsr::engine
