// Networks under the names of those who publish them, and checkpoints as PyTorch writes them: what imports are tested
// with.
#pragma once

#include <string>
#include <vector>

#include "affectsr/checkpoint/test_checkpoints.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// gfpgan's tensors under the names and in the shapes of TencentARC/GFPGAN.
inline TensorMap published_gfpgan(const TensorMap& state) {
    TensorMap published;
    for (const auto& [name, tensor] : state) {
        std::vector<std::int64_t> shape = tensor.shape();
        const auto ends = [&name](const std::string& ending) { return name.ends_with(ending); };
        if (ends(".modulated_conv.weight")) {
            shape.insert(shape.begin(), 1);
            published[name] = HostTensor::from_floats(tensor.floats(), shape);
        } else if (ends(".bias.weight")) {
            published[name.substr(0, name.size() - 7)] = tensor;
        } else if (ends(".noise")) {
            const std::string layer = name.substr(17, name.size() - 17 - 6);  // stylegan_decoder.LAYER.noise
            const int number = layer == "style_conv1" ? 0 : 1 + std::stoi(layer.substr(12));
            published["stylegan_decoder.noises.noise" + std::to_string(number)] = tensor;
        } else {
            published[name] = tensor;
        }
    }
    published["stylegan_decoder.style_mlp.1.weight"] = HostTensor::from_floats(std::vector<float>(4), {2, 2});
    return published;
}

/// codeformer's tensors under the names and in the shapes of sczhou/CodeFormer.
inline TensorMap published_codeformer(const TensorMap& state) {
    TensorMap published;
    for (const auto& [name, tensor] : state) {
        const std::size_t at = name.find(".self_attn.");
        const bool split = at != std::string::npos && name.find("out_proj") == std::string::npos;
        if (split) continue;
        const bool of_tokens =
            name.starts_with("ft_layers.") || name.starts_with("feat_emb.") || name.starts_with("idx_pred_layer.");
        if (name == "position_emb.weight") {
            const std::vector<float> map = tensor.floats();
            const std::size_t features = static_cast<std::size_t>(tensor.shape()[1]), tokens = map.size() / features;
            std::vector<float> rows(map.size());
            for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = map[i % features * tokens + i / features];
            published["position_emb"] =
                HostTensor::from_floats(rows, {static_cast<std::int64_t>(tokens), static_cast<std::int64_t>(features)});
        } else if (of_tokens && tensor.shape().size() == 4) {
            published[name] = HostTensor::from_floats(tensor.floats(), {tensor.shape()[0], tensor.shape()[1]});
        } else {
            published[name] = tensor;
        }
    }
    for (int layer = 0; state.contains("ft_layers." + std::to_string(layer) + ".norm1.weight"); ++layer)
        for (const char* kind : {"weight", "bias"}) {
            const std::string attention = "ft_layers." + std::to_string(layer) + ".self_attn.";
            std::vector<float> joint;
            std::vector<std::int64_t> shape;
            for (const char* part : {"q", "k", "v"}) {
                const HostTensor& one = state.at(attention + part + "." + kind);
                const std::vector<float> numbers = one.floats();
                joint.insert(joint.end(), numbers.begin(), numbers.end());
                shape.assign(1, 3 * one.shape()[0]);
                if (one.shape().size() == 4) shape.push_back(one.shape()[1]);
            }
            published[attention + "in_proj_" + kind] = HostTensor::from_floats(joint, shape);
        }
    return published;
}

/// parse_net's tensors as facexlib publishes them, with the layer of a picture that nobody asks for.
inline TensorMap published_parse_net(TensorMap state) {
    state["out_img_conv.conv2d.weight"] = HostTensor::from_floats(std::vector<float>(3 * 64 * 9), {3, 64, 3, 3});
    state["out_img_conv.conv2d.bias"] = HostTensor::from_floats(std::vector<float>(3), {3});
    return state;
}

/// A checkpoint of these tensors, in a dict under `within` (empty: by themselves), as zip or legacy file.
inline std::string torch_checkpoint(const TensorMap& tensors, const std::string& within, bool legacy) {
    namespace made = test_checkpoints;
    made::Pairs pairs;
    std::vector<made::StoredValues> storages;
    for (const auto& [name, tensor] : tensors) {
        const std::string key = std::to_string(storages.size());
        storages.push_back(made::stored(key, tensor.floats()));
        std::vector<std::int64_t> strides(tensor.shape().size(), 1);
        for (std::size_t i = strides.size(); i-- > 1;) strides[i - 1] = strides[i] * tensor.shape()[i];
        pairs.emplace_back(name,
                           made::tensor_of(made::storage("Float", key, tensor.count(), legacy ? made::none() : ""), 0,
                                           tensor.shape(), strides));
    }
    const std::string dict = made::ordered_dict(pairs);
    const std::string operations = within.empty() ? dict : made::dict({{within, dict}});
    return legacy ? made::legacy_checkpoint(operations, storages) : made::zip_checkpoint(operations, storages);
}

}  // namespace affectsr
