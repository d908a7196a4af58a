#include "affectsr/engine/winograd.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "affectsr/engine/plan_engine.h"
#include "affectsr/engine/program.h"

namespace affectsr::engine {
namespace {

#ifdef __SANITIZE_THREAD__
const std::vector<int> kThreads{1};  // the sanitizer cannot see OpenMP's barriers (cmake/tsan.supp)
#else
const std::vector<int> kThreads{1, 2, 3, 16};
#endif

/// A plan with its inputs and weights.
class WeightedPlan {
 public:
    WeightedPlan(Plan plan, BatchShape batch) : plan_(std::move(plan)), batch_(batch) {
        std::mt19937 random(5);
        std::normal_distribution<float> normal;
        for (const Parameter& parameter : plan_.parameters()) {
            std::int64_t count = 1, per_output = 1;
            for (const std::int64_t side : parameter.shape) count *= side;
            if (parameter.shape.size() > 1) per_output = count / parameter.shape[0];
            std::vector<float> values(static_cast<std::size_t>(count));
            for (float& x : values) x = normal(random) / std::sqrt(static_cast<float>(per_output));
            tensors_[parameter.name] = HostTensor::from_floats(values, parameter.shape);
        }
        const ValueShape picture{plan_.steps[0].out_channels, batch.height, batch.width};
        input_.resize(static_cast<std::size_t>(batch.count * picture.count()));
        for (float& x : input_) x = normal(random);
    }

    struct Answer {
        std::vector<float> values;
        int by_winograd = 0;  ///< operations
    };

    /// The plan's one output of the pictures from `first` on.
    Answer play(WinogradUse use, int threads = 1, int first = 0, int count = -1) const {
        if (count < 0) count = batch_.count;
        const Operations operations = fuse(plan_);
        Weights weights(plan_, tensors_, false);
        const auto program = std::make_shared<const Program>(
            compile(plan_, operations, weights, {count, {{batch_.height, batch_.width}}, threads, use}));
        const ValueShape made =
            plan_.shapes(batch_.height, batch_.width)[static_cast<std::size_t>(plan_.outputs[0].step)];
        Answer answer;
        answer.values.resize(static_cast<std::size_t>(count * made.count()));
        Player player(program);
        const std::size_t picture = input_.size() / static_cast<std::size_t>(batch_.count);
        player.scratch().inputs[0] = input_.data() + static_cast<std::size_t>(first) * picture;
        player.scratch().outputs[0] = answer.values.data();
        player.play();
        for (const Action& action : program->actions)
            answer.by_winograd += action.implementation.starts_with("winograd:") ? 1 : 0;
        return answer;
    }

    const Plan& plan() const { return plan_; }
    const TensorMap& tensors() const { return tensors_; }

 private:
    Plan plan_;
    BatchShape batch_;
    TensorMap tensors_;
    std::vector<float> input_;
};

double difference(const std::vector<float>& a, const std::vector<float>& b) {
    double apart = 0, norm = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        apart += std::pow(double{a[i]} - double{b[i]}, 2);
        norm += double{b[i]} * double{b[i]};
    }
    return std::sqrt(apart / norm);
}

Plan one_convolution(int in, int out) {
    PlanBuilder p;
    return p.finish(p.conv("c", p.input(in), out));
}

/// Convolutions one after the other with every epilogue, one of an enlarged picture last.
Plan every_epilogue() {
    PlanBuilder p;
    const Value x = p.relu(p.conv("a", p.input(32), 32));
    const Value y = p.add(p.conv("c", p.leaky_relu(p.conv("b", x, 32), 0.2), 32), x);  // of a value that dies here
    const Value z = p.relu(p.add(p.conv("e", y, 32), y));                              // of the convolved itself
    const Value w = p.sigmoid(p.scale(p.conv("f", z, 48), 0.5));
    return p.finish(p.leaky_relu(p.conv("g", p.enlarge_nearest(w, 2), 24), 0.1));
}

TEST(Winograd, IsTheDirectWayOnEveryShape) {
    for (const auto& [in, out] : {std::pair(16, 16), {1, 8}, {3, 40}, {40, 3}, {64, 32}, {96, 64}, {128, 130}})
        for (const BatchShape& batch : {BatchShape{1, 1, 1}, {1, 3, 9}, {2, 4, 4}, {1, 17, 30}, {3, 12, 13}}) {
            const WeightedPlan network(one_convolution(in, out), batch);
            const auto direct = network.play(WinogradUse::never);
            const auto winograd = network.play(WinogradUse::wherever_it_can);
            EXPECT_EQ(direct.by_winograd, 0);
            EXPECT_EQ(winograd.by_winograd, 1);
            EXPECT_LT(difference(winograd.values, direct.values), 3e-6)
                << in << " → " << out << " channels, " << batch.count << " × " << batch.height << "×" << batch.width;
        }
}

TEST(Winograd, IsTheDirectWayWithEveryEpilogue) {
    for (const int threads : kThreads) {
        const WeightedPlan network(every_epilogue(), {3, 14, 11});
        const auto winograd = network.play(WinogradUse::wherever_it_can, threads);
        EXPECT_EQ(winograd.by_winograd, 6);
        EXPECT_LT(difference(winograd.values, network.play(WinogradUse::never, threads).values), 3e-6);
    }
}

TEST(Winograd, GivesEqualBytesForAnyThreadsAndPictures) {
    for (const auto& [in, out] : {std::pair(64, 64), {192, 64}, {256, 256}}) {
        constexpr int kPictures = 5;
        const WeightedPlan network(one_convolution(in, out), {kPictures, 14, 18});
        const auto together = network.play(WinogradUse::wherever_it_can).values;
        for (const int threads : kThreads)
            EXPECT_EQ(network.play(WinogradUse::wherever_it_can, threads).values, together) << threads << " threads";
        const std::size_t picture = together.size() / kPictures;
        for (int i = 0; i < kPictures; ++i) {
            const auto alone = network.play(WinogradUse::wherever_it_can, 1, i, 1).values;
            const auto begin = together.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(i) * picture);
            EXPECT_TRUE(std::equal(alone.begin(), alone.end(), begin)) << "picture " << i;
        }
    }
}

/// Whether the rule plays the one convolution of `plan` so.
bool pays(const Plan& plan, const BatchShape& batch) {
    return WeightedPlan(plan, batch).play(WinogradUse::where_it_pays).by_winograd > 0;
}

TEST(Winograd, PaysWhereItIsLessWork) {
    EXPECT_TRUE(pays(one_convolution(64, 64), {1, 32, 32})) << "of an EDSR";
    EXPECT_TRUE(pays(one_convolution(192, 64), {1, 32, 32})) << "of a dense block";
    EXPECT_TRUE(pays(one_convolution(64, 3), {1, 64, 64})) << "the last one of both";
    EXPECT_TRUE(pays(one_convolution(256, 256), {1, 14, 14})) << "of a ResNet";
    EXPECT_FALSE(pays(one_convolution(512, 512), {1, 7, 7})) << "more weights than pixels";
    EXPECT_FALSE(pays(one_convolution(3, 64), {1, 32, 32})) << "too few channels to fill a product";
    EXPECT_FALSE(pays(one_convolution(64, 64), {1, 5, 5})) << "tiles that are mostly beyond the picture";
    EXPECT_FALSE(pays(one_convolution(64, 64), {16, 5, 5})) << "whatever the number of pictures";
}

TEST(Winograd, IsForUnstridedConvolutionsOfThreeByThree) {
    for (const ConvOptions& options : {ConvOptions{.kernel = 5}, {.stride = 2}, {.padding = 0}, {.groups = 2}}) {
        PlanBuilder p;
        const WeightedPlan network(p.finish(p.conv("c", p.input(64), 64, options)), {1, 32, 32});
        EXPECT_EQ(network.play(WinogradUse::wherever_it_can).by_winograd, 0);
    }
}

TEST(Winograd, CountsItsWeights) {
    const WeightedPlan network(one_convolution(64, 32), {1, 32, 32});
    const PlanEngine engine(network.plan(), network.tensors(), Precision::f32);
    engine.prepare({1, 32, 32});
    engine.prepare({1, 64, 64});
    EXPECT_EQ(engine.memory().packed_bytes, sizeof(float) * 36 * 64 * 32) << "once for both sizes";
}

}  // namespace
}  // namespace affectsr::engine
