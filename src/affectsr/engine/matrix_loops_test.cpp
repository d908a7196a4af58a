#include "affectsr/engine/matrix_loops.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "affectsr/base/random.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr::engine {
namespace {

std::vector<double> random_numbers(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::vector<double> numbers(count);
    for (double& number : numbers) number = uniform01(random) - 0.5;
    return numbers;
}

TEST(MatrixLoops, AProductIsTheSumOfItsRowsWhateverTheSizes) {
    struct Sizes {
        std::size_t rows, m, n;
    };
    for (const Sizes s : {Sizes{1, 1, 1}, {3, 5, 2}, {64, 16, 16}, {65, 17, 33}, {144, 40, 24}, {200, 3, 50}}) {
        const std::vector<double> a = random_numbers(s.rows * s.m, 1), b = random_numbers(s.rows * s.n, 2);
        std::vector<double> made(s.m * s.n, 7);
        transposed_product(made.data(), a.data(), b.data(), s.rows, s.m, s.n, false);
        for (std::size_t i = 0; i < s.m; ++i)
            for (std::size_t j = 0; j < s.n; ++j) {
                double sum = 0;
                for (std::size_t p = 0; p < s.rows; ++p) sum += a[p * s.m + i] * b[p * s.n + j];
                EXPECT_NEAR(made[i * s.n + j], sum, 1e-12) << s.rows << ", " << i << ", " << j;
            }
    }
}

TEST(MatrixLoops, ASymmetricProductIsTheWholeOne) {
    for (const std::size_t side : {1u, 7u, 16u, 37u, 64u}) {
        const std::vector<double> a = random_numbers(90 * side, 3);
        std::vector<double> half(side * side), whole(side * side);
        transposed_product(half.data(), a.data(), a.data(), 90, side, side, true);
        transposed_product(whole.data(), a.data(), a.data(), 90, side, side, false);
        for (std::size_t i = 0; i < side * side; ++i) EXPECT_NEAR(half[i], whole[i], 1e-12) << side << ", " << i;
    }
}

/// The logarithm of a symmetric matrix [n, 1, side, side].
std::vector<float> logarithm_of(const std::vector<float>& matrices, int side, int threads, Precision precision) {
    PlanBuilder p;
    const Plan plan = p.finish(p.map_eigenvalues(p.input(1), 1e-4, 1e4, true));
    const PlanEngine engine(plan, {}, precision);
    std::vector<float> made(matrices.size());
    const int count = static_cast<int>(matrices.size()) / (side * side);
    engine.run({count, side, side}, matrices, {{"out", made}}, threads);
    return made;
}

// (2 1; 1 2) has the eigenvalues 1 and 3, (3 0; 0 1e-6) one that is clipped.
const std::vector<float> kTwoMatrices{2, 1, 1, 2, 3, 0, 0, 1e-6f};

TEST(MatrixLoops, TheLogarithmOfASmallMatrixIsThatByHand) {
    const float half = std::log(3.0f) / 2;
    const std::vector<float> wanted{half, half, half, half, std::log(3.0f), 0, 0, std::log(1e-4f)};
    for (const Precision precision : {Precision::f32, Precision::bf16}) {
        const std::vector<float> made = logarithm_of(kTwoMatrices, 2, 1, precision);
        for (std::size_t i = 0; i < wanted.size(); ++i)
            EXPECT_NEAR(made[i], wanted[i], 1e-5) << i << ": nothing on the way is bfloat16";
    }
}

TEST(MatrixLoops, AMatrixThatIsNotFiniteGivesNoNumbersAndSpoilsNoOther) {
    std::vector<float> matrices = kTwoMatrices;
    for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
        matrices[1] = bad;
        const std::vector<float> made = logarithm_of(matrices, 2, 1, Precision::f32);
        for (std::size_t i = 0; i < 4; ++i) EXPECT_TRUE(std::isnan(made[i]));
        for (std::size_t i = 4; i < 8; ++i) EXPECT_TRUE(std::isfinite(made[i]));
    }
}

TEST(MatrixLoops, GiveTheSameBytesOnEveryNumberOfThreads) {
    PlanBuilder p;
    Value x = p.congruence("w", p.covariance(p.input(24), 1e-4), 24, 10);
    const Plan plan = p.finish(p.map_eigenvalues(x, 1e-4, 1e4, true));
    const PlanEngine engine(plan, first_weights(plan, 1), Precision::f32);
    const std::vector<double> numbers = random_numbers(std::size_t{5} * 24 * 48, 4);
    const std::vector<float> features(numbers.begin(), numbers.end());
    std::vector<float> one(500), many(500);
    engine.run({5, 6, 8}, features, {{"out", one}}, 1);
    engine.run({5, 6, 8}, features, {{"out", many}}, 3);
    EXPECT_EQ(one, many);
}

}  // namespace
}  // namespace affectsr::engine
