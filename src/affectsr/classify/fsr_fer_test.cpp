#include "affectsr/classify/fsr_fer.h"

#include <gtest/gtest.h>

#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

FsrFerOptions small(bool added) {
    FsrFerOptions options;
    options.covpool.input_px = 32, options.covpool.width = 8, options.covpool.hidden = 24;
    options.generator = {8, 4, 1, false};
    options.added = added;
    return options;
}

std::vector<float> logits_of(const Plan& plan, const TensorMap& weights) {
    std::vector<float> face(std::size_t{3} * 32 * 32), logits(7);
    for (std::size_t i = 0; i < face.size(); ++i) face[i] = static_cast<float>(i * 37 % 251) / 251;
    PlanEngine(plan, weights, Precision::f32).run({1, 32, 32}, face, {{"expression", logits}});
    return logits;
}

TEST(FsrFer, WithAGeneratorThatAddsNothingReadsAsCovpool) {
    const ExpressionNetwork added = fsr_fer(small(true)), instead = fsr_fer(small(false));
    TensorMap weights = first_weights(added.plan, 3);
    for (const char* last : {"generator.last_conv2.weight", "generator.last_conv2.bias"}) {
        const HostTensor& tensor = weights.at(last);
        weights[last] = HostTensor::from_floats(std::vector<float>(tensor.floats().size(), 0), tensor.shape());
    }
    const std::vector<float> by_covpool = logits_of(covpool_plan(small(true).covpool), weights);
    const std::vector<float> by_both = logits_of(added.plan, weights);
    for (std::size_t i = 0; i < 7; ++i) EXPECT_NEAR(by_both[i], by_covpool[i], 1e-5);
    EXPECT_NE(logits_of(instead.plan, weights), by_covpool) << "features of zeros";
}

}  // namespace
}  // namespace affectsr
