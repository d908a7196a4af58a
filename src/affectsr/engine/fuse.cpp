#include "affectsr/engine/fuse.h"

#include <algorithm>
#include <optional>

namespace affectsr::engine {

namespace {

std::size_t at(int step) {
    return static_cast<std::size_t>(step);
}

/// The values that a step reads from the engine's memory: places of a splat are read where the caller has them, and of
/// what its map is like only the size is known.
std::vector<int> read_by(const Step& s) {
    return s.is<step::Splat>() ? std::vector<int>{s.inputs[0]} : s.inputs;
}

bool changes_nothing(const Step& s) {
    const auto* flatten = s.as<step::Flatten>();
    return s.is<step::Dropout>() || (flatten && flatten->pixels == 1) || (s.is<step::Concat>() && s.inputs.size() == 1);
}

/// The activation that a step is, if it is one.
std::optional<Epilogue> activation_of(const Step& s) {
    return std::visit(OneOfThese{
                          [](const step::Relu&) {
                              return std::optional(Epilogue{1, Activation::relu, 0});
                          },
                          [](const step::LeakyRelu& l) {
                              return std::optional(Epilogue{1, Activation::leaky_relu, static_cast<float>(l.slope)});
                          },
                          [](const step::Sigmoid&) {
                              return std::optional(Epilogue{1, Activation::sigmoid, 0});
                          },
                          [](const step::Silu&) {
                              return std::optional(Epilogue{1, Activation::silu, 0});
                          },
                          [](const step::Tanh&) {
                              return std::optional(Epilogue{1, Activation::tanh, 0});
                          },
                          [](const auto&) { return std::optional<Epilogue>(); },
                      },
                      s.kind);
}

/// A scale that is one number for all channels.
std::optional<float> factor_of(const Step& s) {
    const auto* scale = s.as<step::Scale>();
    return scale && scale->by.size() == 1 ? std::optional(scale->by[0]) : std::nullopt;
}

class Fuser {
 public:
    explicit Fuser(const Plan& plan) : plan_(plan), needed_(plan.needed_steps()) {
        const std::size_t count = plan.steps.size();
        uses_.assign(count, 0);
        reader_.assign(count, -1);
        done_.assign(count, false);
        made_.assign(count, false);
        for (std::size_t i = 0; i < count; ++i) {
            const Step& s = plan.steps[i];
            made_by_.value_of.push_back(changes_nothing(s) ? made_by_.value_of[at(s.inputs[0])] : static_cast<int>(i));
            if (changes_nothing(s) || !needed_[i]) continue;
            for (const int input : read_by(s)) {
                ++uses_[at(value(input))];
                reader_[at(value(input))] = static_cast<int>(i);
            }
        }
        // An output must stay readable, so nobody may swallow it.
        for (const Plan::Output& output : plan.outputs) uses_[at(value(output.step))] += 2;
    }

    Operations run() {
        for (std::size_t i = 0; i < plan_.steps.size(); ++i)
            if (needed_[i] && !done_[i] && !changes_nothing(plan_.steps[i])) add(i);
        return std::move(made_by_);
    }

 private:
    int value(int step) const { return made_by_.value_of[at(step)]; }

    const Step& step_of(const Operation& o) const { return plan_.steps[o.step]; }

    void add(std::size_t index) {
        const Step& s = plan_.steps[index];
        Operation o{.step = index, .inputs = {}, .affine = {}, .epilogue = {}, .label = {}};
        for (const int input : read_by(s)) o.inputs.push_back(value(input));
        if (s.is<step::Concat>()) start_from_a_shorter_one(o.inputs);
        o.label = s.name.empty() ? name_of(s.kind) : s.name;
        o.result = static_cast<int>(index);
        if (const auto activation = activation_of(s)) {
            o.pointwise = true;
            o.epilogue = *activation;
        } else if (const auto factor = factor_of(s)) {
            o.pointwise = true;
            o.epilogue.factor = *factor;
        } else if (is_affine(s)) {
            o.affine = {o.result};
        } else if (s.is<step::Add>()) {
            o.pointwise = true;
            o.sum = o.inputs[1];
            o.inputs.pop_back();
        }
        if (s.is<step::Conv>()) look_through_enlargement(o);
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
            if (!step_of(o).is<step::Concat>()) continue;
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
        const auto& c = *step_of(o).as<step::Conv>();
        if (c.kernel != 3 || c.stride != 1 || c.padding != 1 || c.groups != 1 || uses_[at(o.inputs[0])] != 1) return;
        std::vector<Operation>& list = made_by_.list;
        const auto enlargement = std::find_if(list.begin(), list.end(), [&](const Operation& other) {
            const auto* enlarge = step_of(other).as<step::EnlargeNearest>();
            return other.result == o.inputs[0] && enlarge && enlarge->factor == 2;
        });
        if (enlargement == list.end()) return;
        o.inputs = enlargement->inputs;
        o.enlarged = 2;
        o.label = enlargement->label + " + " + o.label;
        list.erase(enlargement);
    }

    bool takes_affine(const Operation& o) const {
        const Step& s = step_of(o);
        return is_weighted(s) || s.is<step::PlanInput>() || s.is<step::AddNoise>() || !o.affine.empty();
    }
    /// Whether factor, sum and activation can follow within the same operation.
    bool has_epilogue(const Operation& o) const {
        const Step& s = step_of(o);
        return o.pointwise || is_weighted(s) || is_affine(s) || s.is<step::InstanceNorm>() || s.is<step::GroupNorm>() ||
               s.is<step::AddNoise>() || s.is<step::Mul>();
    }

    /// Takes the one reader of the result into the operation, if it can.
    bool swallow(Operation& o) {
        if (uses_[at(o.result)] != 1 || o.epilogue.activation != Activation::none) return false;
        const int next = reader_[at(o.result)];
        const Step& s = plan_.steps[at(next)];
        const bool untouched = o.sum < 0;
        if (is_affine(s) && takes_affine(o)) {
            if (!untouched) return false;
            o.affine.push_back(next);
        } else if (!has_epilogue(o)) {
            return false;
        } else if (const auto activation = activation_of(s)) {
            o.epilogue.activation = activation->activation;
            o.epilogue.slope = activation->slope;
        } else if (const auto factor = factor_of(s); factor && untouched) {
            o.epilogue.factor *= *factor;
        } else if (s.is<step::Add>() && untouched && o.enlarged == 1) {
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
    std::vector<bool> needed_;  ///< by step; nobody asks for what the others make
    Operations made_by_;
    std::vector<int> uses_, reader_;  ///< by value: how often it is read, and by which step last
    std::vector<bool> done_, made_;
};

}  // namespace

bool is_weighted(const Step& s) {
    return s.is<step::Conv>() || s.is<step::ConvTranspose>() || s.is<step::Linear>();
}

bool is_affine(const Step& s) {
    const auto* added = s.as<step::AddParameter>();
    return s.is<step::BatchNorm>() || s.is<step::Shift>() || s.is<step::Scale>() ||
           (added && added->height * added->width == 1);
}

Operations fuse(const Plan& plan) {
    return Fuser(plan).run();
}

}  // namespace affectsr::engine
