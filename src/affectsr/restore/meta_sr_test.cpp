#include "affectsr/restore/meta_sr.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/catalog.h"

namespace affectsr {
namespace {

ModelFile small_model() {
    const MetaSrOptions options{2, 2, 8, 8};
    ModelFile file;
    file.tensors = first_weights(meta_sr_feature_plan(options), 1);
    file.tensors.merge(first_weights(meta_sr_filter_plan(options), 2));
    file.card.network = "meta_sr";
    file.card.options = to_json(options);
    return file;
}

FaceCrop crop(int px) {
    FaceCrop made;
    made.pixels = Image(px, px, 90);
    for (std::size_t i = 0; i < made.pixels.rgb.size(); ++i)
        made.pixels.rgb[i] = static_cast<std::uint8_t>(i * 37 % 251);
    return made;
}

TEST(MetaSr, HasThePublishedParameters) {
    constexpr int kMeanShifts = 24;
    EXPECT_EQ(meta_sr_feature_plan({}).parameter_count() + meta_sr_filter_plan({}).parameter_count() + kMeanShifts,
              22'419'096);
}

TEST(MetaSr, EveryPixelLiesInTheOneThatItIsTakenFrom) {
    const MetaAxis twice = meta_axis(3, 6, 2);
    EXPECT_EQ(twice.cell, (std::vector<int>{0, 0, 1, 1, 2, 2}));
    EXPECT_EQ(twice.offset, (std::vector<float>{0, 0.5, 0, 0.5, 0, 0.5}));
    const double scale = 100.0 / 14;
    const MetaAxis real = meta_axis(14, 100, scale);
    for (std::size_t i = 0; i < 100; ++i) {
        EXPECT_NEAR(static_cast<double>(real.cell[i]) + static_cast<double>(real.offset[i]),
                    static_cast<double>(i) / scale, 1e-5);
        EXPECT_LT(real.offset[i], 1 + 1e-5F);
    }
    EXPECT_EQ(meta_positions(twice, twice, 2).size(), 36u * 3);
}

TEST(MetaSr, AFilterOfOnePixelTakesItsNeighbours) {
    // One channel, 2 × 2; the filter of the only pixel asks for what lies right of it in red, below it in green.
    const std::vector<float> map{1, 2, 3, 4};
    const MetaAxis one{{0}, {0}};
    std::vector<float> filter(27, 0), picture(3);
    filter[5 * 3 + 0] = 10;  // (0, +1)
    filter[7 * 3 + 1] = 10;  // (+1, 0)
    filter[0 * 3 + 2] = 10;  // (−1, −1): outside
    meta_enlarge(map, 2, 2, one, one, filter, picture);
    EXPECT_NEAR(picture[0], (20 + 0.4488 * 255) / 255, 1e-5);
    EXPECT_NEAR(picture[1], (30 + 0.4371 * 255) / 255, 1e-5);
    EXPECT_NEAR(picture[2], 0.4040, 1e-5);
}

TEST(MetaSr, MakesAnySizeOfAnySize) {
    const MetaSr to_size(small_model(), Precision::f32, "a test", 40, 0);
    const std::vector<FaceCrop> crops{crop(7), crop(16), crop(40), crop(50)};
    const std::vector<Restored> restored = to_size.restore_all(crops);
    for (const Restored& one : restored) EXPECT_EQ(one.picture.size(), (ImageSize{40, 40}));
    const MetaSr twice(small_model(), Precision::f32, "a test", 0, 2);
    EXPECT_EQ(twice.restore(crop(7)).picture.size(), (ImageSize{14, 14}));
    EXPECT_EQ(twice.needs().scale, 2);
    EXPECT_EQ(to_size.restore(crop(7)).picture.rgb, restored[0].picture.rgb) << "after others, the same";
}

TEST(MetaSr, RefusesWeightsOfAnotherShape) {
    ModelFile file = small_model();
    file.card.options["features"] = 16;
    EXPECT_THROW(MetaSr(file, Precision::f32, "a test", 40, 0), ModelError);
}

}  // namespace
}  // namespace affectsr
