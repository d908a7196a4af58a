#include "affectsr/learn/engine_play.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/plan_module.h"

namespace affectsr {
namespace {

/// Maps of pictures, and numbers that are made of them.
Plan maps_and_numbers() {
    PlanBuilder p;
    const Value maps = p.relu(p.conv("conv", p.input(3), 8));
    p.output("numbers", p.relu(p.linear("fc", p.flatten(maps, 16), 5)));
    p.output("maps", maps);
    return p.finish();
}

TEST(EnginePlay, AnswersInTheShapesOfLibtorch) {
    if (!engine_available()) GTEST_SKIP() << "built without the engine";
    PlanModule module(maps_and_numbers(), 3);
    module.eval();
    const PlanEngine engine(module.plan(), state_of(module), Precision::f32);
    torch::manual_seed(1);
    const Tensor pictures = torch::rand({3, 3, 4, 4}).contiguous(at::MemoryFormat::ChannelsLast).requires_grad_(true);
    const auto expected = module.play(pictures);
    const auto made = play_by_engine(engine, {{"in", pictures}}, 1);
    ASSERT_EQ(made.size(), 2u);
    EXPECT_EQ(made.at("numbers").dim(), 2);
    for (const auto& [name, tensor] : made) {
        ASSERT_EQ(tensor.sizes(), expected.at(name).sizes()) << name;
        EXPECT_FALSE(tensor.requires_grad()) << name;
        EXPECT_TRUE(torch::allclose(tensor, expected.at(name), 1e-5, 1e-6)) << name;
    }
}

TEST(EnginePlay, NamesTheInputThatIsNotFed) {
    if (!engine_available()) GTEST_SKIP() << "built without the engine";
    PlanModule module(maps_and_numbers(), 3);
    const PlanEngine engine(module.plan(), state_of(module), Precision::f32);
    try {
        play_by_engine(engine, {{"other", torch::rand({1, 3, 4, 4})}}, 1);
        FAIL() << "it played nothing";
    } catch (const UsageError& error) {
        EXPECT_NE(std::string(error.what()).find("\"in\""), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace affectsr
