#include "affectsr/pipeline/framing.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"

namespace affectsr {
namespace {

RestorerNeeds ffhq(int px) {
    RestorerNeeds needs;
    needs.input_px = needs.output_px = px;
    needs.framing = "ffhq_512";
    return needs;
}

/// A picture that changes slowly everywhere.
Image waves(int side) {
    Image picture(side, side);
    for (int y = 0; y < side; ++y)
        for (int x = 0; x < side; ++x)
            for (int c = 0; c < 3; ++c)
                picture.pixel(x, y)[c] =
                    static_cast<std::uint8_t>(128 + 50 * std::sin(x * 0.07 + c) + 50 * std::cos(y * 0.05 - c));
    return picture;
}

Face upright_face(const Image& photo) {
    Face face;
    const auto side = static_cast<float>(photo.width) / 4;
    face.box_in_photo = {1.5F * side, 1.5F * side, side, side};
    return face;
}

double mean_difference(const Image& a, const Image& b) {
    EXPECT_EQ(a.size(), b.size());
    double sum = 0;
    for (std::size_t i = 0; i < a.rgb.size(); ++i) sum += std::abs(int{a.rgb[i]} - int{b.rgb[i]});
    return sum / static_cast<double>(a.rgb.size());
}

// FFHQ's square is larger than the classifiers': what lies between the eyes and the mouth is in both.
TEST(Framing, ShowsTheClassifiersSquareOfAFramedFace) {
    const Image photo = waves(400);
    const Face face = upright_face(photo);
    const FaceCrop framed = framed_crop(photo, face, ffhq(256)), crop = cut(photo, face, 64);
    EXPECT_EQ(framed.pixels.size(), (ImageSize{256, 256}));
    EXPECT_GT(photo_from_restored(framed, 1).scale(), 1.2 * photo_from_restored(crop, 1).scale());
    // A restorer that changes nothing: the classifier sees its own crop.
    EXPECT_LT(mean_difference(seen_through(framed.pixels, framed, crop, 64), crop.pixels), 1.5);
}

TEST(Framing, PastesWithoutASeam) {
    const Image photo = waves(400);
    const FaceCrop framed = framed_crop(photo, upright_face(photo), ffhq(256));
    Image pasted = photo;
    paste_framed(pasted, framed.pixels, framed, 1);
    EXPECT_LT(mean_difference(pasted, photo), 0.6) << "what was cut out goes back to where it was";
    Image white = photo;
    paste_framed(white, Image(256, 256, 255), framed, 1);
    const int middle = 200;
    EXPECT_EQ(white.pixel(middle, middle)[0], 255);
    EXPECT_EQ(white.pixel(2, 2)[0], photo.pixel(2, 2)[0]);
}

TEST(Framing, NeedsAFraming) {
    const Image photo = waves(100);
    EXPECT_THROW(framed_crop(photo, upright_face(photo), RestorerNeeds{}), Bug);
}

}  // namespace
}  // namespace affectsr
