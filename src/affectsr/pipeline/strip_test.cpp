#include "affectsr/pipeline/strip.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/pipeline/fake_parts.h"

namespace affectsr {
namespace {

using fake::face_at;
using fake::textured_photo;

/// Every pixel of the panel's picture, read back from the strip; each must be `factor` × `factor` equal pixels.
Image read_back(const Image& strip, const StripPanel& panel) {
    Image picture(panel.picture.width, panel.picture.height);
    const int factor = std::max(1, panel.factor);
    for (int y = 0; y < picture.height * factor; ++y) {
        for (int x = 0; x < picture.width * factor; ++x) {
            const std::uint8_t* const shown = strip.pixel(panel.left + x, panel.top + y);
            std::uint8_t* const pixel = picture.pixel(x / factor, y / factor);
            if (x % factor == 0 && y % factor == 0) std::copy_n(shown, 3, pixel);
            EXPECT_TRUE(std::equal(shown, shown + 3, pixel)) << panel.title << " at " << x << ", " << y;
        }
    }
    return picture;
}

TEST(Strip, ShowsTheNetworksInputPixelByPixel) {
    const Image photo = textured_photo(300, 300);
    for (const float side : {12.0F, 24.0F, 100.0F, 260.0F}) {
        SCOPED_TRACE(side);
        const Answer answer = fake::pipeline({face_at(20, 20, side)}, {}, 30).run(photo);
        const Answer::Seen& seen = answer.faces.at(0);
        const std::vector<StripPanel> panels = strip_panels(photo, seen);
        ASSERT_EQ(panels.size(), 4U);
        EXPECT_EQ(panels[3].title, "network input");
        EXPECT_GE(panels[3].factor, 1) << "never shrunk";
        const Image picture = strip(photo, seen);
        EXPECT_EQ(read_back(picture, panels[3]), seen.look.network_input);
        EXPECT_EQ(read_back(picture, panels[2]), seen.look.restored);
        EXPECT_EQ(read_back(picture, panels[1]), seen.crop.pixels);
    }
}

TEST(Strip, ShowsTheFaceAtThePhotosOwnPixels) {
    const Image photo = textured_photo(100, 100);
    const Answer answer = fake::pipeline({face_at(30, 40, 24)}).run(photo);
    const StripPanel panel = strip_panels(photo, answer.faces.at(0))[0];
    ASSERT_EQ(panel.picture.size(), (ImageSize{25, 25}));
    EXPECT_EQ(panel.detail, "25 x 25 px");
    EXPECT_EQ(panel.picture.pixel(3, 4)[0], photo.pixel(30 + 3 - (25 - 24) / 2, 40 + 4 - (25 - 24) / 2)[0]);
    EXPECT_EQ(read_back(strip(photo, answer.faces[0]), panel), panel.picture);
}

TEST(Strip, AFaceLargerThanItsPanelIsShrunkAndSaysItsTrueSize) {
    const Image photo = textured_photo(500, 500);
    const Answer answer = fake::pipeline({face_at(20, 20, 400)}).run(photo);
    const StripPanel panel = strip_panels(photo, answer.faces.at(0))[0];
    EXPECT_EQ(panel.factor, 0);
    EXPECT_EQ(panel.detail, "412 x 412 px");
}

TEST(Strip, AnUndeterminedFaceHasNoInputAndSaysSo) {
    const Image photo = textured_photo(100, 100);
    const Answer answer = fake::pipeline({face_at(30, 40, 5), face_at(NAN, 0, 20)}).run(photo);
    for (const Answer::Seen& seen : answer.faces) {
        const std::vector<StripPanel> panels = strip_panels(photo, seen);
        EXPECT_TRUE(panels[3].picture.empty());
        EXPECT_EQ(panels[3].detail, "not asked");
        EXPECT_FALSE(strip(photo, seen).empty());
    }
}

TEST(Strip, ACroppedPhotoIsItsOwnFirstPanel) {
    PipelineOptions options;
    options.already_cropped = true;
    const Image photo = textured_photo(40, 60);
    const Answer answer = fake::pipeline({}, options).run(photo);
    EXPECT_EQ(strip_panels(photo, answer.faces.at(0))[0].picture.size(), (ImageSize{40, 40}));
}

TEST(Strip, NeedsThePhoto) {
    EXPECT_THROW(strip_panels(Image(), Answer::Seen{}), Bug);
}

}  // namespace
}  // namespace affectsr
