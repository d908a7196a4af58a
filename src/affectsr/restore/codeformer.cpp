#include "affectsr/restore/codeformer.h"

#include <algorithm>

namespace affectsr {

namespace {

constexpr double kSlope = 0.2;  // of the fusions' leaky ReLU

/// A linear layer of each token, as a convolution of 1 × 1: tokens are positions.
Value of_tokens(PlanBuilder& p, const std::string& name, Value x, int features, bool bias = true) {
    return p.conv(name, x, features, {.kernel = 1, .bias = bias});
}

Value transformer_layer(PlanBuilder& p, const std::string& name, Value x, const CodeformerOptions& o) {
    const int px = o.vqgan.code_px();
    const Value t = p.layer_norm(name + ".norm1", x), placed = p.add_parameter("position_emb", t, px, px);
    const std::string attention = name + ".self_attn";
    const Value seen = p.attention(of_tokens(p, attention + ".q", placed, o.features),
                                   of_tokens(p, attention + ".k", placed, o.features),
                                   of_tokens(p, attention + ".v", t, o.features), o.heads);
    x = p.add(x, of_tokens(p, attention + ".out_proj", seen, o.features));
    const Value h = p.gelu(of_tokens(p, name + ".linear1", p.layer_norm(name + ".norm2", x), o.hidden));
    return p.add(x, of_tokens(p, name + ".linear2", h, o.features));
}

/// Which code each position is of.
Value logits_of(PlanBuilder& p, Value lq, const CodeformerOptions& o) {
    Value x = of_tokens(p, "feat_emb", lq, o.features);
    for (int i = 0; i < o.layers; ++i) x = transformer_layer(p, "ft_layers." + std::to_string(i), x, o);
    return of_tokens(p, "idx_pred_layer.1", p.layer_norm("idx_pred_layer.0", x), o.vqgan.codes, false);
}

/// Controllable feature transformation, eq. 6: x + w (scale · x + shift).
Value fused(PlanBuilder& p, const std::string& name, Value encoded, Value x, double fidelity) {
    const int channels = p.channels(x);
    const Value e = vqgan_block(p, name + ".encode_enc", p.concat({encoded, x}), channels);
    const auto two_convs = [&](const std::string& part) {
        const Value h = p.leaky_relu(p.conv(name + "." + part + ".0", e, channels), kSlope);
        return p.conv(name + "." + part + ".2", h, channels);
    };
    const Value scale = two_convs("scale"), shift = two_convs("shift");
    return p.add(x, p.scale(p.add(p.mul(x, scale), shift), fidelity));
}

HostTensor reshaped(const HostTensor& tensor, std::vector<std::int64_t> shape) {
    return HostTensor::from_floats(tensor.floats(), std::move(shape));
}

/// [tokens, features] → [1, features, px, px].
HostTensor position_map(const HostTensor& tensor, int px) {
    const std::vector<float> rows = tensor.floats();
    const auto tokens = static_cast<std::size_t>(tensor.shape()[0]),
               features = static_cast<std::size_t>(tensor.shape()[1]);
    std::vector<float> map(rows.size());
    for (std::size_t t = 0; t < tokens; ++t)
        for (std::size_t c = 0; c < features; ++c) map[c * tokens + t] = rows[t * features + c];
    return HostTensor::from_floats(map, {1, tensor.shape()[1], px, px});
}

/// Linear layers [out, in] become 1 × 1 convolutions; queries, keys and values, published in one, three.
TensorMap renamed(TensorMap published, int code_px) {
    TensorMap named;
    for (auto& [name, tensor] : published) {
        const std::vector<std::int64_t> shape = tensor.shape();
        const std::size_t joint = name.find(".in_proj_");
        if (joint != std::string::npos && !shape.empty() && shape[0] % 3 == 0) {
            const std::vector<float> all = tensor.floats();
            const std::string kind = name.substr(joint + std::string(".in_proj_").size());
            for (std::size_t i = 0; i < 3; ++i) {
                const std::vector<float> part(all.begin() + static_cast<std::ptrdiff_t>(i * all.size() / 3),
                                              all.begin() + static_cast<std::ptrdiff_t>((i + 1) * all.size() / 3));
                std::vector<std::int64_t> size{shape[0] / 3};
                if (shape.size() == 2) size.insert(size.end(), {shape[1], 1, 1});
                named[name.substr(0, joint) + "." + "qkv"[i] + "." + kind] = HostTensor::from_floats(part, size);
            }
        } else if (name == "position_emb" && shape.size() == 2) {
            named["position_emb.weight"] = position_map(tensor, code_px);
        } else if (shape.size() == 2 && name != "quantize.embedding.weight") {
            named[name] = reshaped(tensor, {shape[0], shape[1], 1, 1});
        } else {
            named[name] = std::move(tensor);
        }
    }
    return named;
}

}  // namespace

SrNetwork codeformer(const CodeformerOptions& o) {
    PlanBuilder p;
    FeaturesBySize encoded;
    const Value face = p.shift(p.scale(p.input(3), 2), -1);  // [−1, 1]
    const Value lq = p.mark("lq", vqgan_encoded(p, face, o.vqgan, &encoded));
    const Value logits = p.mark("logits", logits_of(p, lq, o));
    Value codes = p.mark("quantised", p.lookup("quantize.embedding", logits, o.vqgan.code_channels));
    if (o.adain) codes = p.adain(codes, lq);
    const Value made = vqgan_generated(p, codes, o.vqgan, [&](Value x, int px) {
        const bool connected = std::find(o.connected_px.begin(), o.connected_px.end(), px) != o.connected_px.end();
        if (!connected) return x;
        return fused(p, "fuse_convs_dict." + std::to_string(px), encoded.at(px), x, o.fidelity);
    });
    SrNetwork network = restoring_network(p.finish(p.scale(p.shift(made, 1), 0.5)), o.vqgan.size_px, "ffhq_512");
    network.rename_published = [px = o.vqgan.code_px()](TensorMap published) {
        return renamed(std::move(published), px);
    };
    return network;
}

}  // namespace affectsr
