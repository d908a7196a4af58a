#include "affectsr/plan/plan.h"

#include <set>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

/// The one called `name`; the message of what is thrown otherwise begins with `what`.
const Plan::Output& find_named(const std::vector<Plan::Output>& all, const std::string& name, const std::string& what) {
    std::string known;
    for (const Plan::Output& one : all) {
        if (one.name == name) return one;
        known += (known.empty() ? "" : ", ") + one.name;
    }
    throw UsageError("the network has no " + what + " \"" + name + "\"; it has: " + known);
}

}  // namespace

const char* name_of(const StepKind& kind) {
    return std::visit([](const auto& k) { return k.kName; }, kind);
}

void Plan::output_mark(const std::string& name) {
    outputs.push_back(find_named(marks, name, "stage"));
}

std::size_t Plan::output_index(const std::string& name) const {
    return static_cast<std::size_t>(&find_named(outputs, name, "output") - outputs.data());
}

std::vector<int> Plan::inputs() const {
    std::vector<int> found;
    for (std::size_t i = 0; i < steps.size(); ++i)
        if (steps[i].is<step::PlanInput>()) found.push_back(static_cast<int>(i));
    return found;
}

std::vector<Parameter> parameters_of(const Step& s) {
    const std::int64_t in = s.in_channels, out = s.out_channels;
    std::vector<Parameter> all;
    const auto add = [&](const char* name, std::vector<std::int64_t> shape,
                         Parameter::Role role = Parameter::Role::learned) {
        all.push_back({s.name + "." + name, std::move(shape), role});
    };
    const auto scale_and_shift = [&] {
        add("weight", {out});
        add("bias", {out});
    };
    std::visit(OneOfThese{
                   [&](const step::Conv& c) {
                       add("weight", {out, in / c.groups, c.kernel, c.kernel});
                       if (c.bias) add("bias", {out});
                   },
                   [&](const step::ConvTranspose& c) {
                       add("weight", {in, out / c.groups, c.kernel, c.kernel});
                       if (c.bias) add("bias", {out});
                   },
                   [&](const step::Linear& l) {
                       add("weight", {out, in});
                       if (l.bias) add("bias", {out});
                   },
                   [&](const step::BatchNorm&) {
                       scale_and_shift();
                       add("running_mean", {out}, Parameter::Role::running);
                       add("running_var", {out}, Parameter::Role::running);
                       add("num_batches_tracked", {}, Parameter::Role::counter);
                   },
                   [&](const step::InstanceNorm& n) {
                       if (n.affine) scale_and_shift();
                   },
                   [&](const step::LayerNorm&) { scale_and_shift(); },
                   [&](const step::GroupNorm& n) {
                       if (n.affine) scale_and_shift();
                   },
                   [&](const step::Lookup&) {
                       add("weight", {in, out});
                   },
                   [&](const step::AddParameter& a) {
                       add("weight", {1, out, a.height, a.width});
                   },
                   [&](const step::Constant& c) {
                       add("weight", {1, out, c.height, c.width});
                   },
                   [&](const step::AddNoise& a) {
                       add("weight", {1});
                       add("noise", {1, 1, a.height, a.width}, Parameter::Role::running);
                   },
                   [&](const step::Demodulation& d) {
                       add("weight", {out, in, d.kernel, d.kernel});
                   },
                   [&](const step::Prelu& p) { add("weight", {p.one_slope ? 1 : out}); },
                   [&](const step::Congruence& c) {
                       add("weight", {c.from, c.to});
                   },
                   [](const auto&) {},
               },
               s.kind);
    return all;
}

std::vector<bool> Plan::needed_steps() const {
    std::vector<bool> needed(steps.size());
    for (const Output& output : outputs) needed[static_cast<std::size_t>(output.step)] = true;
    for (std::size_t i = steps.size(); i-- > 0;) {
        if (steps[i].is<step::PlanInput>()) needed[i] = true;
        if (!needed[i]) continue;
        for (const int input : steps[i].inputs) needed[static_cast<std::size_t>(input)] = true;
    }
    return needed;
}

bool makes_matrices(const Step& s) {
    return s.is<step::Covariance>() || s.is<step::Congruence>() || s.is<step::MapEigenvalues>();
}

std::vector<bool> Plan::exact_steps() const {
    const std::vector<bool> needed = needed_steps();
    std::vector<bool> exact;
    for (const Step& s : steps) exact.push_back(makes_matrices(s) || s.is<step::PlanInput>());
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (!needed[i] || makes_matrices(steps[i])) continue;
        for (const int input : steps[i].inputs) exact[static_cast<std::size_t>(input)] = false;
    }
    return exact;
}

std::vector<Parameter> Plan::parameters() const {
    std::vector<Parameter> all;
    std::set<std::string> seen;
    for (const Step& s : steps)
        for (Parameter& parameter : parameters_of(s))
            if (seen.insert(parameter.name).second) all.push_back(std::move(parameter));
    return all;
}

std::int64_t Plan::parameter_count() const {
    std::int64_t count = 0;
    for (const Parameter& parameter : parameters()) {
        std::int64_t numbers = 1;
        for (const std::int64_t side : parameter.shape) numbers *= side;
        if (parameter.role == Parameter::Role::learned) count += numbers;
    }
    return count;
}

}  // namespace affectsr
