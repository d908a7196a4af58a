#include "affectsr/pipeline/enhancer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "affectsr/base/error.h"
#include "affectsr/pipeline/fake_parts.h"

namespace affectsr {
namespace {

using fake::face_at;
using fake::textured_photo;

/// Makes every crop `scale` times as large by bicubic and adds `brighter`; tells when it was given no points.
class Enlarger : public Restorer {
 public:
    explicit Enlarger(RestorerNeeds needs, int brighter = 0) : needs_(needs), brighter_(brighter) {}
    RestorerNeeds needs() const override { return needs_; }
    std::vector<Restored> restore_all(std::span<const FaceCrop> crops) const override {
        std::vector<Restored> answers;
        for (const FaceCrop& crop : crops) {
            given.push_back(crop.pixels.width);
            const int side = needs_.scale > 0 ? crop.pixels.width * needs_.scale : needs_.output_px;
            Image made = resize(crop.pixels, {side, side}, Filter::bicubic);
            for (std::uint8_t& value : made.rgb) value = static_cast<std::uint8_t>(std::min(255, value + brighter_));
            const bool without = needs_.landmarks > 0 && crop.landmarks_in_crop.empty();
            answers.push_back({broken ? Image() : std::move(made), broken    ? "restorer_not_finite"
                                                                   : without ? "no_landmarks"
                                                                             : ""});
        }
        return answers;
    }
    bool broken = false;
    mutable std::vector<int> given;

 private:
    RestorerNeeds needs_;
    int brighter_;
};

EnhancerOptions four_times(bool keep_size = false) {
    EnhancerOptions options;
    options.keep_size = keep_size;
    return options;
}

Enhancer enhancer(std::vector<Face> faces, const EnhancerOptions& options = {}, int brighter = 0,
                  RestorerNeeds needs = {0, 4}) {
    return Enhancer(options, std::make_unique<fake::Finder>(std::move(faces)),
                    std::make_unique<Enlarger>(needs, brighter));
}

// GFPGAN and CodeFormer see a face in a frame of their own and make it no larger.
TEST(Enhancer, ARestorerWithAFramingIsGivenItAndLaidBackByIt) {
    RestorerNeeds needs;
    needs.input_px = needs.output_px = 64;
    needs.framing = "ffhq_512";
    const Image photo = textured_photo(160, 120);
    const std::vector<Face> faces{face_at(60, 40, 40)};
    const Image enlarged = resize(photo, {640, 480}, Filter::bicubic);
    const Enhanced brighter = enhancer(faces, {}, 60, needs).run(photo);
    ASSERT_EQ(brighter.faces.size(), 1U);
    EXPECT_TRUE(brighter.faces[0].restored) << brighter.faces[0].reason;
    EXPECT_EQ(brighter.faces[0].made_px, 64);
    EXPECT_EQ(brighter.picture.size(), enlarged.size());
    EXPECT_EQ(brighter.picture.pixel(3, 3)[0], enlarged.pixel(3, 3)[0]) << "far from the face";
    double more = 0;
    constexpr int kAround = 20;
    for (int y = 240 - kAround; y < 240 + kAround; ++y)
        for (int x = 320 - kAround; x < 320 + kAround; ++x)
            more += int{brighter.picture.pixel(x, y)[0]} - int{enlarged.pixel(x, y)[0]};
    EXPECT_NEAR(more / (4 * kAround * kAround), 60, 8) << "in its middle";
}

TEST(Enhancer, APhotoWithoutFacesIsOnlyEnlarged) {
    const Image photo = textured_photo(50, 30);
    const Enhanced made = enhancer({}).run(photo);
    EXPECT_EQ(made.picture, resize(photo, {200, 120}, Filter::bicubic));
    EXPECT_TRUE(made.faces.empty());
    EXPECT_EQ(enhancer({}, four_times(true)).run(photo).picture, photo);
}

TEST(Enhancer, AFaceLiesWhereItWasAndFadesIntoItsSurroundings) {
    const Image photo = textured_photo(100, 80);
    const Enhanced made = enhancer({face_at(30, 20, 31)}, {}, 40).run(photo);
    const Image plain = resize(photo, {400, 320}, Filter::bicubic);
    ASSERT_EQ(made.picture.size(), plain.size());
    const auto lift = [&](int x, int y) { return made.picture.pixel(x, y)[1] - plain.pixel(x, y)[1]; };
    EXPECT_NEAR(lift(180, 140), 40, 12) << "the middle of the face";
    EXPECT_EQ(lift(100, 140), 0) << "beside it";
    EXPECT_EQ(lift(180, 60), 0) << "above it";
    // Along the row through the face's middle the lift of the average over 16 px never jumps: no seam.
    double before = 0;
    for (int x = 100; x < 300; x += 2) {
        double mean = 0;
        for (int i = 0; i < 16; ++i)
            for (int k = 0; k < 16; ++k) mean += lift(x + i, 132 + k) / 256.0;
        EXPECT_LT(std::abs(mean - before), 9) << x;
        before = mean;
    }
}

TEST(Enhancer, ARestorerThatOnlyEnlargesLeavesTheEnlargedPhotoAsItIs) {
    Image photo(100, 80);
    for (int y = 0; y < 80; ++y)
        for (int x = 0; x < 100; ++x)
            for (int c = 0; c < 3; ++c)
                photo.pixel(x, y)[c] = static_cast<std::uint8_t>(120 + 60 * std::sin(x * 0.2 + c) * std::cos(y * 0.15));
    const Image plain = resize(photo, {400, 320}, Filter::bicubic);
    const Enhanced made = enhancer({face_at(30, 20, 31)}).run(photo);
    ASSERT_TRUE(made.faces.at(0).restored);
    int worst = 0;
    for (std::size_t i = 0; i < plain.rgb.size(); ++i)
        worst = std::max(worst, std::abs(int{plain.rgb[i]} - int{made.picture.rgb[i]}));
    EXPECT_LE(worst, 4) << "no pixel of a smooth photo moves";
}

TEST(Enhancer, APhotoKeepsItsSizeOnWish) {
    const Image photo = textured_photo(100, 80);
    const Enhanced made = enhancer({face_at(30, 20, 31)}, four_times(true), 40).run(photo);
    ASSERT_EQ(made.picture.size(), photo.size());
    EXPECT_NEAR(made.picture.pixel(45, 35)[1] - photo.pixel(45, 35)[1], 40, 15);
    EXPECT_EQ(made.picture.pixel(20, 35)[1], photo.pixel(20, 35)[1]);
    EXPECT_EQ(made.faces.at(0).made_px, 128);
}

TEST(Enhancer, FacesAreLeftAsTheyAreForAReason) {
    const Image photo = textured_photo(400, 300);
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    const std::vector<Face> faces{face_at(10, 10, 31),   face_at(10, 60, 130),    face_at(60, 10, 6),
                                  face_at(kNan, 10, 30), face_at(9000, 9000, 30), face_at(60, 10, 0)};
    const Enhanced made = enhancer(faces).run(photo);
    const std::vector<std::string> reasons{"", "large_enough", "too_small", "not_finite", "constant", "too_small"};
    for (std::size_t i = 0; i < faces.size(); ++i) {
        EXPECT_EQ(made.faces.at(i).reason, reasons[i]) << i;
        EXPECT_EQ(made.faces[i].restored, reasons[i].empty()) << i;
    }
    EXPECT_EQ(made.restored_px(), (std::vector<double>{32}));
    EXPECT_EQ(made.faces[0].made_px, 128);
}

TEST(Enhancer, HowLargeAFaceMayBeIsTheRestorersSizeOrTheUsers) {
    const Image photo = textured_photo(400, 300);
    const auto reason = [&](float side, EnhancerOptions options, RestorerNeeds needs) {
        return enhancer({face_at(10, 10, side)}, options, 0, needs).run(photo).faces.at(0).reason;
    };
    EXPECT_EQ(reason(120, {}, {0, 4}), "") << "128 px, where the restorer takes any size";
    EXPECT_EQ(reason(130, {}, {0, 4}), "large_enough");
    EXPECT_EQ(reason(60, {}, {16, 4}), "") << "16 px, made 64";
    EXPECT_EQ(reason(66, {}, {16, 4}), "large_enough");
    EnhancerOptions options;
    options.most_face_px = 200;
    EXPECT_EQ(reason(150, options, {0, 4}), "");
    options.least_face_px = 160;
    EXPECT_EQ(reason(150, options, {0, 4}), "too_small");
}

TEST(Enhancer, WhereTheRestorerFailsThePhotoStaysAndTheFaceSaysWhy) {
    auto restorer = std::make_unique<Enlarger>(RestorerNeeds{0, 4}, 40);
    restorer->broken = true;
    const Image photo = textured_photo(100, 80);
    const Enhanced made =
        Enhancer({}, std::make_unique<fake::Finder>(std::vector{face_at(30, 20, 31)}), std::move(restorer)).run(photo);
    EXPECT_EQ(made.picture, resize(photo, {400, 320}, Filter::bicubic));
    EXPECT_EQ(made.faces.at(0).reason, "restorer_not_finite");
    EXPECT_FALSE(made.faces[0].restored);
    EXPECT_TRUE(made.restored_px().empty());
}

TEST(Enhancer, AFaceWhosePointsNobodyIsSureOfIsRestoredAndSaysSo) {
    const auto landmarker = std::make_shared<fake::MeshAtRest>();
    landmarker->dark = 255;
    const Enhancer unsure({}, std::make_unique<fake::Finder>(std::vector{face_at(30, 20, 31)}),
                          std::make_unique<Enlarger>(RestorerNeeds{0, 4, 0, 478, true}),
                          std::make_unique<PointFinder>(landmarker));
    const EnhancedFace face = unsure.run(textured_photo(100, 80)).faces.at(0);
    EXPECT_TRUE(face.restored);
    EXPECT_EQ(face.restorer_reason, "unsure_landmarks");
    EXPECT_EQ(face.reason, "");
}

TEST(Enhancer, ACroppedFaceIsRestoredWhole) {
    EnhancerOptions options;
    options.already_cropped = true;
    const Image face = textured_photo(32, 40);
    const Enhancer cropped(options, nullptr, std::make_unique<Enlarger>(RestorerNeeds{0, 4}, 40));
    const Enhanced made = cropped.run(face);
    EXPECT_EQ(made.picture.size(), (ImageSize{128, 128})) << "the middle square";
    EXPECT_EQ(made.faces.at(0).crop_px, 32);
    EXPECT_EQ(cropped.size_of({32, 40}), (ImageSize{128, 128}));
    const Enhanced large = cropped.run(textured_photo(130, 130));
    EXPECT_EQ(large.faces.at(0).reason, "large_enough");
    EXPECT_EQ(large.picture, resize(textured_photo(130, 130), {520, 520}, Filter::bicubic));
    options.keep_size = true;
    EXPECT_EQ(Enhancer(options, nullptr, std::make_unique<Enlarger>(RestorerNeeds{0, 4})).run(face).picture.size(),
              (ImageSize{32, 32}));
}

TEST(Enhancer, WhatIsTooLargeIsRefusedBeforeMemoryIsTaken) {
    EnhancerOptions options;
    options.scale = 8;
    const Enhancer large = enhancer({}, options, 0, {0, 8});
    try {
        large.size_of({4000, 3000});
        FAIL();
    } catch (const InputError& error) {
        EXPECT_EQ(error.code(), "too_large");
        const std::string told = error.what();
        EXPECT_NE(told.find("768 megapixels"), std::string::npos) << told;
        EXPECT_NE(told.find("--most-megapixels"), std::string::npos) << told;
        EXPECT_NE(told.find("--keep-size"), std::string::npos) << told;
    }
    EXPECT_THROW(large.run(Image(3000, 100)), InputError) << "a side of 24,000 px";
    EXPECT_EQ(large.size_of({1000, 700}), (ImageSize{8000, 5600}));
    options.keep_size = true;
    EXPECT_EQ(enhancer({}, options, 0, {0, 8}).size_of({4000, 3000}), (ImageSize{4000, 3000}));
    options.keep_size = false, options.most_megapixels = 10;
    EXPECT_THROW(enhancer({}, options, 0, {0, 8}).size_of({1000, 700}), InputError);
}

TEST(Enhancer, WhatDoesNotFitIsRefusedWhenItIsBuilt) {
    const auto code_of = [](const EnhancerOptions& options, RestorerNeeds needs) -> std::string {
        try {
            enhancer({}, options, 0, needs);
        } catch (const UsageError& error) {
            return error.code();
        }
        return "";
    };
    EXPECT_EQ(code_of({}, {0, 8}), "other_scale");
    EXPECT_EQ(code_of({}, {0, 4, 0, 478}), "no_landmarks");
    EXPECT_EQ(code_of({}, {0, 4, 0, 478, true}), "");
    EXPECT_THROW(Enhancer({}, nullptr, std::make_unique<Enlarger>(RestorerNeeds{0, 4})), UsageError);
    EXPECT_THROW(Enhancer({}, std::make_unique<fake::Finder>(std::vector<Face>{}), nullptr), UsageError);
}

}  // namespace
}  // namespace affectsr
