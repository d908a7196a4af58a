#include "affectsr/restore/gfpgan.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/import_restorer.h"
#include "affectsr/restore/test_published.h"

namespace affectsr {
namespace {

GfpganOptions small() {
    GfpganOptions options;
    options.size_px = 32;
    options.styles = 16;
    options.channel_multiplier = 1;
    options.narrow = 0.0625;
    return options;
}

// TencentARC/GFPGAN has 86,444,252 parameters; 2,101,248 of them make styles of random numbers, which nobody asks for.
TEST(Gfpgan, HasTheParametersOfThePublishedNetwork) {
    const SrNetwork network = gfpgan({});
    EXPECT_EQ(network.plan.parameter_count() + 8 * (512 * 512 + 512), 86'444'252);
    EXPECT_EQ(network.needs.input_px, 512);
    EXPECT_EQ(network.needs.output_px, 512);
    EXPECT_EQ(network.needs.framing, "ffhq_512");
}

TEST(Gfpgan, MakesAFaceOfItsOwnSize) {
    EXPECT_EQ(gfpgan(small()).plan.shapes(32, 32).back(), (ValueShape{3, 32, 32}));
    GfpganOptions odd = small();
    odd.size_px = 48;
    EXPECT_THROW(gfpgan(odd), UsageError);
}

TEST(Gfpgan, TakesPublishedWeights) {
    const SrNetwork network = gfpgan(small());
    const TensorMap state = first_weights(network.plan, 3), renamed = network.renamed(published_gfpgan(state));
    ASSERT_EQ(renamed.size(), state.size());
    for (const auto& [name, tensor] : state) {
        ASSERT_TRUE(renamed.contains(name)) << name;
        EXPECT_EQ(renamed.at(name).shape(), tensor.shape()) << name;
        EXPECT_EQ(renamed.at(name).floats(), tensor.floats()) << name;
    }
}

// The official files are zip archives with the weights under "params_ema"; older ones are legacy files.
TEST(Gfpgan, ComesThroughAPublishedFile) {
    const TemporaryFolder folder;
    const SrNetwork network = gfpgan(small());
    const TensorMap state = first_weights(network.plan, 3);
    for (const bool legacy : {false, true}) {
        const auto file = folder.fill("weights.pth", torch_checkpoint(published_gfpgan(state), "params_ema", legacy));
        const PublishedCheckpoint read = read_published(file);
        EXPECT_EQ(read.within, std::vector<std::string>{"params_ema"});
        GfpganOptions options = small();
        const ImportedModel imported = import_restorer("gfpgan", to_json(options), read.tensors, file.string());
        ASSERT_EQ(imported.model.tensors.size(), state.size());
        for (const auto& [name, tensor] : state)
            EXPECT_EQ(imported.model.tensors.at(name).floats(), tensor.floats()) << name;
    }
}

// Noise is stored: the same face gives the same picture, and faces of one call do not see each other.
TEST(Gfpgan, TheSameFaceGivesTheSamePictureInAnyCompany) {
    const SrNetwork network = gfpgan(small());
    TensorMap state = first_weights(network.plan, 3);
    for (auto& [name, tensor] : state)
        if (name.find("style_conv") != std::string::npos && tensor.shape() == std::vector<std::int64_t>{1})
            tensor = HostTensor::from_floats(std::vector<float>{0.5F}, {1});  // the noise's strength, 0 at first
    const PlanEngine engine(network.plan, state, Precision::f32);
    constexpr std::size_t kNumbers = 3 * 32 * 32;
    std::vector<float> two(2 * kNumbers), of_two(2 * kNumbers), of_one(kNumbers);
    for (std::size_t i = 0; i < two.size(); ++i) two[i] = static_cast<float>(i * 37 % 101) / 100;
    engine.run({2, 32, 32}, two, {{"out", of_two}});
    const std::vector<float> second(two.begin() + kNumbers, two.end());
    engine.run({1, 32, 32}, second, {{"out", of_one}});
    double largest = 0;
    for (std::size_t i = 0; i < kNumbers; ++i) {
        EXPECT_NEAR(of_one[i], of_two[kNumbers + i], 1e-4) << i;
        largest = std::max(largest, std::abs(double{of_two[i]} - double{of_two[kNumbers + i]}));
    }
    EXPECT_GT(largest, 1e-3) << "two faces, two pictures";
}

}  // namespace
}  // namespace affectsr
