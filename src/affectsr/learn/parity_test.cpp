// Both players on every network, in each precision.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "affectsr/base/random.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/classify/test_networks.h"
#include "affectsr/learn/test_parity.h"
#include "affectsr/restore/affectsr_net.h"
#include "affectsr/restore/rrdb.h"
#include "affectsr/restore/test_networks.h"
#include "affectsr/restore/vgg_discriminator.h"

namespace affectsr {
namespace {

constexpr std::array kPrecisions{Precision::f32, Precision::bf16};

TEST(Parity, TheEnginePlaysEveryExpressionNetworkAsLibTorchDoes) {
    for (const Entry<ExpressionNetwork>& entry : expression_network_catalog()) {
        SCOPED_TRACE(entry.name);
        const auto network = entry.make(small_options(entry));
        const int px = network->needs.input_px;
        for (const Precision precision : kPrecisions) {
            for (const int count : {1, 3, 16}) expect_parity(network->plan, {count, px, px}, precision, 5e-2);
            expect_parity(network->plan, {2, 2 * px, 2 * px}, precision, 5e-2);
        }
    }
}

TEST(Parity, TheEnginePlaysEverySuperResolutionNetworkAsLibTorchDoes) {
    for (const Entry<SrNetwork>& entry : sr_network_catalog()) {
        SCOPED_TRACE(entry.name);
        const auto network = entry.make(small_options(entry));
        const int px = small_crop_px(*network) * network->enlarged_first;
        const bool one_size = network->needs.scale == 0;
        const BatchShape picture{1, px, one_size ? px : px + std::max(network->multiple, 4)};
        const double bf16_bound = one_size ? 5e-2 : 2e-2;  // styles and norms bring roundings back to full size
        for (const Precision precision : kPrecisions)
            for (const int count : {1, 3, one_size ? 2 : 16})
                expect_parity(network->plan, {count, picture.height, picture.width}, precision, bf16_bound);
    }
}

TEST(Parity, InstanceNormsAndEveryScaleToo) {
    for (const int scale : {1, 2, 4, 8}) {
        SCOPED_TRACE(scale);
        RrdbOptions options{.features = 16, .growth = 8, .blocks = 2, .scale = scale, .instance_norm = true};
        // Norms bring every rounding of their input back to full size.
        for (const Precision precision : kPrecisions) expect_parity(rrdb_plan(options), {1, 16, 12}, precision, 5e-2);
    }
}

TEST(Parity, EveryReadingOfAffectsrNetToo) {
    AffectsrNetOptions sizes;
    sizes.features = 16, sizes.growth = 8, sizes.blocks = 3, sizes.graph_features = 24, sizes.block_channels = 8;
    AffectsrNetOptions eightfold = sizes, blocks = sizes, attention = sizes, published = sizes, plain = sizes;
    eightfold.scale = 8;
    blocks.merged_at = "blocks";
    attention.merged_as = "attention";
    published.keep_scale = false;
    plain.graph = plain.instance_norm = false;
    for (const AffectsrNetOptions& options : {sizes, eightfold, blocks, attention, published, plain})
        for (const Precision precision : kPrecisions) {
            SCOPED_TRACE(to_json(options).dump());
            for (const int count : {1, 3}) expect_parity(affectsr_net_plan(options), {count, 16, 12}, precision, 5e-2);
        }
}

TEST(Parity, TheWholeAffectsrNetInItsOwnSize) {
    for (const Precision precision : kPrecisions)
        for (const int size_px : {32, 16})
            expect_parity(affectsr_net_plan({.scale = 128 / size_px}), {1, size_px, size_px}, precision, 5e-2);
}

TEST(Parity, TheCriticToo) {
    Plan plan = vgg_discriminator_plan({8});
    plan.outputs.clear();  // one number is a sum that cancels
    plan.output_mark("linear1");
    for (const Precision precision : kPrecisions) expect_parity(plan, {1, 128, 128}, precision, 5e-2);
}

/// 10·log10(range² / mean square error), in dB, of the engine's bfloat16 against its float32.
double psnr_of_bf16(const Plan& plan, int size_px) {
    const TensorMap weights = first_weights(plan, 2);
    const PlanEngine exact(plan, weights, Precision::f32), fast(plan, weights, Precision::bf16);
    const BatchShape faces{2, size_px, size_px};
    const auto pixels = static_cast<std::size_t>(2 * 3 * size_px * size_px);
    std::vector<float> input(pixels), want(16 * pixels), got(16 * pixels);
    for (std::size_t i = 0; i < pixels; ++i) input[i] = static_cast<float>(unit_interval(mix_bits(i + 1)));
    exact.run(faces, input, {{"out", want}});
    fast.run(faces, input, {{"out", got}});
    const auto [least, most] = std::minmax_element(want.begin(), want.end());
    double squares = 0;
    for (std::size_t i = 0; i < want.size(); ++i) squares += std::pow(static_cast<double>(got[i] - want[i]), 2);
    const double range = static_cast<double>(*most - *least);
    return 10 * std::log10(range * range * static_cast<double>(want.size()) / squares);
}

TEST(Parity, Bfloat16KeepsAnRrdbPicture) {
    EXPECT_GT(psnr_of_bf16(rrdb_plan({}), 32), 45);
    EXPECT_GT(psnr_of_bf16(rrdb_plan({.instance_norm = true}), 32), 45);
}

}  // namespace
}  // namespace affectsr
