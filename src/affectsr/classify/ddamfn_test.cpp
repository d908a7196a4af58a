#include "affectsr/classify/ddamfn.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/classify/import_classifier.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

constexpr int kBesidePublished = 2 * 2 * 512 * (49 - 7);  // zeros around the heads' kernels of 1 × 7
constexpr int kUnread = 81'422;                           // numbers of the published network that no answer reads

TEST(Ddamfn, HasThePublishedNumbers) {
    EXPECT_EQ(ddamfn_plan({}).parameter_count(), 4'187'421 - kUnread + kBesidePublished);
}

/// What the authors' module stores: the plan's weights, kernels of one row, and what no answer reads.
TensorMap published() {
    TensorMap state = first_weights(ddamfn_plan({}), 3);
    const auto numbers = [](std::vector<std::int64_t> shape) {
        std::int64_t count = 1;
        for (const std::int64_t side : shape) count *= side;
        std::vector<float> values(static_cast<std::size_t>(count));
        for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 13) - 6;
        return HostTensor::from_floats(values, std::move(shape));
    };
    for (const std::string head : {"cat_head0", "cat_head1"}) {
        state[head + ".CoordAtt.Linear_h.conv.weight"] = numbers({512, 1, 1, 7});
        state[head + ".CoordAtt.Linear_w.conv.weight"] = numbers({512, 1, 7, 1});
        state[head + ".CoordAtt.Linear.conv.weight"] = numbers({512, 1, 7, 7});
    }
    state["bn.weight"] = numbers({7});
    state["features.2.conv_dw.bn.running_mean"] = numbers({128});
    state["features.2.conv_dw.prelu.weight"] = numbers({128});
    return state;
}

const std::vector<std::string> kAuthorsLabels{"neutral", "happy", "sad", "surprise", "fear", "disgust", "angry"};

TEST(Ddamfn, TakesThePublishedNamesAndLeavesAsideWhatNoAnswerReads) {
    const ImportedModel imported = import_classifier("ddamfn", Json::object(), kAuthorsLabels, published(), "a file");
    EXPECT_EQ(imported.model.card.labels.front(), "neutral");
    EXPECT_EQ(imported.model.card.labels.back(), "anger");
    EXPECT_FALSE(imported.model.tensors.contains("bn.weight"));
    EXPECT_FALSE(imported.model.tensors.contains("cat_head0.CoordAtt.Linear.conv.weight"));
}

TEST(Ddamfn, AKernelOfOneRowLiesInTheMiddleOfASquare) {
    const TensorMap named = ddamfn({}).renamed(published());
    for (const auto& [direction, along_x] : {std::pair{"h", true}, {"w", false}}) {
        const std::string name = std::string("cat_head1.CoordAtt.Linear_") + direction + ".conv.weight";
        ASSERT_EQ(named.at(name).shape(), (std::vector<std::int64_t>{512, 1, 7, 7}));
        const std::vector<float> flat = published().at(name).floats(), square = named.at(name).floats();
        for (std::size_t channel : {0U, 511U})
            for (std::size_t y = 0; y < 7; ++y)
                for (std::size_t x = 0; x < 7; ++x) {
                    const bool within = (along_x ? y : x) == 3;
                    const float wanted = within ? flat[channel * 7 + (along_x ? x : y)] : 0;
                    EXPECT_EQ(square[(channel * 7 + y) * 7 + x], wanted) << name << " " << y << " " << x;
                }
    }
    const TensorMap again = ddamfn({}).renamed(named);
    EXPECT_EQ(again.at("fc.weight").floats(), named.at("fc.weight").floats());
    EXPECT_EQ(again.size(), named.size()) << "a model file of ours keeps what it has";
}

TEST(Ddamfn, APixelGetsTheLargestOfItsMaps) {
    Plan plan = ddamfn_plan({32, {1, 1, 1}, 2});
    TensorMap weights = first_weights(plan, 4);
    plan.output_mark("attention");
    const PlanEngine both(plan, weights, Precision::f32);
    std::vector<float> face(3 * 32 * 32), maps(1024 * 4), logits(7), one_logits(7);
    for (std::size_t i = 0; i < face.size(); ++i) face[i] = static_cast<float>(i * 37 % 251) / 251;
    both.run({1, 32, 32}, face, {{"expression", logits}, {"attention", maps}});
    for (const float value : maps) {
        ASSERT_GT(value, 0);
        ASSERT_LT(value, 1);
    }
    // Twice the same head is that head.
    for (auto& [name, tensor] : weights)
        if (name.starts_with("cat_head1")) tensor = weights.at("cat_head0" + name.substr(9));
    const PlanEngine twice(ddamfn_plan({32, {1, 1, 1}, 2}), weights, Precision::f32);
    std::erase_if(weights, [](const auto& named) { return named.first.starts_with("cat_head1"); });
    const PlanEngine once(ddamfn_plan({32, {1, 1, 1}, 1}), weights, Precision::f32);
    twice.run({1, 32, 32}, face, {{"expression", logits}});
    once.run({1, 32, 32}, face, {{"expression", one_logits}});
    for (std::size_t c = 0; c < logits.size(); ++c) EXPECT_NEAR(logits[c], one_logits[c], 1e-5);
}

TEST(Ddamfn, RefusesSidesThatItsStridesDoNotDivide) {
    EXPECT_THROW(ddamfn_plan({100, {9, 16, 6}, 2}), UsageError);
}

TEST(Ddamfn, RefusesMoreOrFewerStagesThanItHas) {
    EXPECT_THROW(ddamfn_plan({112, {9, 16}, 2}), UsageError);
}

}  // namespace
}  // namespace affectsr
