#include "affectsr/train/frozen_network.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/affectsr_net.h"

namespace affectsr {
namespace {

Plan two_stages() {
    PlanBuilder p;
    const Value x = p.input(3), other = p.input(2, "other");
    const Value first = p.mark("first", p.relu(p.batch_norm("bn", p.conv("conv1", x, 4))));
    return p.finish(p.add(p.conv("conv2", first, 4), p.conv("conv3", other, 4)));
}

TEST(FrozenNetwork, OfAPlanOnlyWhatALayerNeedsIsKept) {
    const Plan part = part_of_plan(two_stages(), {"first"});
    ASSERT_EQ(part.steps.size(), 4u) << "input, convolution, norm, ReLU";
    EXPECT_EQ(part.inputs().size(), 1u);
    EXPECT_EQ(part.outputs.at(0).name, "first");
    std::vector<std::string> names;
    for (const Parameter& parameter : part.parameters()) names.push_back(parameter.name);
    EXPECT_EQ(std::count_if(names.begin(), names.end(), [](const auto& name) { return name.starts_with("conv"); }), 2);
    EXPECT_THROW(part_of_plan(two_stages(), {"second"}), UsageError);
}

TEST(FrozenNetwork, AnswersAsTheWholeNetworkAndStandsStill) {
    const Plan plan = two_stages();
    const TensorMap weights = first_weights(plan, 3);
    FrozenNetwork frozen(plan, {"first"}, weights, "test");
    Plan marked = plan;
    marked.output_mark("first");
    PlanModule whole(marked, 3);
    whole.eval();
    torch::manual_seed(1);
    const Tensor picture = torch::rand({2, 3, 6, 6}).requires_grad_(true);
    const Tensor seen = frozen.play(picture).at("first");
    const Tensor expected =
        whole.play(std::map<std::string, Tensor>{{"in", picture}, {"other", torch::rand({2, 2, 6, 6})}}).at("first");
    EXPECT_TRUE(torch::allclose(seen, expected));
    seen.sum().backward();
    EXPECT_GT(picture.grad().abs().sum().item<double>(), 0) << "it is learned through";
    EXPECT_TRUE(frozen.play(picture).at("first").equal(seen)) << "its statistics stay";
}

TEST(FrozenNetwork, AnswersWithoutGradientsAsItPlays) {
    PlanBuilder p;
    const Value x = p.input(3);
    const Value maps = p.mark("maps", p.relu(p.batch_norm("bn", p.conv("conv", x, 8))));
    p.mark("numbers", p.linear("fc", p.flatten(maps, 64), 5));
    const Plan plan = p.finish(maps);
    FrozenNetwork frozen(plan, {"numbers", "maps"}, first_weights(plan, 3), "test");
    torch::manual_seed(1);
    const Tensor pictures = torch::rand({3, 3, 8, 8}).contiguous(at::MemoryFormat::ChannelsLast);
    const auto expected = frozen.play(pictures);
    ASSERT_EQ(expected.at("numbers").sizes(), (std::vector<std::int64_t>{3, 5}));
    for (const bool bf16 : {false, true}) {
        const Autocast autocast(bf16);
        for (const auto& [name, tensor] : frozen.answer(pictures)) {
            EXPECT_FALSE(tensor.requires_grad());
            EXPECT_EQ(tensor.sizes(), expected.at(name).sizes());
            EXPECT_EQ(tensor.scalar_type(), at::kFloat);
            const Tensor off = (tensor - expected.at(name)).norm() / expected.at(name).norm();
            EXPECT_LT(off.item<double>(), bf16 ? 2e-2 : 2e-6) << name;
        }
    }
}

TEST(FrozenNetwork, TakesTheWeightsOfALearner) {
    AffectsrNetOptions small;
    small.features = small.graph_features = 8, small.growth = 4, small.blocks = 2, small.block_channels = 4;
    const Plan plan = affectsr_net_plan(small);
    FrozenNetwork graph(plan, {"graph"}, first_weights(plan, 3), "test");
    PlanModule learner(plan, 5);
    torch::manual_seed(1);
    const Tensor points = torch::rand({1, 3, 478, 1});
    const Tensor before = graph.play(points).at("graph");
    graph.take_weights(learner);
    FrozenNetwork other(plan, {"graph"}, first_weights(plan, 5), "test");
    EXPECT_FALSE(graph.play(points).at("graph").equal(before));
    EXPECT_TRUE(graph.play(points).at("graph").equal(other.play(points).at("graph")));
    EXPECT_TRUE(graph.answer(points).at("graph").equal(other.play(points).at("graph"))) << "not by its old weights";
}

TEST(FrozenNetwork, WantsTheWeightsOfWhatItPlays) {
    TensorMap weights = first_weights(two_stages(), 3);
    weights.erase("conv2.weight");
    EXPECT_NO_THROW(FrozenNetwork(two_stages(), {"first"}, weights, "test"));
    weights.erase("conv1.weight");
    EXPECT_THROW(FrozenNetwork(two_stages(), {"first"}, weights, "test"), ModelError);
}

TEST(FrozenNetwork, OurModelsAreOpenedByTheirNames) {
    const TrainedNetwork reader = open_trained("small_net", "", "", 128);
    EXPECT_EQ(reader.channels, 1);
    EXPECT_EQ(reader.input_px, 48);
    EXPECT_EQ(reader.layers, (std::vector<std::string>{"stem", "stage1", "stage2", "stage3"}));
    EXPECT_EQ(reader.account["name"], "small_net");
    EXPECT_EQ(reader.account["sha256"].get<std::string>().size(), 64u);
    EXPECT_EQ(open_trained("landmark_net", "", "", 128).channels, 3);
    EXPECT_THROW(open_trained("small_face_net", "", "", 128), ModelError) << "a detector";
    EXPECT_THROW(open_trained("small_net", "huge_net", "", 128), UsageError);
    EXPECT_THROW(open_trained("small_net", "vgg", "", 128), ModelError) << "it is no published file";
    EXPECT_THROW(open_trained("nobody", "", "", 128), ModelError);
}

}  // namespace
}  // namespace affectsr
