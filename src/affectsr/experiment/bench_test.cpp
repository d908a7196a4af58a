#include "affectsr/experiment/bench.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/engine/plan_engine.h"

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

/// A peer of two layouts that does nothing.
std::vector<BenchPlayer> idle_peer(const BenchTask& task) {
    EXPECT_EQ(task.feeds.at("in").values.size(), static_cast<std::size_t>(3 * task.batch.count * 8 * 8));
    return {{"libtorch", "nchw", task.precision, [] {}}, {"libtorch", "nhwc", task.precision, [] {}}};
}

TEST(Bench, ComparesEveryPlayerOnEveryBatch) {
    if (!engine_available()) GTEST_SKIP() << "built without the engine";
    BenchOptions options = quick();
    options.against = "libtorch";
    const BenchReports reports = bench(options, "affectsr bench", kSilent, {}, idle_peer);
    ASSERT_EQ(reports.speeds.rows.size(), 6u) << "engine and two layouts of the peer, two batches";
    for (const Json& row : reports.speeds.rows) {
        EXPECT_EQ(row["network"], "edsr");
        EXPECT_GT(row["ms"].get<double>(), 0);
        EXPECT_NEAR(row["faces_per_s"].get<double>(), row["batch"].get<double>() / row["ms"].get<double>() * 1e3, 1e-6);
        for (const char* key : {"size", "player", "precision", "threads", "gflops", "share_of_peak"})
            EXPECT_TRUE(row.contains(key)) << key;
    }
    for (const Json& row : reports.speeds.rows) EXPECT_TRUE(row["times_libtorch_f32"].is_number()) << row;
    EXPECT_GT(reports.speeds.facts["peak_gflops"]["f32"].get<double>(), 0);
    double share = 0;
    for (const Json& row : reports.costs.rows) share += row["share"].get<double>();
    EXPECT_NEAR(share, 1, 1e-6);
}

TEST(Bench, PlaysTheEngineAloneUnlessAPeerIsAskedFor) {
    if (!engine_available()) GTEST_SKIP() << "built without the engine";
    BenchOptions options = quick();
    const BenchReports reports = bench(options, "affectsr bench", kSilent, {}, idle_peer);
    ASSERT_EQ(reports.speeds.rows.size(), 2u);
    for (const Json& row : reports.speeds.rows) EXPECT_TRUE(row["times_libtorch_f32"].is_null()) << row;
    EXPECT_TRUE(Json::parse(reports.text("json")).contains("profile"));
    EXPECT_EQ(reports.text("csv"), reports.speeds.csv());
    options.against = "libtorch";
    EXPECT_THROW(bench(options, "", kSilent, {}), UsageError) << "nobody handed the peer in";
}

// Under ONEDNN_MAX_CPU_ISA=AVX2 (the test experiment/bench/avx2) there is no bfloat16.
TEST(Bench, TellsThePrecisionThatWasUsed) {
    if (!engine_available()) GTEST_SKIP() << "built without the engine";
    BenchOptions options = quick();
    options.precision = {"bf16", "f32"};
    options.batch = {1};
    const BenchReports reports = bench(options, "affectsr bench", kSilent, {});
    const bool has_bf16 = used_precision(Precision::bf16) == Precision::bf16;
    EXPECT_EQ(reports.speeds.rows.size(), has_bf16 ? 2u : 1u);
    EXPECT_EQ(reports.speeds.facts["peak_gflops"].contains("bf16"), has_bf16);
    EXPECT_EQ(reports.speeds.facts.contains("precisions_not_here"), !has_bf16);
    for (const Report* report : {&reports.speeds, &reports.costs})
        for (const Json& row : report->rows) EXPECT_TRUE(has_bf16 || row["precision"] == "f32") << row;
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
