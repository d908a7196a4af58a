// Runs the reference's LPIPS on its stored pictures: backbones by both players, the distance and its gradient by ours.

#include <array>

#include "affectsr/classify/feature_network.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/plan_module.h"
#include "affectsr/learn/tensor.h"
#include "affectsr/metric/lpips.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

/// Every layer of one picture, by name.
using Layers = std::map<std::string, std::vector<float>>;

/// The backbone's parameters by torchvision's names: "net.slice2.3.weight" is its "features.3.weight".
TensorMap backbone_of(const TensorMap& filled) {
    TensorMap state;
    for (const auto& [name, tensor] : filled)
        if (name.starts_with("net.slice")) state["features." + name.substr(name.find('.', 4) + 1)] = tensor;
    return state;
}

LpipsParts distance_of(const Plan& plan, const Layers& hr, const Layers& sr,
                       const std::vector<std::vector<float>>& heads, std::vector<std::vector<float>>* gradient) {
    std::vector<FeatureMap> of_hr, of_sr;
    for (const Plan::Output& output : plan.outputs) {
        const int channels = plan.steps[static_cast<std::size_t>(output.step)].out_channels;
        of_hr.push_back({channels, hr.at(output.name)});
        of_sr.push_back({channels, sr.at(output.name)});
    }
    return lpips_distance(of_hr, of_sr, heads, gradient);
}

void put(const LpipsParts& parts, const std::string& player, golden::Outputs& outputs) {
    const std::vector<float> by_layer(parts.by_layer.begin(), parts.by_layer.end());
    outputs["output.distance" + player] = HostTensor::from_floats(std::array{static_cast<float>(parts.distance)}, {1});
    outputs["output.per_layer" + player] =
        HostTensor::from_floats(by_layer, {static_cast<std::int64_t>(by_layer.size())});
}

Layers played_by_engine(const PlanEngine& engine, const HostTensor& picture, const Layers& like) {
    Layers made = like;
    Results results;
    for (auto& [name, values] : made) results[name] = values;
    const std::vector<float> fed = picture.floats();
    engine.run({1, static_cast<int>(picture.shape().at(2)), static_cast<int>(picture.shape().at(3))}, fed, results);
    return made;
}

Layers on_host(const std::map<std::string, Tensor>& played) {
    Layers layers;
    for (const auto& [name, value] : played) layers[name] = to_host(value.detach()).floats();
    return layers;
}

golden::Outputs run(const golden::Case& one) {
    const HostTensor &hr = one.input("a"), &sr = one.input("b");
    const std::string net = one.config.at("net").get<std::string>();
    const Plan plan = find(feature_network_catalog(), net, "feature network")
                          .make({{"input_px", static_cast<int>(hr.shape().at(2))}})
                          ->plan;
    const TensorMap filled = one.filled_state(), state = backbone_of(filled);
    std::vector<std::vector<float>> heads;
    for (std::size_t i = 0; i < plan.outputs.size(); ++i)
        heads.push_back(filled.at("lin" + std::to_string(i) + ".model.1.weight").floats());

    PlanModule module(plan);
    load_state(module, state, one.folder.string());
    module.eval();
    const Tensor leaf = to_tensor(sr).clone().requires_grad_(true);
    const std::map<std::string, Tensor> played = module.play(leaf);
    const Layers of_hr = on_host(module.play(to_tensor(hr))), of_sr = on_host(played);
    golden::Outputs outputs;
    std::vector<std::vector<float>> gradient;
    put(distance_of(plan, of_hr, of_sr, heads, &gradient), "", outputs);
    std::vector<Tensor> values, slopes;
    for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
        values.push_back(played.at(plan.outputs[i].name));
        slopes.push_back(torch::tensor(gradient[i]).view(values.back().sizes()));
    }
    outputs["output.grad_b"] = to_host(torch::autograd::grad(values, {leaf}, slopes).at(0));
    if (engine_available()) {
        const PlanEngine engine(plan, state, Precision::f32);
        put(distance_of(plan, played_by_engine(engine, hr, of_hr), played_by_engine(engine, sr, of_sr), heads, nullptr),
            "@engine", outputs);
    }
    return outputs;
}

const bool kAlex = golden::register_runner("lpips_alex", run);
const bool kVgg = golden::register_runner("lpips_vgg", run);
const bool kSqueeze = golden::register_runner("lpips_squeeze", run);

}  // namespace
}  // namespace affectsr
