#include "affectsr/engine/parted_engine.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr::engine {
namespace {

/// A picture's codes, and what is made of them, of the picture and of what led to them.
Plan choosing_plan() {
    PlanBuilder p;
    const Value face = p.input(3);
    const Value seen = p.relu(p.conv("see", face, 16));
    const Value logits = p.conv("choose", seen, 32, {.kernel = 1});
    const Value codes = p.lookup("book", logits, 8);
    p.output("logits", logits);
    p.output("out", p.conv("make", p.concat({codes, seen, face}), 3));
    return p.finish();
}

std::vector<float> numbers(std::size_t count) {
    std::vector<float> made(count);
    for (std::size_t i = 0; i < count; ++i) made[i] = static_cast<float>(i * 7919 % 997) / 997;
    return made;
}

TEST(PartedEngine, PartsAPlanAtItsChoices) {
    const Plan plan = choosing_plan();
    const std::optional<PartedPlan> parts = parted_at_choices(plan);
    ASSERT_TRUE(parts.has_value());
    EXPECT_EQ(parts->choosing.inputs().size(), 1u);
    EXPECT_EQ(parts->rest.inputs().size(), 3u) << "the face, the codes and what was seen";
    EXPECT_EQ(parts->handed_over.size(), 2u);
    EXPECT_EQ(parts->choosing.parameter_count() + parts->rest.parameter_count(), plan.parameter_count());
    EXPECT_NO_THROW(parts->choosing.output_index("logits"));
    EXPECT_NO_THROW(parts->rest.output_index("out"));
}

TEST(PartedEngine, LeavesOtherPlansWhole) {
    PlanBuilder p;
    EXPECT_FALSE(parted_at_choices(p.finish(p.conv("c", p.input(3), 8))).has_value());
    PlanBuilder q;
    EXPECT_FALSE(parted_at_choices(q.finish(q.lookup("book", q.input(8), 4))).has_value()) << "nothing but a choice";
}

TEST(PartedEngine, ChoosesInBfloat16AsInFloat32) {
    const Plan plan = choosing_plan();
    const TensorMap weights = first_weights(plan, 5);
    const PlanEngine exact(plan, weights, Precision::f32), fast(plan, weights, Precision::bf16);
    if (fast.precision() != Precision::bf16) GTEST_SKIP() << "this processor has no bfloat16";
    constexpr int kCount = 3, kSide = 24;
    constexpr std::size_t kArea = kSide * kSide;
    const std::vector<float> faces = numbers(kCount * 3 * kArea);
    std::vector<float> want(kCount * 3 * kArea), got(want.size()), want_logits(kCount * 32 * kArea),
        logits(want_logits.size());
    exact.run({kCount, kSide, kSide}, faces, {{"out", want}, {"logits", want_logits}});
    fast.run({kCount, kSide, kSide}, faces, {{"out", got}, {"logits", logits}}, 2);
    EXPECT_EQ(logits, want_logits) << "float32, to the last bit";
    for (std::size_t i = 0; i < want.size(); ++i) ASSERT_NEAR(got[i], want[i], 0.05) << i;
    EXPECT_NE(got, want) << "the rest is in bfloat16";
    EXPECT_FALSE(fast.profile({1, kSide, kSide}, 1, 1).empty());
    EXPECT_GT(fast.memory().packed_bytes, 0u);
    std::vector<float> wrong(3);
    EXPECT_THROW(fast.run({1, kSide, kSide}, std::span(faces).first(3 * kArea), {{"out", wrong}}), Bug);
    EXPECT_THROW(fast.run(1, Feeds{}, {{"out", got}}), UsageError);
}

}  // namespace
}  // namespace affectsr::engine
