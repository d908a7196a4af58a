#include "affectsr/experiment/detection.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/sha256.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/image/encode.h"

namespace affectsr {
namespace {

/// Finds every white square: as wide as the bright part of the picture's middle row.
struct WhiteSquares : Detector {
    std::vector<Face> detect(const Image& photo) const override {
        int first = -1, last = -1;
        const int y = photo.height / 2;
        for (int x = 0; x < photo.width; ++x)
            if (photo.rgb[static_cast<std::size_t>((y * photo.width + x) * 3)] > 180) {
                if (first < 0) first = x;
                last = x;
            }
        if (first < 0) return {};
        const auto width = static_cast<float>(last - first + 1);
        return {Face{{static_cast<float>(first), static_cast<float>(y) - width / 2, width, width}, {}, 0.9F}};
    }
};

class DetectionTest : public ::testing::Test {
 protected:
    /// A photograph of 200 × 100 px with a white square in its middle, `marked` as a face or not.
    MarkedPhoto photo(const std::string& name, bool marked, int side = 48) {
        Image picture(200, 100, 20);
        for (int y = 50 - side / 2; y < 50 + side / 2; ++y)
            for (int x = 100 - side / 2; x < 100 + side / 2; ++x)
                for (int c = 0; c < 3; ++c) picture.rgb[static_cast<std::size_t>((y * 200 + x) * 3 + c)] = 240;
        const std::vector<std::uint8_t> bytes = encode_png(picture);
        folder_.fill(name, std::string(bytes.begin(), bytes.end()));
        MarkedPhoto result{name, sha256_hex(std::as_bytes(std::span(bytes))), 200, 100, {}};
        const auto edge = static_cast<float>(side);
        MarkedFace face;
        face.box_in_photo = {100 - edge / 2, 50 - edge / 2, edge, edge};
        if (marked) result.faces.push_back(face);
        return result;
    }
    Report report(const std::vector<MarkedPhoto>& photos, DetectionOptions options = {}) {
        options.truth = folder_.fill("truth.json", to_json(photos).dump());
        std::vector<DetectorUnderTest> detectors(1);
        detectors[0].name = "white";
        detectors[0].least_score = 0.5;
        detectors[0].detector = std::make_unique<WhiteSquares>();
        return detection_report(detectors, options, {});
    }
    static Json row(const Report& report, int reduce, const std::string& width, const std::string& damage = "none") {
        for (const Json& row : report.rows)
            if (row["reduce"] == reduce && row["width"] == width && row["damage"] == damage) return row;
        ADD_FAILURE() << "no row for " << reduce << " " << width;
        return {};
    }
    TemporaryFolder folder_;
};

TEST_F(DetectionTest, FacesAreToldApartByTheirWidthInTheReducedPhotograph) {
    const Report result = report({photo("a.png", true), photo("b.png", true, 36)});
    EXPECT_EQ(row(result, 1, "32-64")["found"], 2);
    EXPECT_EQ(row(result, 3, "16-24")["faces"], 1);
    EXPECT_EQ(row(result, 3, "12-16")["found"], 1);
    EXPECT_EQ(row(result, 4, "all")["recall"], 1.0);
    EXPECT_TRUE(row(result, 4, "64+")["recall"].is_null()) << "nobody is so wide";
    EXPECT_GT(row(result, 2, "all")["ms_per_megapixel"].get<double>(), 0);
    EXPECT_TRUE(row(result, 2, "8-12")["ms_per_megapixel"].is_null());
}

TEST_F(DetectionTest, WhatNobodyMarkedIsAFalseFace) {
    const Report result = report({photo("a.png", false), photo("b.png", true)});
    EXPECT_EQ(row(result, 1, "all")["false_faces"], 1);
    EXPECT_EQ(row(result, 1, "all")["false_per_photo"], 0.5);
    EXPECT_NEAR(row(result, 1, "all")["average_precision"].get<double>(), 0.5, 1e-9)
        << "both have one score, and the false one comes first";
}

TEST_F(DetectionTest, APhotographThatIsAnotherFailsAndTheOthersAreJudged) {
    MarkedPhoto wrong = photo("wrong.png", true);
    wrong.sha256 = std::string(64, 'a');
    const Report result = report({wrong, photo("b.png", true)});
    ASSERT_EQ(result.failed.size(), 1U);
    EXPECT_EQ(result.failed[0].code, "other_photo");
    EXPECT_EQ(row(result, 1, "all")["photos"], 1);
}

TEST_F(DetectionTest, DamagesHaveRowsOfTheirOwnAndUnknownOnesAreRefused) {
    DetectionOptions options;
    options.reduce = {1};
    options.damage = {"none", "blur", "noise", "jpeg"};
    const Report result = report({photo("a.png", true)}, options);
    EXPECT_EQ(result.rows.size(), 4U * 7);
    EXPECT_EQ(row(result, 1, "all", "jpeg")["photos"], 1);
    options.damage = {"fog"};
    EXPECT_THROW(report({photo("a.png", true)}, options), UsageError);
}

TEST_F(DetectionTest, DetectorsAreNamedOnce) {
    DetectionOptions options;
    options.detectors = {};
    EXPECT_THROW(detectors_of(options), UsageError);
    options.detectors = {"x-ray"};
    EXPECT_THROW(detectors_of(options), UsageError);
}

}  // namespace
}  // namespace affectsr
