#include "affectsr/restore/edsr.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/edsr_ends.h"

namespace affectsr {
namespace {

EdsrOptions small(int scale) {
    EdsrOptions options;
    options.features = 8;
    options.blocks = 2;
    options.scale = scale;
    return options;
}

TEST(Edsr, HasTheParametersOfItsPaper) {
    EdsrOptions options;
    const auto parameters = [&](int scale) {
        options.scale = scale;
        return edsr_plan(options).parameter_count();
    };
    EXPECT_EQ(parameters(2), 1'369'859);
    EXPECT_EQ(parameters(3), 1'554'499);
    EXPECT_EQ(parameters(4), 1'517'571);
    options.features = 256;
    options.blocks = 32;
    EXPECT_EQ(parameters(2), 40'729'603);
    EXPECT_EQ(parameters(3), 43'680'003);
    EXPECT_EQ(parameters(4), 43'089'923);
}

TEST(Edsr, EnlargesByItsScale) {
    for (const int scale : {2, 3, 4, 8})
        EXPECT_EQ(edsr_plan(small(scale)).shapes(7, 5).back(), (ValueShape{3, 7 * scale, 5 * scale}));
    EXPECT_THROW(edsr_plan(small(5)), UsageError);
}

TEST(Edsr, AFaceOfTheMeanColourMeetsZerosAndComesBack) {
    const Plan plan = edsr_plan(small(2));
    const PlanEngine engine(plan, first_weights(plan, 1), Precision::f32);  // untrained: every bias is 0
    std::vector<float> face, sr(3 * 12 * 12);
    for (const float mean : {0.4488f, 0.4371f, 0.4040f}) face.insert(face.end(), 36, mean);
    engine.run({1, 6, 6}, face, {{"out", sr}});
    for (std::size_t i = 0; i < sr.size(); ++i) EXPECT_NEAR(sr[i], face[i / 144 * 36], 1e-5) << i;
}

TEST(Edsr, TakesBasicSrsNames) {
    const SrNetwork network = edsr(small(4));
    const TensorMap state = first_weights(network.plan, 1);
    const std::map<std::string, std::string> layers = {
        {"head.0", "conv_first"},          {"body.0.body.0", "body.0.conv1"}, {"body.0.body.2", "body.0.conv2"},
        {"body.1.body.0", "body.1.conv1"}, {"body.1.body.2", "body.1.conv2"}, {"body.2", "conv_after_body"},
        {"tail.0.0", "upsample.0"},        {"tail.0.2", "upsample.2"},        {"tail.1", "conv_last"},
    };
    TensorMap published;
    for (const auto& [ours, theirs] : layers)
        for (const char* kind : {".weight", ".bias"}) published[theirs + kind] = state.at(ours + kind);
    const TensorMap renamed = network.renamed(published);
    ASSERT_EQ(renamed.size(), state.size());
    for (const auto& [name, tensor] : state) EXPECT_EQ(renamed.at(name).floats(), tensor.floats()) << name;
}

TEST(Edsr, TakesTheAuthorsNamesWhereTheirMeanColourIsOurs) {
    const SrNetwork network = edsr(small(2));
    TensorMap published = first_weights(network.plan, 1);
    const std::size_t ours = published.size();
    const HostTensor identity = HostTensor::from_floats(std::vector<float>{1, 0, 0, 0, 1, 0, 0, 0, 1}, {3, 3, 1, 1});
    const auto mean = [](float sign, float white) {
        return HostTensor::from_floats(
            std::vector<float>{sign * white * 0.4488f, sign * white * 0.4371f, sign * white * 0.4040f}, {3});
    };
    for (const char* step : {"sub_mean", "add_mean"}) published[step + std::string(".weight")] = identity;
    published["sub_mean.bias"] = mean(-1, 255);
    published["add_mean.bias"] = mean(1, 255).cast(DType::bf16);
    EXPECT_EQ(network.renamed(published).size(), ours);
    published["add_mean.bias"] = mean(1, 1);  // of a network that counts to 1: it would be played wrongly
    EXPECT_TRUE(network.renamed(published).contains("add_mean.bias"));
}

}  // namespace
}  // namespace affectsr
