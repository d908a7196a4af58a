#include "affectsr/experiment/steadiness.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "affectsr/pipeline/fake_parts.h"

namespace affectsr {
namespace {

using fake::face_at;

TEST(Steadiness, BoxesAreMatchedByTheirOverlap) {
    const std::vector<Box> before{{0, 0, 10, 10}, {50, 0, 10, 10}, {100, 0, 10, 10}};
    const std::vector<Box> now{{51, 0, 10, 10}, {0, 1, 10, 10}, {106, 0, 10, 10}};
    EXPECT_EQ(matched(before, now, 0.5), (std::vector<int>{1, 0, -1}));
    EXPECT_EQ(matched(before, now, 0.2), (std::vector<int>{1, 0, 2}));
    EXPECT_EQ(matched(before, {}, 0.5), (std::vector<int>{-1, -1, -1}));
}

TEST(Steadiness, ABoxIsMatchedOnce) {
    const std::vector<Box> before{{0, 0, 10, 10}, {1, 0, 10, 10}};
    EXPECT_EQ(matched(before, {{0, 0, 10, 10}}, 0.5), (std::vector<int>{0, -1}));
}

/// Says which side of a face is brighter: a mirror turns its answer round.
class SideReader : public Classifier {
 public:
    ClassifierNeeds needs() const override { return {48, 3}; }
    std::vector<std::string> heads() const override { return {"expression"}; }
    Image network_input(const Image& face) const override { return face; }
    std::vector<Expression> classify_all(std::span<const Image> faces, const std::string&, FaceSizes) const override {
        std::vector<Expression> answers;
        for (const Image& face : faces) {
            const int middle = face.height / 2;
            const bool left = face.pixel(face.width / 8, middle)[0] > face.pixel(face.width * 7 / 8, middle)[0];
            Expression& answer = answers.emplace_back();
            answer.labels = seven_emotions();
            answer.probability.assign(7, 0.05F);
            answer.probability[left ? 1 : 2] = 0.7F;
        }
        return answers;
    }
};

/// Bright on the left, dark on the right.
Image sloping_photo(int width, int height) {
    Image photo = fake::textured_photo(width, height);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < 3; ++c)
                photo.pixel(x, y)[c] = static_cast<std::uint8_t>(photo.pixel(x, y)[c] / 4 + 160 - 160 * x / width);
    return photo;
}

template <class Reader>
Json measured(std::vector<Face> faces, const Image& photo) {
    const Pipeline pipeline({}, std::make_unique<fake::Finder>(std::move(faces)), std::make_unique<fake::Brightener>(0),
                            std::make_unique<Reader>());
    Steadiness steadiness(pipeline, {});
    steadiness.add("photo.png", photo);
    return steadiness.report("affectsr evaluate steadiness").json();
}

Json row_of(const Json& report, const std::string& variant) {
    for (const Json& row : report["rows"])
        if (row["variant"] == variant) return row;
    return {};
}

TEST(Steadiness, ASteadyReaderFlipsNothing) {
    const Json report = measured<fake::BrightnessReader>({face_at(60, 60, 80)}, fake::textured_photo(200, 200));
    for (const char* variant : {"jpeg", "webp", "mirror"}) {
        const Json row = row_of(report, variant);
        EXPECT_EQ(row["faces"], 1) << variant;
        EXPECT_EQ(row["compared"], 1) << variant;
        EXPECT_EQ(row["flipped"], 0) << variant;
        EXPECT_EQ(row["share"], 0.0) << variant;
    }
    EXPECT_TRUE(report["flips"].empty());
}

TEST(Steadiness, AReaderOfSidesFlipsInTheMirrorAlone) {
    const Json report = measured<SideReader>({face_at(60, 60, 80)}, sloping_photo(200, 200));
    EXPECT_EQ(row_of(report, "jpeg")["flipped"], 0);
    EXPECT_EQ(row_of(report, "webp")["flipped"], 0);
    EXPECT_EQ(row_of(report, "mirror")["flipped"], 1);
    EXPECT_EQ(row_of(report, "mirror")["share"], 1.0);
    ASSERT_EQ(report["flips"].size(), 1u);
    EXPECT_EQ(report["flips"][0]["variant"], "mirror");
    EXPECT_EQ(report["flips"][0]["before"]["label"], "happiness");
    EXPECT_EQ(report["flips"][0]["now"]["label"], "sadness");
}

TEST(Steadiness, AFaceThatIsNotFoundAgainIsCountedApart) {
    // The finder gives the same box for the mirrored picture, so mirrored back it is another place.
    const Json row = row_of(measured<SideReader>({face_at(10, 60, 60)}, sloping_photo(200, 200)), "mirror");
    EXPECT_EQ(row["not_found"], 1);
    EXPECT_EQ(row["new_faces"], 1);
    EXPECT_EQ(row["compared"], 0);
    EXPECT_TRUE(row["share"].is_null());
}

TEST(Steadiness, AFaceWithoutALabelIsCountedApart) {
    const Json row = row_of(measured<SideReader>({face_at(60, 60, 80)}, Image(200, 200, 128)), "jpeg");
    EXPECT_EQ(row["no_label"], 1) << "a blank face is not judged";
    EXPECT_EQ(row["compared"], 0);
}

}  // namespace
}  // namespace affectsr
