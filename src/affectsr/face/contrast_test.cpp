#include "affectsr/face/contrast.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"
#include "affectsr/face/test_drawings.h"
#include "affectsr/image/codec.h"

namespace affectsr {
namespace {

/// The astronaut's face, about 105 px wide, as it comes from a detector.
FaceCrop astronaut(int size_px) {
    const Image photo = read_image(std::filesystem::path(AFFECTSR_SOURCE_DIR) / "examples" / "astronaut.png");
    return cut(photo, {{170, 65, 105, 105}, {}, 1}, size_px);
}

/// `value` times `gain` plus `lift`, clipped: an over- or underexposed photo.
Image exposed(Image picture, double gain, double lift) {
    for (std::uint8_t& value : picture.rgb)
        value = static_cast<std::uint8_t>(std::clamp(value * gain + lift, 0.0, 255.0));
    return picture;
}

TEST(Contrast, DeviationIsThatOfTheLuma) {
    EXPECT_DOUBLE_EQ(luma_deviation(Image(5, 5, 90)), 0);
    Image halves(10, 2, 100);
    for (int y = 0; y < 2; ++y)
        for (int x = 0; x < 5; ++x)
            for (int c = 0; c < 3; ++c) halves.pixel(x, y)[c] = 120;
    EXPECT_NEAR(luma_deviation(halves), 10, 1e-4);
    EXPECT_THROW(luma_deviation(Image()), Bug);
}

TEST(Contrast, APhotographedFaceIsNotDrawnWhateverItsSizeAndExposure) {
    for (const int size_px : {12, 16, 24, 36, 48, 105}) {
        const Image face = astronaut(size_px).pixels;
        for (const double gain : {0.1, 0.3, 1.0, 1.5})
            for (const double lift : {0.0, 40.0, 120.0})
                EXPECT_FALSE(looks_drawn(exposed(face, gain, lift))) << size_px << " px × " << gain << " + " << lift;
    }
}

TEST(Contrast, DrawnFacesLookDrawn) {
    for (const double face_px : {36.0, 60.0}) {
        int told = 0, all = 0;
        for (const Drawing& drawing : drawings_of(face_px)) {
            const int size_px = std::min(48, static_cast<int>(crop_side_px(face_of(drawing))));
            Image picture = drawn(drawing);
            if (all % 2 == 1) picture = decode_image(encode_jpeg(picture, 95), "drawing");
            told += looks_drawn(cut(picture, face_of(drawing), size_px).pixels) ? 1 : 0;
            ++all;
        }
        EXPECT_GE(told, 0.85 * all) << face_px << " px: " << told << " of " << all;
    }
}

TEST(Contrast, NothingToSeeIsNotDrawn) {
    EXPECT_FALSE(looks_drawn(Image(48, 48, 255)));
    EXPECT_FALSE(looks_drawn(Image(2, 2, 0)));
    EXPECT_FALSE(looks_drawn(Image()));
}

}  // namespace
}  // namespace affectsr
