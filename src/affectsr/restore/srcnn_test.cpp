#include "affectsr/restore/srcnn.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "affectsr/base/error.h"
#include "affectsr/base/random.h"
#include "affectsr/image/resize.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/network_restorer.h"

namespace affectsr {
namespace {

TEST(Srcnn, HasTheParametersOfItsPaper) {
    EXPECT_EQ(srcnn_plan({1, 1}).parameter_count(), 8'129);
    EXPECT_EQ(srcnn_plan({5, 1}).parameter_count(), 57'281);
    EXPECT_EQ(srcnn_plan({5, 3}).parameter_count(), 69'251);
    EXPECT_THROW(srcnn_plan({2, 1}), UsageError);
    EXPECT_THROW(srcnn_plan({5, 2}), UsageError);
}

/// SRCNN's restorer with weights that hand the picture's values on unchanged, times `gain`.
NetworkRestorer handing_on(const SrcnnOptions& options, float gain) {
    const SrNetwork network = srcnn(options);
    ModelFile file;
    for (const Parameter& parameter : network.plan.parameters()) {
        const std::vector<std::int64_t>& shape = parameter.shape;
        std::vector<float> values;
        values.assign(static_cast<std::size_t>(first_weights(network.plan, 1).at(parameter.name).count()), 0);
        if (shape.size() == 4)
            for (std::int64_t c = 0; c < options.channels; ++c) {
                const std::int64_t middle = (c * shape[1] + c) * shape[2] * shape[3] + shape[2] * shape[3] / 2;
                values[static_cast<std::size_t>(middle)] = parameter.name == "conv3.weight" ? gain : 1;
            }
        file.tensors[parameter.name] = HostTensor::from_floats(values, shape);
    }
    return {network, file, Precision::f32, "file"};
}

/// A crop of mild colours, so that nothing is clamped.
FaceCrop mild_crop(int width, int height) {
    FaceCrop crop;
    crop.pixels = Image(width, height);
    for (std::size_t i = 0; i < crop.pixels.rgb.size(); ++i)
        crop.pixels.rgb[i] = static_cast<std::uint8_t>(100 + mix_bits(i + 1) % 40);
    return crop;
}

TEST(Srcnn, ThatChangesNothingIsTheBicubicEnlargement) {
    const FaceCrop crop = mild_crop(8, 8);
    for (const int channels : {1, 3})
        for (const int scale : {2, 3, 4}) {
            const Image restored = handing_on({5, channels, scale}, 1).restore(crop).picture;
            const Image enlarged = resize(crop.pixels, {8 * scale, 8 * scale}, Filter::bicubic);
            ASSERT_EQ(restored.size(), enlarged.size());
            int furthest = 0;
            for (std::size_t i = 0; i < restored.rgb.size(); ++i)
                furthest = std::max(furthest, std::abs(int{restored.rgb[i]} - int{enlarged.rgb[i]}));
            EXPECT_LE(furthest, 1) << "halves may be rounded either way";
        }
}

TEST(Srcnn, ChangesLumaOnlyAndKeepsTheColourDifferences) {
    const FaceCrop crop = mild_crop(4, 4);
    const Image brighter = handing_on({5, 1, 2}, 1.2f).restore(crop).picture;
    const Image enlarged = resize(crop.pixels, {8, 8}, Filter::bicubic);
    for (std::size_t i = 0; i < brighter.rgb.size(); i += 3) {
        const int change = brighter.rgb[i] - enlarged.rgb[i];
        EXPECT_GT(change, 3) << "a brighter luma";
        for (const std::size_t c : {1, 2})
            EXPECT_LE(std::abs(brighter.rgb[i + c] - enlarged.rgb[i + c] - change), 1) << "all three colours alike";
    }
}

}  // namespace
}  // namespace affectsr
