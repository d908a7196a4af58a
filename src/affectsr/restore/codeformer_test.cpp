#include "affectsr/restore/codeformer.h"

#include <gtest/gtest.h>

#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

CodeformerOptions small() {
    CodeformerOptions options;
    options.vqgan.size_px = 32;
    options.vqgan.width = 32;
    options.vqgan.multipliers = {1, 2};
    options.vqgan.blocks = 1;
    options.vqgan.code_channels = 32;
    options.vqgan.codes = 48;
    options.features = 16;
    options.hidden = 32;
    options.heads = 2;
    options.layers = 1;
    options.connected_px = {32};
    return options;
}

TEST(Codeformer, HasTheParametersOfThePublishedNetwork) {
    const SrNetwork network = codeformer({});
    EXPECT_EQ(network.plan.parameter_count(), 94'112'707);
    EXPECT_EQ(network.needs.input_px, 512);
    EXPECT_EQ(network.needs.framing, "ffhq_512");
}

/// The plan's tensors with the names and shapes of the published ones.
TensorMap as_published(const TensorMap& state) {
    TensorMap published;
    for (const auto& [name, tensor] : state) {
        const std::size_t at = name.find(".self_attn.");
        const bool split = at != std::string::npos && name.find("out_proj") == std::string::npos;
        if (split) continue;
        const bool of_tokens = name.starts_with("ft_layers.") || name.starts_with("feat_emb.") ||
                               name.starts_with("idx_pred_layer.");
        if (name == "position_emb.weight") {
            const std::vector<float> map = tensor.floats();
            const std::size_t features = static_cast<std::size_t>(tensor.shape()[1]), tokens = map.size() / features;
            std::vector<float> rows(map.size());
            for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = map[i % features * tokens + i / features];
            published["position_emb"] = HostTensor::from_floats(
                rows, {static_cast<std::int64_t>(tokens), static_cast<std::int64_t>(features)});
        } else if (of_tokens && tensor.shape().size() == 4) {
            published[name] = HostTensor::from_floats(tensor.floats(), {tensor.shape()[0], tensor.shape()[1]});
        } else {
            published[name] = tensor;
        }
    }
    for (const char* kind : {"weight", "bias"}) {
        std::vector<float> joint;
        std::vector<std::int64_t> shape;
        for (const char* part : {"q", "k", "v"}) {
            const HostTensor& one = state.at(std::string("ft_layers.0.self_attn.") + part + "." + kind);
            const std::vector<float> numbers = one.floats();
            joint.insert(joint.end(), numbers.begin(), numbers.end());
            shape.assign(1, 3 * one.shape()[0]);
            if (one.shape().size() == 4) shape.push_back(one.shape()[1]);
        }
        published[std::string("ft_layers.0.self_attn.in_proj_") + kind] = HostTensor::from_floats(joint, shape);
    }
    return published;
}

TEST(Codeformer, TakesPublishedWeights) {
    const SrNetwork network = codeformer(small());
    const TensorMap state = first_weights(network.plan, 3), renamed = network.renamed(as_published(state));
    ASSERT_EQ(renamed.size(), state.size());
    for (const auto& [name, tensor] : state) {
        ASSERT_TRUE(renamed.contains(name)) << name;
        EXPECT_EQ(renamed.at(name).shape(), tensor.shape()) << name;
        EXPECT_EQ(renamed.at(name).floats(), tensor.floats()) << name;
    }
}

/// What a network of this fidelity makes of one face.
std::vector<float> restored(double fidelity, float brightness) {
    CodeformerOptions options = small();
    options.fidelity = fidelity;
    const SrNetwork network = codeformer(options);
    const PlanEngine engine(network.plan, first_weights(network.plan, 3), Precision::f32);
    std::vector<float> face(3 * 32 * 32), made(face.size());
    for (std::size_t i = 0; i < face.size(); ++i) face[i] = brightness * static_cast<float>(i * 37 % 101) / 100;
    engine.run({1, 32, 32}, face, {{"out", made}});
    return made;
}

// The weights are the same for every fidelity: it is a setting of use, not of a file.
TEST(Codeformer, FidelityMixesInWhatTheEncoderSaw) {
    const auto distance = [](const std::vector<float>& a, const std::vector<float>& b) {
        double sum = 0;
        for (std::size_t i = 0; i < a.size(); ++i) sum += std::abs(double{a[i]} - double{b[i]});
        return sum / static_cast<double>(a.size());
    };
    const std::vector<float> none = restored(0, 1), half = restored(0.5, 1), whole = restored(1, 1);
    EXPECT_GT(distance(none, half), 1e-4);
    EXPECT_GT(distance(none, whole), distance(none, half));
}

}  // namespace
}  // namespace affectsr
