#include "affectsr/pipeline/point_finder.h"

#include <gtest/gtest.h>

#include <limits>

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"
#include "affectsr/face/mesh.h"
#include "affectsr/pipeline/fake_parts.h"

namespace affectsr {
namespace {

FaceCrop crop_of(int width, int height) {
    FaceCrop crop;
    crop.pixels = fake::textured_photo(width, height);
    return crop;
}

TEST(PointFinder, PointsAreInPixelsOfTheCropAndDepthIsInTheSameUnit) {
    const PointFinder finder(std::make_shared<fake::MeshAtRest>());
    for (const int side : {16, 32}) {
        const FaceCrop crop = crop_of(side, side);
        const Landmarks points = finder.find_all({&crop, 1}, 478).at(0);
        const std::vector<float> rest = mesh_at_rest(side);
        ASSERT_EQ(points.size(), 478U);
        EXPECT_EQ(points[5].x, rest[15]);
        EXPECT_EQ(points[5].z, rest[17]);
        EXPECT_EQ(finder.find_all({&crop, 1}, 5).at(0).size(), 5U);
    }
}

TEST(PointFinder, PointsOfAnUnsureFaceAndOfWhatIsNoSquareAreNotGiven) {
    const auto landmarker = std::make_shared<fake::MeshAtRest>();
    const PointFinder finder(landmarker, 0.9);
    std::vector<FaceCrop> crops{crop_of(16, 16), crop_of(16, 16), crop_of(16, 20), crop_of(7, 7)};
    landmarker->dark = 50;
    crops[1].pixels.pixel(0, 0)[0] = 10;
    const std::vector<Landmarks> found = finder.find_all(crops, 478);
    ASSERT_EQ(found.size(), 4U);
    EXPECT_FALSE(found[0].empty());
    for (const std::size_t i : {1, 2, 3}) EXPECT_TRUE(found[i].empty()) << i;
    EXPECT_EQ(landmarker->sizes_seen, (std::vector<int>{16, 16})) << "the others are not even looked at";
    EXPECT_FALSE(PointFinder(landmarker, 0.8).find_all(crops, 478)[1].empty());
}

TEST(PointFinder, AFaceThatIsNotFramedIsLookedAtAgainWhereItIs) {
    const auto landmarker = std::make_shared<fake::MeshAtRest>();
    const FaceCrop crop = crop_of(32, 32);
    PointFinder(landmarker).find_all({&crop, 1}, 478);
    EXPECT_EQ(landmarker->sizes_seen.size(), 1U) << "framed as cut() does it";

    /// A face that fills the right lower quarter of 40 px, seen only roughly in the whole.
    class FarOff : public Landmarker {
     public:
        std::vector<LandmarkedFace> locate_all(std::span<const FaceCrop> crops) const override {
            std::vector<LandmarkedFace> faces;
            for (const FaceCrop& crop : crops) {
                ++looks;
                const Similarity crop_from_photo = crop.photo_from_crop.inverse();
                LandmarkedFace face;
                const std::vector<float> rest = mesh_at_rest(20);
                for (std::size_t i = 0; i < rest.size(); i += 3) {
                    Point point{rest[i] + 20, rest[i + 1] + 20, rest[i + 2]};
                    if (looks == 1) point.x -= 1;
                    face.landmarks_in_crop.push_back(crop_from_photo.apply(point));
                }
                face.face_score = looks == 1 ? 0.1F : 0.99F;
                faces.push_back(std::move(face));
            }
            return faces;
        }
        mutable int looks = 0;
    };
    const auto far_off = std::make_shared<FarOff>();
    const FaceCrop wide = crop_of(40, 40);
    const Landmarks points = PointFinder(far_off).find_all({&wide, 1}, 478).at(0);
    EXPECT_EQ(far_off->looks, 2);
    ASSERT_EQ(points.size(), 478U) << "sure at the second look";
    const std::vector<float> rest = mesh_at_rest(20);
    EXPECT_NEAR(points[100].x, rest[300] + 20, 1e-3);
    EXPECT_NEAR(points[100].y, rest[301] + 20, 1e-3);
    EXPECT_NEAR(points[100].z, rest[302], 1e-3);
}

TEST(PointFinder, NumbersThatAreNoneAreNoPoints) {
    const auto landmarker = std::make_shared<fake::MeshAtRest>();
    landmarker->right_px = std::numeric_limits<float>::quiet_NaN();
    const FaceCrop crop = crop_of(16, 16);
    EXPECT_TRUE(PointFinder(landmarker).find_all({&crop, 1}, 478).at(0).empty());
}

TEST(PointFinder, GivesAMeshOrItsFivePointsAndNothingElse) {
    const PointFinder finder(std::make_shared<fake::MeshAtRest>());
    EXPECT_TRUE(finder.gives(478));
    EXPECT_TRUE(finder.gives(5));
    EXPECT_FALSE(finder.gives(68));
    EXPECT_THROW(finder.find_all({}, 68), Bug);
}

}  // namespace
}  // namespace affectsr
