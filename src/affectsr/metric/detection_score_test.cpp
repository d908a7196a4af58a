#include "affectsr/metric/detection_score.h"

#include <gtest/gtest.h>

#include <cmath>

namespace affectsr {
namespace {

MarkedFace marked(float x, float width) {
    MarkedFace face;
    face.box_in_photo = {x, 0, width, width};
    return face;
}
Face found(float x, float width, float score) {
    return {{x, 0, width, width}, {}, score};
}
DetectionFigures line(const DetectionScore& score, const std::string& width) {
    for (const DetectionFigures& figures : score.figures())
        if (figures.width == width) return figures;
    ADD_FAILURE() << "no line " << width;
    return {};
}

TEST(DetectionScore, CountsFoundMissedAndFalseFacesByWidth) {
    DetectionScore score({});
    const std::vector<MarkedFace> truth{marked(0, 10), marked(100, 20), marked(200, 20), marked(400, 70)};
    const std::vector<Face> faces{found(1, 10, 0.9F), found(100, 20, 0.8F), found(300, 30, 0.75F),
                                  found(400, 70, 0.6F)};
    score.add(truth, faces);
    EXPECT_EQ(line(score, "8-12").found, 1);
    EXPECT_EQ(line(score, "16-24").faces, 2);
    EXPECT_DOUBLE_EQ(line(score, "16-24").recall(), 0.5);
    EXPECT_EQ(line(score, "24-32").false_faces, 1);
    EXPECT_EQ(line(score, "64+").found, 0) << "its score is under the least";
    const DetectionFigures all = line(score, "all");
    EXPECT_EQ(all.faces, 4);
    EXPECT_EQ(all.found, 2);
    EXPECT_EQ(all.false_faces, 1);
}

TEST(DetectionScore, AFaceFoundTwiceIsOnceFalse) {
    DetectionScore score({});
    score.add(std::vector{marked(0, 20)}, std::vector{found(0, 20, 0.9F), found(1, 20, 0.95F)});
    EXPECT_EQ(line(score, "all").found, 1);
    EXPECT_EQ(line(score, "all").false_faces, 1);
}

TEST(DetectionScore, TooLittleOverlapIsNoFind) {
    DetectionScore score({});
    score.add(std::vector{marked(0, 20)}, std::vector{found(9, 20, 0.9F)});  // 11 of 29 pixels' width
    EXPECT_EQ(line(score, "all").found, 0);
}

TEST(DetectionScore, IgnoredFacesAreNeitherFoundNorFalse) {
    DetectionScore score({});
    MarkedFace statue = marked(0, 40);
    statue.ignore = true;
    score.add(std::vector{statue, marked(100, 5)},
              std::vector{found(0, 40, 0.9F), found(10, 8, 0.9F), found(100, 5, 0.9F)});
    const DetectionFigures all = line(score, "all");
    EXPECT_EQ(all.faces, 0) << "one is ignored, one under the first edge";
    EXPECT_EQ(all.found, 0);
    EXPECT_EQ(all.false_faces, 0) << "one of them lies inside the statue's box";
    EXPECT_TRUE(std::isnan(all.average_precision));
}

TEST(DetectionScore, AveragePrecisionIsAsByHand) {
    DetectionScore score({});
    const std::vector<MarkedFace> truth{marked(0, 20), marked(100, 20), marked(200, 20), marked(300, 20)};
    // Found, false, found, found; one is missed: precision 1, 2/3, 3/4, made to fall 1, 3/4, 3/4.
    score.add(truth, std::vector{found(0, 20, 0.9F), found(500, 20, 0.8F), found(100, 20, 0.7F), found(200, 20, 0.1F)});
    EXPECT_NEAR(line(score, "all").average_precision, (1 + 0.75 + 0.75) / 4, 1e-12);
}

TEST(DetectionScore, PhotographsAddUp) {
    DetectionScore score({});
    for (int i = 0; i < 3; ++i) score.add(std::vector{marked(0, 20)}, std::vector<Face>{});
    EXPECT_EQ(score.photos(), 3);
    EXPECT_EQ(line(score, "all").faces, 3);
    EXPECT_EQ(line(score, "all").average_precision, 0);
}

}  // namespace
}  // namespace affectsr
