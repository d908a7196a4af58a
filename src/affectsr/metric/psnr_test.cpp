#include "affectsr/metric/psnr.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

PsnrOptions over(const std::string& channels, int border_px = 0) {
    PsnrOptions options;
    options.channels = channels;
    options.border_px = border_px;
    return options;
}

TEST(Psnr, ADifferenceOfTenGreyLevelsIs28Decibels) {
    EXPECT_NEAR(psnr_db(Image(4, 3, 100), Image(4, 3, 110), over("rgb")), 10 * std::log10(255.0 * 255 / 100), 1e-12);
}

TEST(Psnr, StudioLumaShrinksTheDifferenceByTheRangeOfItsScale) {
    // Ten grey levels are 10 · 219 / 255 of Y, whose range is 16–235.
    const double error = 10 * 219.0 / 255;
    EXPECT_NEAR(psnr_db(Image(4, 3, 100), Image(4, 3, 110)), 10 * std::log10(255.0 * 255 / (error * error)), 1e-9);
}

TEST(Psnr, TruncatedLumaComparesWholeNumbers) {
    // Grey 100 → Y 101.88 → 101; grey 110 → 110.47 → 110.
    EXPECT_NEAR(psnr_db(Image(4, 3, 100), Image(4, 3, 110), over("y_truncated")), 10 * std::log10(255.0 * 255 / 81),
                1e-12);
}

TEST(Psnr, EqualPicturesAreInfinitelyAlike) {
    EXPECT_EQ(psnr_db(Image(4, 3, 9), Image(4, 3, 9)), std::numeric_limits<double>::infinity());
}

TEST(Psnr, TheTensorVersionOfBasicSrEndsAt80Decibels) {
    PsnrOptions options = over("rgb");
    options.error_floor = 1e-8;
    EXPECT_NEAR(psnr_db(Image(4, 3, 9), Image(4, 3, 9), options), 80, 1e-9);
}

TEST(Psnr, PixelsInsideTheBorderDoNotCount) {
    Image judged(6, 6, 50);
    judged.pixel(0, 3)[0] = 255;
    EXPECT_EQ(psnr_db(Image(6, 6, 50), judged, over("rgb", 1)), std::numeric_limits<double>::infinity());
    EXPECT_LT(psnr_db(Image(6, 6, 50), judged, over("rgb", 0)), 40);
}

TEST(Psnr, RefusesPicturesThatCannotBeCompared) {
    try {
        psnr_db(Image(4, 3), Image(3, 4));
        FAIL() << "nothing was thrown";
    } catch (const InputError& error) {
        EXPECT_EQ(error.code(), "size_mismatch");
    }
    try {
        psnr_db(Image(6, 6), Image(6, 6), over("y", 3));
        FAIL() << "nothing was thrown";
    } catch (const InputError& error) {
        EXPECT_EQ(error.code(), "too_small");
    }
    EXPECT_THROW(psnr_db(Image(6, 6), Image(6, 6), over("cmyk")), UsageError);
}

TEST(Psnr, AveragesDecibelsOfFacesAndKeepsTheEqualOnesApart) {
    Psnr metric(over("rgb"));
    EXPECT_TRUE(std::isnan(metric.value()));
    const Image truth(4, 4, 100), near(4, 4, 101), far(4, 4, 110);
    metric.add({.hr = &truth, .sr = &near, .in_hr = {}, .in_sr = {}, .truth = {}});
    metric.add({.hr = &truth, .sr = &far, .in_hr = {}, .in_sr = {}, .truth = {}});
    const double mean = (20 * std::log10(255.0) + 20 * std::log10(25.5)) / 2;
    EXPECT_NEAR(metric.value(), mean, 1e-9);
    metric.add({.hr = &truth, .sr = &truth, .in_hr = {}, .in_sr = {}, .truth = {}});
    EXPECT_TRUE(std::isinf(metric.value()));
    EXPECT_EQ(metric.details()["equal"], 1);
    EXPECT_NEAR(metric.details()["mean_of_differing_db"].get<double>(), mean, 1e-9);
}

TEST(Psnr, AFaceWithoutPicturesIsABug) {
    EXPECT_THROW(Psnr(PsnrOptions{}).add({}), Bug);
}

}  // namespace
}  // namespace affectsr
