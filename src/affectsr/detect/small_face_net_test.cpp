// The default detector with the weights that are shipped, on the one photograph of a face that lies with the project.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <numbers>
#include <random>

#include "affectsr/detect/catalog.h"
#include "affectsr/engine/threads.h"
#include "affectsr/face/overlap.h"
#include "affectsr/face/warp.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/degrade.h"
#include "affectsr/image/resize.h"

namespace affectsr {
namespace {

/// Where the face on examples/astronaut.png is, forehead to chin and ear to ear.
constexpr Box kFace{180, 62, 86, 114};

const Image& astronaut() {
    static const Image photo = read_image(std::filesystem::path(AFFECTSR_SOURCE_DIR) / "examples" / "astronaut.png");
    return photo;
}

const Detector& detector() {
    static const std::unique_ptr<Detector> made = make_detector("small_face_net");
    return *made;
}

/// The photo turned by `degrees` around the middle of the face and shown `scale` times as large, and the face's box
/// there.
struct Shown {
    Image photo;
    Box face;
};
Shown shown(double degrees, double scale, ImageSize size) {
    const double angle = degrees * std::numbers::pi / 180;
    Similarity target_from_source{scale * std::cos(angle), scale * std::sin(angle), 0, 0};
    const Point middle{kFace.x + kFace.width / 2, kFace.y + kFace.height / 2};
    const Point moved = target_from_source.apply(middle);
    target_from_source.tx = size.width / 2.0 - double{moved.x};
    target_from_source.ty = size.height / 2.0 - double{moved.y};
    const double turn = std::abs(std::sin(angle)), width = double{kFace.width}, height = double{kFace.height};
    const auto side = [&](double one, double other) {
        return static_cast<float>(scale * (one * (1 - turn) + other * turn));
    };
    Shown made{warp(astronaut(), target_from_source.inverse(), size), {}};
    made.face.width = side(width, height), made.face.height = side(height, width);
    made.face.x = static_cast<float>(size.width / 2.0) - made.face.width / 2;
    made.face.y = static_cast<float>(size.height / 2.0) - made.face.height / 2;
    return made;
}

/// One face, where it is, with its eyes left and right.
void expect_found(const Shown& what, const std::string& name) {
    const std::vector<Face> faces = detector().detect(what.photo);
    ASSERT_EQ(faces.size(), 1U) << name;
    EXPECT_GE(overlap_of(faces[0].box_in_photo, what.face), 0.4) << name;
    ASSERT_EQ(faces[0].landmarks_in_photo.size(), 5U) << name;
    EXPECT_LT(faces[0].landmarks_in_photo[0].x, faces[0].landmarks_in_photo[1].x) << name;
}

TEST(SmallFaceNet, FindsAFaceOfAnySizeAndTurn) {
    for (const double width_px : {200.0, 86.0, 48.0, 24.0, 16.0, 12.0}) {
        const double scale = width_px / double{kFace.width};
        expect_found(shown(0, scale, {320, 320}), std::to_string(width_px) + " px");
    }
    for (const double degrees : {-45.0, -30.0, -15.0, 15.0, 30.0, 45.0})
        expect_found(shown(degrees, 0.7, {320, 320}), std::to_string(degrees) + "°");
}

TEST(SmallFaceNet, FindsAFaceThatFillsThePicture) {
    for (const int side : {40, 90, 250, 600}) {
        const double scale = side / double{kFace.height};
        expect_found(shown(0, scale, {static_cast<int>(0.85 * side), side}), std::to_string(side) + " px high");
    }
}

TEST(SmallFaceNet, FindsGreyInfraredLikeAndDamagedFaces) {
    const Shown face = shown(0, 0.35, {160, 160});  // 30 px wide
    Shown grey = face, infrared = face;
    for (std::size_t i = 0; i < face.photo.rgb.size(); i += 3) {
        const int red = face.photo.rgb[i], green = face.photo.rgb[i + 1], blue = face.photo.rgb[i + 2];
        for (std::size_t c = 0; c < 3; ++c) {
            grey.photo.rgb[i + c] = static_cast<std::uint8_t>((299 * red + 587 * green + 114 * blue) / 1000);
            // Near infrared: skin is bright, contrasts are low.
            infrared.photo.rgb[i + c] = static_cast<std::uint8_t>(90 + red / 2);
        }
    }
    expect_found(grey, "grey");
    expect_found(infrared, "infrared-like");
    std::mt19937_64 random(1);
    Degradation blurred, noisy, compressed;
    blurred.blur_sigma_px = 1.2, noisy.noise_sigma = 12, compressed.jpeg_quality = 30;
    expect_found({degrade(face.photo, blurred, random), face.face}, "blurred");
    expect_found({degrade(face.photo, noisy, random), face.face}, "noisy");
    expect_found({degrade(face.photo, compressed, random), face.face}, "compressed");
}

/// A part of the face under one colour: from its top by shares of the height.
Shown covered(Shown what, double from, double to, std::array<std::uint8_t, 3> colour) {
    const Box& box = what.face;
    const auto at = [](float start, float length, double share) {
        return static_cast<int>(double{start} + share * double{length});
    };
    for (int y = at(box.y, box.height, from); y < at(box.y, box.height, to); ++y)
        for (int x = at(box.x, box.width, -0.02); x < at(box.x, box.width, 1.02); ++x)
            std::copy(colour.begin(), colour.end(),
                      what.photo.rgb.begin() + (static_cast<std::ptrdiff_t>(y) * what.photo.width + x) * 3);
    return what;
}

TEST(SmallFaceNet, FindsFacesBehindMasksAndHair) {
    const Shown face = shown(0, 0.6, {256, 256});
    expect_found(covered(face, 0.62, 1.05, {225, 235, 240}), "a mask over mouth and nose");
    expect_found(covered(face, -0.1, 0.25, {40, 28, 20}), "hair over the forehead");
}

TEST(SmallFaceNet, AnswersTheSameOnAnyNumberOfThreadsAndAcrossTiles) {
    const Shown large = shown(0, 0.5, {2600, 1100});
    const std::vector<Face> faces = detector().detect(large.photo);
    ASSERT_FALSE(faces.empty());
    EXPECT_GE(overlap_of(faces[0].box_in_photo, large.face), 0.4) << "a face where four tiles meet";
    set_threads(3);
    const std::vector<Face> again = detector().detect(large.photo);
    set_threads(1);
    ASSERT_EQ(again.size(), faces.size());
    for (std::size_t i = 0; i < faces.size(); ++i) {
        EXPECT_EQ(again[i].score, faces[i].score);
        EXPECT_EQ(again[i].box_in_photo.x, faces[i].box_in_photo.x);
    }
}

TEST(SmallFaceNet, PassesOverFacesThatAreNotWanted) {
    const Shown small = shown(0, 0.25, {256, 256});  // 21 px
    const auto found = [&](const Json& options) {
        return make_detector("small_face_net", options)->detect(small.photo).size();
    };
    EXPECT_EQ(found(Json::object()), 1U);
    EXPECT_EQ(found({{"least_face_px", 40}}), 0U);
    EXPECT_EQ(found({{"least_face_px", 14}}), 1U);
    EXPECT_EQ(found({{"least_score", 1.0}}), 0U);
}

}  // namespace
}  // namespace affectsr
