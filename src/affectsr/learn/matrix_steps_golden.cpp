// Golden runner of spd_layers: covariance pooling, BiMap, ReEig and LogEig with their gradients, computed in double.
#include "affectsr/learn/matrix_steps.h"

#include "affectsr/learn/stiefel.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

constexpr double kLeast = 1e-4, kMost = 1e4, kRidge = 1e-4;

/// [n, c, c] → [n, 1, c, c], and back.
HostTensor as_value(const HostTensor& matrices) {
    const std::vector<std::int64_t>& shape = matrices.shape();
    return reshaped(matrices, {shape.at(0), 1, shape.at(1), shape.at(2)});
}
HostTensor as_matrices(const HostTensor& value) {
    const std::vector<std::int64_t>& shape = value.shape();
    return reshaped(value, {shape.at(0), shape.at(2), shape.at(3)});
}

/// Loss Σ out · weights.
std::function<HostTensor(const std::string&, const HostTensor&)> weighed_by(const HostTensor& weights) {
    return [weights](const std::string& name, const HostTensor& value) {
        return name == "out" ? reshaped(weights, value.shape())
                             : with_channels(value, [](float, std::size_t) { return 0.0F; });
    };
}

/// What of the plan's results and gradients the case calls by which name, as matrices.
std::function<Outputs(const std::map<std::string, HostTensor>&)> named(
    const std::vector<std::pair<std::string, std::string>>& names) {
    return [names](const std::map<std::string, HostTensor>& values) {
        Outputs outputs;
        for (const auto& [ours, theirs] : names)
            if (const auto found = values.find(ours); found != values.end())
                outputs["output." + theirs] =
                    theirs == "grad2_W" || theirs == "grad_features" ? found->second : as_matrices(found->second);
        return outputs;
    };
}

Outputs run_clipping(const Case& golden_case) {
    PlanBuilder p;
    PlanCase made{p.finish(p.map_eigenvalues(p.input(1), kLeast, kMost, false)), as_value(golden_case.input("X"))};
    made.finish = named({{"out", "reeig_X"}});
    return play(made, golden_case);
}

Outputs run_logarithm(const Case& golden_case) {
    PlanBuilder p;
    PlanCase made{p.finish(p.map_eigenvalues(p.input(1), kLeast, kMost, true)), as_value(golden_case.input("Y"))};
    made.loss_gradient = weighed_by(golden_case.input("P"));
    made.finish = named({{"out", "logeig_reeig_Y"}, {"grad.in", "grad_Y"}});
    return play(made, golden_case);
}

Outputs run_bimap(const Case& golden_case) {
    const HostTensor& weight = golden_case.input("W");
    PlanBuilder p;
    const Value smaller = p.congruence("bimap", p.input(1), golden_case.config.at("n"), golden_case.config.at("d"));
    p.output("bimap", smaller);
    PlanCase made{p.finish(p.map_eigenvalues(smaller, kLeast, kMost, true)), as_value(golden_case.input("Y"))};
    made.rename = [&weight](TensorMap) { return TensorMap{{"bimap.weight", weight}}; };
    made.loss_gradient = weighed_by(golden_case.input("Pd"));
    made.finish = [&weight](const std::map<std::string, HostTensor>& values) {
        Outputs outputs = named({{"bimap", "bimap_Y"},
                                 {"out", "logeig_bimap_Y"},
                                 {"grad.in", "grad2_Y"},
                                 {"grad.bimap.weight", "grad2_W"}})(values);
        if (const auto gradient = values.find("grad.bimap.weight"); gradient != values.end())
            outputs["output.riemann_W"] = to_host(stiefel_gradient(to_tensor(weight), to_tensor(gradient->second)));
        return outputs;
    };
    return play(made, golden_case);
}

Outputs run_covariance(const Case& golden_case) {
    const HostTensor& features = golden_case.input("features");
    PlanBuilder p;
    PlanCase made{p.finish(p.covariance(p.input(static_cast<int>(features.shape().at(1))), kRidge)), features};
    made.loss_gradient = weighed_by(golden_case.input("P"));
    made.finish = named({{"out", "covpool"}, {"grad.in", "grad_features"}});
    return play(made, golden_case);
}

Outputs run(const Case& golden_case) {
    Outputs outputs = run_clipping(golden_case);
    outputs.merge(run_logarithm(golden_case));
    outputs.merge(run_bimap(golden_case));
    outputs.merge(run_covariance(golden_case));
    return outputs;
}

const bool kRegistered = register_runner("spd_layers", run);

}  // namespace
}  // namespace affectsr::golden
