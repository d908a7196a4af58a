#include "affectsr/experiment/sizes_against.h"

#include <gtest/gtest.h>

#include "affectsr/experiment/test_dataset.h"

namespace affectsr {
namespace {

// Reads faces of 16 px and more rightly, smaller ones all as neutral.
std::vector<Look> blurred(std::span<const FaceCrop> crops) {
    std::vector<Look> looks = level_reader(crops);
    for (std::size_t i = 0; i < crops.size(); ++i)
        if (crops[i].pixels.width < 16) looks[i].expression = sure_of(Emotion::neutral, 0.6f);
    return looks;
}

TestDataset seven_faces() {
    std::vector<Sample> samples;
    for (const Emotion emotion : seven_emotions()) samples.push_back(labelled(emotion, face_of(emotion)));
    return TestDataset(std::move(samples));
}

SizesOptions options() {
    SizesOptions options;
    options.sizes = {48, 8};
    options.threads = 1;
    return options;
}

const Json kModels = {{"a", {{"network", "blurred"}}}, {"b", {{"network", "sharp"}}}};

TEST(SizesAgainst, ARowOfEachSizeHoldsBothAndTheDifference) {
    const Report report = sizes_against_report(seven_faces(), blurred, level_reader, options(), kModels, {});
    ASSERT_EQ(report.rows.size(), 2u);
    EXPECT_EQ(report.rows[0]["size"], 48);
    EXPECT_EQ(report.rows[0]["accuracy_difference"], 0.0);
    EXPECT_EQ(report.rows[1]["size"], 8);
    EXPECT_EQ(report.rows[1]["only_b"], 6);
    EXPECT_NEAR(report.rows[1]["accuracy_difference"], 6.0 / 7, 1e-12);
    EXPECT_EQ(report.rows[1]["a"]["by_class"]["fear"]["recall"], 0.0);
    EXPECT_EQ(report.rows[1]["b"]["by_class"]["fear"]["recall"], 1.0);
    EXPECT_EQ(report.json()["models"], kModels);
}

TEST(SizesAgainst, MarkdownAndCsvShowBoth) {
    const Report report = sizes_against_report(seven_faces(), blurred, level_reader, options(), kModels, {});
    const std::string text = report.markdown();
    for (const char* part : {"a: network blurred", "b: network sharp", "McNemar p", "## recall by class, a",
                             "## recall by class, b", "| 8 | 7 | 0 | 0.1429 | 1.0000 | 0.8571 |"})
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    EXPECT_EQ(report.csv().rfind("size,n,left_out,accuracy_a,accuracy_b,accuracy_difference,", 0), 0u);
}

TEST(SizesAgainst, EveryFaceHasARowForEachModel) {
    std::vector<Json> rows;
    sizes_against_report(seven_faces(), blurred, level_reader, options(), kModels, {}, {}, {},
                         [&](const Json& row) { rows.push_back(row); });
    ASSERT_EQ(rows.size(), 28u);
    EXPECT_EQ(rows.front()["model"], "a");
    EXPECT_EQ(rows[13]["size"], 8);
    EXPECT_EQ(rows[13]["expression"], "neutral");
    EXPECT_EQ(rows.back()["model"], "b");
    EXPECT_EQ(rows.back()["expression"], "anger");
}

TEST(SizesAgainst, AStoppedRunHasTheSameFacesOfBoth) {
    std::stop_source stop;
    SizesOptions one_by_one = options();
    one_by_one.batch = 1;
    const Report report = sizes_against_report(
        seven_faces(), blurred, level_reader, one_by_one, kModels, {},
        [&](std::size_t done, std::size_t, std::size_t) { done == 3 ? stop.request_stop() : false; }, stop.get_token());
    EXPECT_TRUE(report.interrupted);
    for (const Json& row : report.rows) {
        EXPECT_EQ(row["n"], 3);
        EXPECT_EQ(row["a"]["n"], row["b"]["n"]);
    }
}

}  // namespace
}  // namespace affectsr
