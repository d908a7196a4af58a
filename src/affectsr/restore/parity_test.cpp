// Both players on every super-resolution network, in each precision.
#include <gtest/gtest.h>

#include "affectsr/learn/test_parity.h"
#include "affectsr/restore/rrdb.h"
#include "affectsr/restore/test_networks.h"

namespace affectsr {
namespace {

TEST(Parity, TheEnginePlaysEverySuperResolutionNetworkAsLibTorchDoes) {
    for (const Entry<SrNetwork>& entry : sr_network_catalog()) {
        SCOPED_TRACE(entry.name);
        const auto network = entry.make(small_options(entry));
        const auto* plan = dynamic_cast<PlanModule*>(network.get());
        ASSERT_NE(plan, nullptr);
        for (const Precision precision : {Precision::f32, Precision::bf16})
            for (const int count : {1, 3, 16}) expect_parity(plan->plan(), {count, 12, 16}, precision);
    }
}

TEST(Parity, InstanceNormsAndEveryScaleToo) {
    for (const int scale : {1, 2, 4, 8}) {
        SCOPED_TRACE(scale);
        RrdbOptions options{.features = 16, .growth = 8, .blocks = 2, .scale = scale, .instance_norm = true};
        // Norms bring every rounding of their input back to full size.
        for (const Precision precision : {Precision::f32, Precision::bf16})
            expect_parity(rrdb_plan(options), {1, 16, 12}, precision, 5e-2);
    }
}

/// 10·log10(range² / mean square error), in dB, of the engine's bfloat16 against its float32.
double psnr_of_bf16(const Plan& plan, int size_px) {
    torch::manual_seed(2);
    PlanModule exact(plan), fast(plan);
    load_state(fast, state_of(exact), "a copy");
    exact.compile(Precision::f32);
    fast.compile(Precision::bf16);
    const torch::InferenceMode inference;
    const Tensor faces = torch::rand({2, 3, size_px, size_px});
    const Tensor want = exact.forward(faces), got = fast.forward(faces);
    const double range = (want.max() - want.min()).item<double>();
    return 10 * std::log10(range * range / (got - want).square().mean().item<double>());
}

TEST(Parity, Bfloat16KeepsAnRrdbPicture) {
    EXPECT_GT(psnr_of_bf16(rrdb_plan({}), 32), 45);
    EXPECT_GT(psnr_of_bf16(rrdb_plan({.instance_norm = true}), 32), 45);
}

}  // namespace
}  // namespace affectsr
