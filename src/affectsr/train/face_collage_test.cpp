#include "affectsr/train/face_collage.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "affectsr/face/overlap.h"

namespace affectsr {
namespace {

constexpr int kSide = 60, kFaceLeft = 20, kFaceSide = 20;

/// Photographs with one face in the middle, each of its own pattern, before an even background.
CollageParts made_up_parts() {
    CollageParts parts;
    for (int i = 0; i < 6; ++i) {
        MarkedPicture photo{Image(kSide, kSide), {}};
        for (std::size_t k = 0; k < photo.picture.rgb.size(); ++k)
            photo.picture.rgb[k] = static_cast<std::uint8_t>(k * static_cast<std::size_t>(7 + i) % 251);
        MarkedFace face;
        face.box_in_photo = {kFaceLeft, kFaceLeft, kFaceSide, kFaceSide};
        photo.faces.push_back(face);
        parts.photos.push_back(std::move(photo));
    }
    MarkedPicture wall{Image(kSide, kSide), {}};
    std::fill(wall.picture.rgb.begin(), wall.picture.rgb.end(), std::uint8_t{128});
    parts.backgrounds.push_back({wall});
    return parts;
}

PastingOptions options_with(double crowd_share, double step, double fragment_share) {
    PastingOptions options;
    options.px = 128, options.most_faces = 30, options.least_face_px = 16, options.most_face_px = 24;
    options.empty_share = 0, options.crowd_share = crowd_share;
    options.least_crowd_step = step, options.fragment_share = fragment_share;
    return options;
}

Collage collage_of(const PastingOptions& options, std::uint64_t seed) {
    const CollageParts parts = made_up_parts();
    std::vector<FaceOfPicture> faces;
    for (std::size_t i = 0; i < parts.photos.size(); ++i) faces.push_back({i, 0});
    Augmentation none;
    none.small_share = none.noise_share = none.jpeg_share = none.blur_share = 0;
    std::mt19937_64 random(seed);
    return make_collage(parts, options, none, faces, seed % faces.size(), random);
}

TEST(FaceCollage, PhotographsThatCoverOneAnotherPassOverTheFacesTheyHide) {
    std::size_t hidden = 0, shown = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Collage collage = collage_of(options_with(1, 0.3, 0), seed);
        shown += collage.faces.size();
        hidden += collage.passed_over.size();
        for (const MarkedFace& face : collage.faces)
            for (const MarkedFace& other : collage.faces)
                if (&face != &other) {
                    EXPECT_LT(overlap_of(face.box_in_photo, other.box_in_photo), 0.3);
                }
    }
    EXPECT_GT(shown, 50U);
    EXPECT_GT(hidden, 100U);
}

TEST(FaceCollage, SideBySideNoPhotographHidesTheFacesOfAnother) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Collage collage = collage_of(options_with(1, 1, 0), seed);
        for (const Box& box : collage.passed_over) {  // only those that the picture cuts off
            const bool cut = box.x < 0 || box.y < 0 || box.x + box.width > 128 || box.y + box.height > 128;
            EXPECT_TRUE(cut) << box.x << " " << box.y;
        }
    }
}

TEST(FaceCollage, PartsOfFacesLeaveTheFacesAsTheyAre) {
    std::size_t changed = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const Collage plain = collage_of(options_with(0.5, 1, 0), seed),
                      with_parts = collage_of(options_with(0.5, 1, 1), seed);
        ASSERT_EQ(plain.faces.size(), with_parts.faces.size());
        changed += plain.picture.rgb != with_parts.picture.rgb ? 1 : 0;
        for (const MarkedFace& face : plain.faces) {
            const auto middle = [&](const Image& picture) {
                const Box& box = face.box_in_photo;
                const int x = static_cast<int>(box.x + box.width / 2), y = static_cast<int>(box.y + box.height / 2);
                return std::vector<std::uint8_t>(picture.rgb.begin() + (y * picture.width + x) * 3,
                                                 picture.rgb.begin() + (y * picture.width + x) * 3 + 3);
            };
            EXPECT_EQ(middle(plain.picture), middle(with_parts.picture)) << "seed " << seed;
        }
    }
    EXPECT_GT(changed, 15U);
}

}  // namespace
}  // namespace affectsr
