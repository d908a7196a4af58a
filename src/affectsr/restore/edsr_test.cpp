#include "affectsr/restore/edsr.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "affectsr/base/error.h"
#include "affectsr/learn/test_parity.h"
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
    EXPECT_EQ(parameters(2), 1'369'883);
    EXPECT_EQ(parameters(3), 1'554'523);
    EXPECT_EQ(parameters(4), 1'517'595);
    options.features = 256;
    options.blocks = 32;
    EXPECT_EQ(parameters(2), 40'729'627);
    EXPECT_EQ(parameters(3), 43'680'027);
    EXPECT_EQ(parameters(4), 43'089'947);
}

TEST(Edsr, EnlargesByItsScale) {
    for (const int scale : {2, 3, 4, 8})
        EXPECT_EQ(edsr_plan(small(scale)).shapes(7, 5).back(), (ValueShape{3, 7 * scale, 5 * scale}));
    EXPECT_THROW(edsr_plan(small(5)), UsageError);
}

TEST(Edsr, AFaceOfTheMeanColourMeetsZerosAndComesBack) {
    Edsr network(small(2));  // untrained: every bias but the mean's is 0
    const Tensor mean = torch::tensor({0.4488f, 0.4371f, 0.4040f}).view({1, 3, 1, 1});
    const Tensor sr = network.forward({mean.expand({1, 3, 6, 6})}).sr;
    EXPECT_LT((sr - mean).abs().max().item<double>(), 1e-5);
}

TEST(Edsr, TheMeanColourIsNotTrained) {
    Edsr network(small(2));
    network.forward({torch::rand({1, 3, 6, 6})}).sr.sum().backward();
    for (const auto& item : network.named_parameters())
        EXPECT_EQ(item.value().grad().defined(), !mean_shift_state().contains(item.key())) << item.key();
}

TEST(Edsr, TakesBasicSrsNames) {
    Edsr network(small(4));
    const TensorMap state = state_of(network);
    const std::map<std::string, std::string> layers = {
        {"head.0", "conv_first"},          {"body.0.body.0", "body.0.conv1"}, {"body.0.body.2", "body.0.conv2"},
        {"body.1.body.0", "body.1.conv1"}, {"body.1.body.2", "body.1.conv2"}, {"body.2", "conv_after_body"},
        {"tail.0.0", "upsample.0"},        {"tail.0.2", "upsample.2"},        {"tail.1", "conv_last"},
    };
    TensorMap published;
    for (const auto& [ours, theirs] : layers)
        for (const char* kind : {".weight", ".bias"}) published[theirs + kind] = state.at(ours + kind);
    const TensorMap renamed = network.rename_published(published);
    ASSERT_EQ(renamed.size(), state.size());
    for (const auto& [name, tensor] : state) EXPECT_EQ(renamed.at(name).floats(), tensor.floats()) << name;
    EXPECT_EQ(network.rename_published(state).size(), state.size()) << "the authors' names are ours";
}

TEST(Edsr, BothPlayersAgree) {
    for (const double residual_scale : {1.0, 0.1}) {
        EdsrOptions options = small(3);
        options.residual_scale = residual_scale;
        for (const Precision precision : {Precision::f32, Precision::bf16})
            expect_parity(edsr_plan(options), {2, 9, 12}, precision);
    }
}

}  // namespace
}  // namespace affectsr
