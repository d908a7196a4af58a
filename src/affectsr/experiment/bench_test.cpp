#include "affectsr/experiment/bench.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/net/plan_engine.h"

namespace affectsr {
namespace {

BenchOptions quick() {
    BenchOptions options;
    options.network = {"edsr"};
    options.options = {{"features", 8}, {"blocks", 1}, {"scale", 2}};
    options.size = 8;
    options.precision = {"f32"};
    options.threads = 1;
    options.batch = {1, 2};
    options.runs = 2;
    options.profile = true;
    return options;
}

const BenchProgress kSilent = [](std::size_t, std::size_t, const std::string&) {};

TEST(Bench, ComparesEveryPlayerOnEveryBatch) {
    if (!engine_available()) GTEST_SKIP() << "built without the engine";
    const BenchReports reports = bench(quick(), "affectsr bench", kSilent, {});
    ASSERT_EQ(reports.speeds.rows.size(), 6u) << "engine and two layouts of LibTorch, two batches";
    for (const Json& row : reports.speeds.rows) {
        EXPECT_EQ(row["network"], "edsr");
        EXPECT_GT(row["ms"].get<double>(), 0);
        EXPECT_NEAR(row["faces_per_s"].get<double>(), row["batch"].get<double>() / row["ms"].get<double>() * 1e3, 1e-6);
        for (const char* key : {"size", "player", "precision", "threads", "gflops", "share_of_peak"})
            EXPECT_TRUE(row.contains(key)) << key;
    }
    EXPECT_GT(reports.speeds.facts["peak_gflops"]["f32"].get<double>(), 0);
    double share = 0;
    for (const Json& row : reports.costs.rows) share += row["share"].get<double>();
    EXPECT_NEAR(share, 1, 1e-6);
}

TEST(Bench, RefusesUnknownNetworksAndOptionsOfSeveral) {
    BenchOptions options = quick();
    options.network = {"huge_net"};
    EXPECT_THROW(bench(options, "", kSilent, {}), UsageError);
    options.network = {"edsr", "rrdb"};
    EXPECT_THROW(bench(options, "", kSilent, {}), UsageError);
}

}  // namespace
}  // namespace affectsr
