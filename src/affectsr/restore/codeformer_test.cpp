#include "affectsr/restore/codeformer.h"

#include <gtest/gtest.h>

#include "affectsr/base/temporary_folder.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/import_restorer.h"
#include "affectsr/restore/test_published.h"

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

TEST(Codeformer, TakesPublishedWeights) {
    const SrNetwork network = codeformer(small());
    const TensorMap state = first_weights(network.plan, 3), renamed = network.renamed(published_codeformer(state));
    ASSERT_EQ(renamed.size(), state.size());
    for (const auto& [name, tensor] : state) {
        ASSERT_TRUE(renamed.contains(name)) << name;
        EXPECT_EQ(renamed.at(name).shape(), tensor.shape()) << name;
        EXPECT_EQ(renamed.at(name).floats(), tensor.floats()) << name;
    }
}

// The official files are zip archives with the weights under "params_ema"; older ones are legacy files.
TEST(Codeformer, ComesThroughAPublishedFile) {
    const TemporaryFolder folder;
    const SrNetwork network = codeformer(small());
    const TensorMap state = first_weights(network.plan, 3);
    for (const bool legacy : {false, true}) {
        const auto file =
            folder.fill("weights.pth", torch_checkpoint(published_codeformer(state), "params_ema", legacy));
        const PublishedCheckpoint read = read_published(file);
        EXPECT_EQ(read.within, std::vector<std::string>{"params_ema"});
        CodeformerOptions options = small();
        const ImportedModel imported = import_restorer("codeformer", to_json(options), read.tensors, file.string());
        ASSERT_EQ(imported.model.tensors.size(), state.size());
        for (const auto& [name, tensor] : state)
            EXPECT_EQ(imported.model.tensors.at(name).floats(), tensor.floats()) << name;
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
