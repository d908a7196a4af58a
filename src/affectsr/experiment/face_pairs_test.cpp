#include "affectsr/experiment/face_pairs.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

/// Finds faces of 20 px per 100 px of the picture's width: one at the left if the picture is bright, one at the right
/// if it is not black. Remembers what it was shown.
struct BySize : Detector {
    std::vector<Face> detect(const Image& photo) const override {
        seen.push_back(photo.size());
        const float unit = static_cast<float>(photo.width) / 100;
        const int level = photo.pixel(0, 0)[0];
        std::vector<Face> faces;
        const Landmarks one{{50 * unit - 0.5F, 50 * unit - 0.5F}};
        if (level > 100) faces.push_back({{10 * unit, 10 * unit, 20 * unit, 20 * unit}, {}, 0.9F});
        if (level > 0) faces.push_back({{60 * unit, 10 * unit, 20 * unit, 20 * unit}, one, 0.8F});
        return faces;
    }
    mutable std::vector<ImageSize> seen;
};

TEST(FacePairs, AFaceIsTheSamePlaceInBothSizes) {
    const BySize detector;
    const auto pairs = pair_faces(Image(100, 80, 50), Image(400, 320, 50), "a.png", detector, {});
    ASSERT_EQ(pairs.size(), 1U);
    EXPECT_EQ(pairs[0].status, PairStatus::compared);
    EXPECT_FLOAT_EQ(pairs[0].in_before.box_in_photo.x, 60);
    EXPECT_FLOAT_EQ(pairs[0].in_after.box_in_photo.x, 240);
    EXPECT_FLOAT_EQ(pairs[0].in_after.box_in_photo.height, 80);
    EXPECT_FLOAT_EQ(pairs[0].in_before.landmarks_in_photo.at(0).x, 49.5F);
    EXPECT_FLOAT_EQ(pairs[0].in_after.landmarks_in_photo.at(0).x, 199.5F) << "centres of pixels are whole numbers";
}

TEST(FacePairs, BothPicturesAreSearchedAtOneSize) {
    for (const auto& [after, searched] : {std::pair{400, 200}, {150, 150}, {100, 100}, {50, 100}}) {
        const BySize detector;
        pair_faces(Image(100, 100, 50), Image(after, after, 50), "a.png", detector, {});
        const ImageSize size{searched, searched};
        EXPECT_EQ(detector.seen, (std::vector<ImageSize>{size, size})) << after;
    }
}

TEST(FacePairs, AFaceOfOnePictureAloneVanishedOrAppeared) {
    const BySize detector;
    const Image dim(100, 100, 50), bright(200, 200, 150);
    for (const char* found_in : {"after", "before"}) {
        FacePairOptions options;
        options.found_in = found_in;
        const auto gained = pair_faces(dim, bright, "a.png", detector, options);
        ASSERT_EQ(gained.size(), 2U);
        const std::size_t alone = options.found_in == "after" ? 0 : 1;
        EXPECT_EQ(gained[alone].status, PairStatus::appeared);
        EXPECT_FLOAT_EQ(gained[alone].in_before.box_in_photo.x, 10) << "where it would be";
        EXPECT_EQ(gained[1 - alone].status, PairStatus::compared);
        const auto lost = pair_faces(Image(100, 100, 150), Image(200, 200, 0), "a.png", detector, options);
        ASSERT_EQ(lost.size(), 2U);
        EXPECT_EQ(lost[0].status, PairStatus::vanished);
        EXPECT_EQ(lost[1].status, PairStatus::vanished);
    }
}

TEST(FacePairs, BlocksThatAToolCutsOffAreNoOtherShape) {
    EXPECT_NO_THROW(expect_same_shape({641, 479}, {2560, 1916}, "a.png"));
    EXPECT_NO_THROW(expect_same_shape({13, 15}, {52, 64}, "a.png"));
    try {
        expect_same_shape({512, 512}, {1024, 512}, "cmp/a.png");
        FAIL();
    } catch (const InputError& error) {
        EXPECT_EQ(error.code(), std::string("other_shape"));
        EXPECT_NE(std::string(error.what()).find("cmp/a.png"), std::string::npos);
    }
}

}  // namespace
}  // namespace affectsr
