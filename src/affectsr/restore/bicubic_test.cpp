#include "affectsr/restore/bicubic.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/image/resize.h"

namespace affectsr {
namespace {

FaceCrop crop_with_an_edge(int size_px) {
    FaceCrop crop;
    crop.pixels = Image(size_px, size_px, 40);
    for (int y = 0; y < size_px; ++y)
        for (int x = size_px / 2; x < size_px; ++x) crop.pixels.pixel(x, y)[0] = 210;
    return crop;
}

TEST(Bicubic, EnlargesEveryCropToItsOutputSize) {
    const Bicubic bicubic({48});
    EXPECT_EQ(bicubic.needs().output_px, 48);
    EXPECT_EQ(bicubic.needs().input_px, 0) << "any size is welcome";
    for (const int size_px : {1, 8, 24, 47, 48, 100}) {
        const FaceCrop crop = crop_with_an_edge(size_px);
        EXPECT_EQ(bicubic.restore(crop).picture, resize(crop.pixels, {48, 48}, Filter::bicubic)) << size_px << " px";
    }
}

TEST(Bicubic, AFaceOfTheRightSizeIsNotTouched) {
    const FaceCrop crop = crop_with_an_edge(48);
    EXPECT_EQ(Bicubic({48}).restore(crop).picture, crop.pixels);
}

TEST(Bicubic, ACropWithoutPixelsIsRefused) {
    EXPECT_THROW(Bicubic({48}).restore(FaceCrop{}), Bug);
}

}  // namespace
}  // namespace affectsr
