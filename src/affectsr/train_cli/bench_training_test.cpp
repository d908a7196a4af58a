#include "affectsr/train_cli/bench_training.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/engine/plan_engine.h"

namespace affectsr::cli {
namespace {

BenchOptions quick() {
    BenchOptions options;
    options.network = {"edsr"};
    options.options = {{"features", 8}, {"blocks", 1}, {"scale", 2}};
    options.size = 8;
    options.precision = {"f32"};
    options.threads = 1;
    options.batch = {2};
    options.runs = 2;
    options.profile = true;
    options.training = true;
    return options;
}

const BenchProgress kSilent = [](std::size_t, std::size_t, const std::string&) {};

TEST(BenchTraining, ComparesTheFastStepWithLibTorchAndThePrimitives) {
    if (!engine_available()) GTEST_SKIP() << "built without the engine";
    const BenchReports reports = bench_training(quick(), "affectsr bench --training", kSilent, {});
    ASSERT_EQ(reports.speeds.rows.size(), 4u);
    std::vector<std::string> players;
    double primitives = 0;
    for (const Json& row : reports.speeds.rows) {
        players.push_back(row["player"]);
        if (row["player"] == "primitives") primitives = row["ms"];
    }
    EXPECT_EQ(players, (std::vector<std::string>{"fast", "libtorch", "libtorch", "primitives"}));
    for (const Json& row : reports.speeds.rows)
        EXPECT_NEAR(row["share_of_primitives"].get<double>(), primitives / row["ms"].get<double>(), 1e-9);
    double share = 0;
    for (const Json& row : reports.costs.rows) share += row["share"].get<double>();
    EXPECT_NEAR(share, 1, 1e-6);
    EXPECT_TRUE(Json::parse(reports.text("json")).contains("profile"));
}

TEST(BenchTraining, RefusesUnknownNetworksAndEndsWhenStopped) {
    if (!engine_available()) GTEST_SKIP() << "built without the engine";
    BenchOptions options = quick();
    std::stop_source stopped;
    stopped.request_stop();
    EXPECT_TRUE(bench_training(options, "", kSilent, stopped.get_token()).speeds.rows.empty());
    options.network = {"none"};
    EXPECT_THROW(bench_training(options, "", kSilent, {}), UsageError);
}

}  // namespace
}  // namespace affectsr::cli
