// Runs the reference's style loss: on stored features, and on pictures through VGG-16.

#include "affectsr/classify/feature_network.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/tensor.h"
#include "affectsr/train/feature_losses.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

HostTensor scalar(const Tensor& value) {
    return to_host(value.detach().to(torch::kFloat).view({1}));
}

Tensor leaf_of(const HostTensor& stored) {
    return to_tensor(stored).clone().requires_grad_(true);
}

golden::Outputs run_on_features(const golden::Case& one) {
    const Tensor sr = leaf_of(one.input("sr")), hr = to_tensor(one.input("hr"));
    const Tensor of_sr = gram_matrices(sr), of_hr = gram_matrices(hr), loss = style_distance(sr, hr);
    loss.backward();
    const Tensor off = (of_sr - of_hr).detach(), squares = off.square().sum({1, 2});
    return {{"output.gram_sr", to_host(of_sr.detach())},
            {"output.gram_hr", to_host(of_hr)},
            {"output.fro2_per_sample", to_host(squares)},
            {"output.loss", scalar(loss)},
            {"output.grad_sr", to_host(sr.grad())},
            {"output.loss_l1_mean", scalar(off.abs().mean())},
            {"output.loss_mse_mean", scalar(feature_distance(of_sr, of_hr))},
            {"output.loss_fro_norm", scalar(squares.sqrt().mean())}};
}

golden::Outputs run_on_vgg(const golden::Case& one) {
    const Tensor sr = leaf_of(one.input("sr")), hr = to_tensor(one.input("hr"));
    const Plan plan = find(feature_network_catalog(), "vgg", "feature network").make({{"input_px", sr.size(3)}})->plan;
    const std::vector<std::string> layers{"features.3", "features.8", "features.15", "features.22"};
    FrozenNetwork network(plan, layers, one.filled_state(), one.folder.string());
    const std::map<std::string, Tensor> of_sr = network.play(sr), of_hr = network.play(hr);
    golden::Outputs outputs;
    std::vector<Tensor> by_layer;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        by_layer.push_back(style_distance(of_sr.at(layers[i]), of_hr.at(layers[i])));
        const Tensor gram = gram_matrices(of_sr.at(layers[i])).detach();
        outputs["stage.gram" + std::to_string(i)] = to_host(gram.slice(1, 0, 8).slice(2, 0, 8).contiguous());
    }
    const Tensor loss = torch::stack(by_layer).sum();
    loss.backward();
    outputs["output.per_layer"] = to_host(torch::stack(by_layer).detach());
    outputs["output.loss"] = scalar(loss);
    outputs["output.grad_sr"] = to_host(sr.grad());
    outputs["output.feature_mse_relu2_2"] = scalar(feature_distance(of_sr.at(layers[1]), of_hr.at(layers[1])));
    return outputs;
}

const bool kOnFeatures = golden::register_runner("style_loss_on_features", run_on_features);
const bool kOnVgg = golden::register_runner("style_loss_vgg16", run_on_vgg);

}  // namespace
}  // namespace affectsr
