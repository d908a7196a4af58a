#include "affectsr/detect/tflite_player.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>

#include "affectsr/base/error.h"
#include "affectsr/base/fields.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/checkpoint/test_tflite.h"

namespace affectsr {
namespace {

using namespace test_tflite;

/// What our engine makes of a picture [height, width, channels], as TensorFlow lays it.
std::vector<float> played(const Network& network, int result, const std::vector<float>& picture) {
    const TemporaryFolder folder;
    const TflitePlayer player(folder.fill("x.tflite", network.file({result})));
    const auto channels = static_cast<std::size_t>(player.channels());
    const std::size_t area = picture.size() / channels;
    std::vector<float> planes(picture.size());
    for (std::size_t p = 0; p < area; ++p)
        for (std::size_t c = 0; c < channels; ++c) planes[c * area + p] = picture[p * channels + c];
    return player.run(planes).at(0);
}

void expect_near(const std::vector<float>& found, const std::vector<float>& wanted) {
    ASSERT_EQ(found.size(), wanted.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], wanted[i], 1e-5) << i;
}

/// −3, −2, … : numbers that tell every place apart.
std::vector<float> counting(std::size_t count, float from = -3, float by = 1) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; ++i) values[i] = from + by * static_cast<float>(i);
    return values;
}

/// A convolution of a picture [height, width, in] by its definition: weight [out, side, side, in], `before` pixels of
/// zeros at the left and above, and as many behind as are needed.
std::vector<float> convolved(const std::vector<float>& x, int height, int width, int in, const std::vector<float>& w,
                             int out, int side, int stride, int before, int rows, int columns) {
    std::vector<float> y;
    for (int row = 0; row < rows; ++row)
        for (int column = 0; column < columns; ++column)
            for (int o = 0; o < out; ++o) {
                float sum = 0;
                for (int dy = 0; dy < side; ++dy)
                    for (int dx = 0; dx < side; ++dx)
                        for (int i = 0; i < in; ++i) {
                            const int at_y = row * stride + dy - before, at_x = column * stride + dx - before;
                            if (at_y < 0 || at_y >= height || at_x < 0 || at_x >= width) continue;
                            sum += x[static_cast<std::size_t>((at_y * width + at_x) * in + i)] *
                                   w[static_cast<std::size_t>(((o * side + dy) * side + dx) * in + i)];
                        }
                y.push_back(sum);
            }
    return y;
}

TEST(TflitePlayer, ConvolvesWithTheBorderThatTensorFlowGivesEvenAndOddPictures) {
    // 4 px by stride 2: one pixel of border, behind; 5 px: one on each side.
    for (const auto& [size, before] : {std::pair{4, 0}, std::pair{5, 1}}) {
        const int out_size = (size + 1) / 2;
        const std::vector<float> x = counting(static_cast<std::size_t>(size * size * 2));
        const std::vector<float> w = counting(3 * 3 * 3 * 2, -2, 0.125F);
        Network network({1, size, size, 2});
        const int weight = network.constant({3, 3, 3, 2}, w);
        const int y = network.conv(0, weight, -1, {1, out_size, out_size, 3}, kSame, 2);
        expect_near(played(network, y, x), convolved(x, size, size, 2, w, 3, 3, 2, before, out_size, out_size));
    }
}

TEST(TflitePlayer, ConvolvesWithoutABorderAndAddsTheBias) {
    const std::vector<float> x = counting(3 * 4 * 1), w = {1, -1, 2, 0.5F};
    Network network({1, 3, 4, 1});
    const int weight = network.constant({1, 2, 2, 1}, w), bias = network.constant({1}, {10});
    const int y = network.conv(0, weight, bias, {1, 2, 3, 1}, kValid, 1);
    std::vector<float> wanted = convolved(x, 3, 4, 1, w, 1, 2, 1, 0, 2, 3);
    for (float& value : wanted) value += 10;
    expect_near(played(network, y, x), wanted);
}

TEST(TflitePlayer, ConvolvesEveryChannelByItselfTwiceOver) {
    // One pixel: only the kernel's middle is seen. Results 0 and 1 are of channel 0, 2 and 3 of channel 1.
    Network network({1, 1, 1, 2});
    std::vector<float> w(3 * 3 * 4);
    for (std::size_t i = 0; i < 4; ++i) w[4 * 4 + i] = static_cast<float>(i + 1);
    const int weight = network.constant({1, 3, 3, 4}, w), bias = network.constant({4}, {0, 0, 0, 0.5F});
    const int y = network.depthwise(0, weight, bias, {1, 1, 1, 4}, kSame, 1, 2);
    expect_near(played(network, y, {10, 20}), {10, 20, 60, 80.5F});
}

TEST(TflitePlayer, TakesHalfWeightsBehindDequantize) {
    Network network({1, 1, 1, 1});
    const int half = network.half_constant({1, 1, 1, 1}, {0x3E00});  // 1.5
    const int weight = network.node(kDequantize, {half}, {1, 1, 1, 1});
    expect_near(played(network, network.conv(0, weight, -1, {1, 1, 1, 1}, kValid, 1), {4}), {6});
}

TEST(TflitePlayer, Pools) {
    const std::vector<float> x = counting(4 * 4);  // −3 … 12
    Network network({1, 4, 4, 1});
    expect_near(played(network, network.pool(kMaxPool, 0, {1, 2, 2, 1}, kSame, 2, 2), x), {2, 4, 10, 12});
    expect_near(played(network, network.pool(kAveragePool, 0, {1, 2, 2, 1}, kValid, 2, 2), x),
                {-0.5F, 1.5F, 7.5F, 9.5F});
    // The border of a maximum is nothing, not zeros.
    Network negative({1, 3, 1, 1});
    expect_near(played(negative, negative.pool(kMaxPool, 0, {1, 3, 1, 1}, kSame, 3, 1), {-5, -4, -3}), {-4, -3, -3});
}

TEST(TflitePlayer, AddsAndMultipliesPicturesAndConstants) {
    Network network({1, 1, 2, 2});
    const int row = network.constant({2}, {10, 20}), one = network.constant({}, {2});
    const int shifted = network.node(kAdd, {row, 0}, {1, 1, 2, 2}, 11, {});
    const int scaled = network.node(kMul, {shifted, one}, {1, 1, 2, 2}, 21, {});
    const int sum = network.node(kAdd, {scaled, 0}, {1, 1, 2, 2}, 11, {{0, std::uint8_t{1}}});
    const int squared = network.node(kMul, {sum, sum}, {1, 1, 2, 2}, 21, {});
    const std::vector<float> x = {1, -2, 3, -40};
    expect_near(played(network, scaled, x), {22, 36, 26, -40});
    expect_near(played(network, sum, x), {23, 34, 29, 0});
    expect_near(played(network, squared, x), {529, 1156, 841, 0});
}

TEST(TflitePlayer, MultipliesAPictureByOneNumberForEachChannel) {
    Network network({1, 1, 2, 2});
    const int means = network.pool(
        kMaxPool, network.node(kPad, {0, network.whole_constant({4, 2}, {0, 0, 0, 1, 0, 0, 0, 0})}, {1, 2, 2, 2}),
        {1, 1, 1, 2}, kValid, 2, 2);
    const int y = network.node(kMul, {means, 0}, {1, 1, 2, 2}, 21, {});
    expect_near(played(network, y, {1, 2, 3, 4}), {3, 8, 9, 16});
}

TEST(TflitePlayer, Activates) {
    const std::vector<float> x = {-2, 3, 6.5F, -0.5F};
    const std::vector<std::int32_t> shape = {1, 1, 2, 2};
    Network network(shape);
    const int slopes = network.constant({1, 1, 2}, {0.5F, 0.25F});
    expect_near(played(network, network.node(kRelu, {0}, shape), x), {0, 3, 6.5F, 0});
    expect_near(played(network, network.node(kRelu6, {0}, shape), x), {0, 3, 6, 0});
    expect_near(played(network, network.node(kPrelu, {0, slopes}, shape), x), {-1, 3, 6.5F, -0.125F});
    expect_near(played(network, network.node(kLogistic, {0}, shape), x),
                {0.1192029F, 0.9525741F, 0.9984988F, 0.3775407F});
    expect_near(played(network, network.node(kTanh, {0}, shape), x),
                {-0.9640276F, 0.9950548F, 0.9999955F, -0.4621172F});
    const int weight = network.constant({2, 1, 1, 2}, {1, 0, 0, 1});
    expect_near(played(network, network.conv(0, weight, -1, shape, kValid, 1, 3), x), {0, 3, 6, 0});
}

TEST(TflitePlayer, PadsPixelsAndChannels) {
    Network network({1, 1, 2, 1});
    const int pixels = network.whole_constant({4, 2}, {0, 0, 1, 0, 0, 2, 0, 0});
    const int channels = network.whole_constant({4, 2}, {0, 0, 0, 0, 0, 0, 1, 2});
    expect_near(played(network, network.node(kPad, {0, pixels}, {1, 2, 4, 1}), {5, 6}), {0, 0, 0, 0, 5, 6, 0, 0});
    expect_near(played(network, network.node(kPad, {0, channels}, {1, 1, 2, 4}), {5, 6}), {0, 5, 0, 0, 0, 6, 0, 0});
}

TEST(TflitePlayer, Enlarges) {
    Network network({1, 1, 2, 1});
    const int size = network.whole_constant({2}, {2, 4});
    const int bilinear = network.node(kResizeBilinear, {0, size}, {1, 2, 4, 1}, 15, {{3, std::uint8_t{1}}});
    const int nearest = network.node(kResizeNearest, {0, size}, {1, 2, 4, 1}, 74, {});
    expect_near(played(network, bilinear, {0, 4}), {0, 1, 3, 4, 0, 1, 3, 4});
    expect_near(played(network, nearest, {0, 4}), {0, 0, 4, 4, 0, 0, 4, 4});
}

TEST(TflitePlayer, SpreadsChannelsOverPixels) {
    Network network({1, 1, 1, 8});
    const int y = network.node(kDepthToSpace, {0}, {1, 2, 2, 2}, 94, {{0, 2}});
    expect_near(played(network, y, counting(8)), counting(8));
    Network wide({1, 1, 2, 4});
    const int z = wide.node(kDepthToSpace, {0}, {1, 2, 4, 1}, 94, {{0, 2}});
    expect_near(played(wide, z, {0, 1, 2, 3, 4, 5, 6, 7}), {0, 1, 4, 5, 2, 3, 6, 7});
}

TEST(TflitePlayer, TakesWeightsThatAreStoredWithGaps) {
    Network network({1, 1, 1, 3});
    const Blob gaps = sparsity(
        {0, 1, 2, 3}, {}, {dense_level(2), dense_level(1), dense_level(1), compressed_level(3, {0, 1, 2}, {2, 0})});
    const int weight = network.node(kDensify, {network.sparse_constant({2, 1, 1, 3}, {2, 3}, gaps)}, {2, 1, 1, 3});
    expect_near(played(network, network.conv(0, weight, -1, {1, 1, 1, 2}, kValid, 1), {5, 6, 7}), {14, 15});
}

TEST(TflitePlayer, JoinsChannels) {
    Network network({1, 1, 2, 1});
    const int both = network.node(kAdd, {0, 0}, {1, 1, 2, 1}, 11, {});
    const int y = network.node(kConcatenation, {0, both}, {1, 1, 2, 2}, 10, {{0, 3}});
    expect_near(played(network, y, {5, 6}), {5, 10, 6, 12});
}

TEST(TflitePlayer, GivesReshapedAndJoinedOutputsInTheirPublishedOrder) {
    Network network({1, 2, 2, 2});
    const int small = network.pool(kMaxPool, 0, {1, 1, 1, 2}, kValid, 2, 2);
    const int fine = network.node(kReshape, {network.node(kRelu, {0}, {1, 2, 2, 2})}, {1, 4, 2});
    const int coarse = network.node(kReshape, {small}, {1, 1, 2});
    const int joined = network.node(kConcatenation, {fine, coarse}, {1, 5, 2}, 10, {{0, 1}});
    const int y = network.node(kSqueeze, {network.node(kRelu6, {joined}, {1, 5, 2})}, {5, 2});
    expect_near(played(network, y, {0, 1, 2, 3, 4, 5, 6, 7}), {0, 1, 2, 3, 4, 5, 6, 6, 6, 6});
}

/// MediaPipe's own files, where a copy lies beside the project.
class PublishedTflite : public ::testing::TestWithParam<const char*> {
 protected:
    void SetUp() override {
        if (!std::filesystem::exists(file())) GTEST_SKIP() << "no copy of " << file();
    }
    static std::filesystem::path folder() {
        return std::filesystem::path(AFFECTSR_SOURCE_DIR) / ".." / "shared" / "weights";
    }
    static std::filesystem::path file() { return folder() / "mediapipe" / (std::string(GetParam()) + ".tflite"); }
    /// What the reference, a player on PyTorch, answered to the pattern.
    static Json golden() {
        std::ifstream stream(folder() / "GOLDEN.json");
        return Json::parse(stream)["models"]["mediapipe/" + std::string(GetParam()) + ".tflite"];
    }
};

TEST_P(PublishedTflite, AnswersAsTheReferenceDoes) {
    const TflitePlayer player(file());
    const Json stored = golden();
    const bool centred = stored["input"].get<std::string>().find("[-1,1]") != std::string::npos;
    std::vector<float> planes;
    for (int c = 0; c < player.channels(); ++c)
        for (int y = 0; y < player.size().height; ++y)
            for (int x = 0; x < player.size().width; ++x) {
                const double p = 0.5 + 0.5 * std::sin(0.05 * y + 0.03 * x * (c + 1));
                planes.push_back(static_cast<float>(centred ? 2 * p - 1 : p));
            }
    const std::vector<std::vector<float>> answers = player.run(planes);
    ASSERT_EQ(answers.size(), stored["outputs"].size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
        SCOPED_TRACE("output " + player.outputs()[i].name);
        const Json& wanted = stored["outputs"][i];
        const std::vector<float>& found = answers[i];
        EXPECT_EQ(player.outputs()[i].shape, wanted["shape"].get<std::vector<std::int64_t>>());
        // float32 in another order of sums; what is told of the reference has six digits.
        const double scale = wanted["absmean"].get<double>();
        const double count = static_cast<double>(found.size());
        const auto add_size = [](double sum, float value) { return sum + std::abs(double{value}); };
        EXPECT_NEAR(std::accumulate(found.begin(), found.end(), 0.0, add_size) / count, scale, 1e-5 * scale);
        EXPECT_NEAR(std::accumulate(found.begin(), found.end(), 0.0) / count, wanted["sum"].get<double>() / count,
                    1e-5 * scale);
        const auto first = wanted["first16"].get<std::vector<float>>(),
                   last = wanted["last4"].get<std::vector<float>>();
        ASSERT_GE(found.size(), first.size());
        for (std::size_t k = 0; k < first.size(); ++k)
            EXPECT_NEAR(found[k], first[k], 1e-4 * std::max(scale, 1.0)) << k;
        for (std::size_t k = 0; k < last.size(); ++k)
            EXPECT_NEAR(found[found.size() - last.size() + k], last[k], 1e-4 * std::max(scale, 1.0)) << k;
    }
}

INSTANTIATE_TEST_SUITE_P(TflitePlayer, PublishedTflite,
                         ::testing::Values("face_landmarks_detector", "face_detection_full_range",
                                           "face_detection_full_range_sparse", "face_detection_short_range",
                                           "face_detector"));

}  // namespace
}  // namespace affectsr
