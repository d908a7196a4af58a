#include "affectsr/train_cli/libtorch_peer.h"

#include <gtest/gtest.h>

#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

TEST(LibtorchPeer, PlaysBothLayoutsInFloat32AndChannelsLastInBf16) {
    PlanBuilder builder;
    const Plan plan = builder.finish(builder.relu(builder.conv("conv", builder.input(3), 4)));
    const TensorMap weights = first_weights(plan, 1);
    const std::vector<float> pictures(2 * 3 * 5 * 5, 0.5f);
    const Feeds feeds{{"in", {pictures, {5, 5}}}};
    BenchTask task{plan, weights, Precision::f32, {2, 5, 5}, feeds, 1};
    const std::vector<BenchPlayer> f32 = libtorch_players(task);
    ASSERT_EQ(f32.size(), 2u);
    EXPECT_EQ(f32[0].layout, "nchw");
    EXPECT_EQ(f32[1].layout, "nhwc");
    task.precision = Precision::bf16;
    const std::vector<BenchPlayer> bf16 = libtorch_players(task);
    ASSERT_EQ(bf16.size(), 1u);
    EXPECT_EQ(bf16[0].layout, "nhwc");
    for (const auto& players : {f32, bf16})
        for (const BenchPlayer& player : players) {
            EXPECT_EQ(player.player, "libtorch");
            player.play();
        }
}

TEST(LibtorchPeer, BenchComparesTheEngineWithIt) {
    if (!engine_available()) GTEST_SKIP() << "built without the engine";
    const TemporaryFolder folder;
    const Ran ran =
        run(folder,
            "affectsr-train bench --network edsr --options '{\"features\":8,\"blocks\":1,\"scale\":2}' --size 8 "
            "--precision f32 --threads 1 --batch 1 --runs 2 --format json");
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    const Json rows = Json::parse(ran.out)["rows"];
    ASSERT_EQ(rows.size(), 3u) << "the engine and two layouts of LibTorch";
    for (const Json& row : rows) EXPECT_TRUE(row["times_libtorch_f32"].is_number()) << row;
}

}  // namespace
}  // namespace affectsr::cli
