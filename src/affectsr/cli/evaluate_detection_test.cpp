#include "affectsr/cli/evaluate_detection.h"

#include <gtest/gtest.h>

#include "affectsr/base/sha256.h"
#include "affectsr/data/marked_photos.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/detect/detection_network.h"
#include "affectsr/detect/import_detector.h"
#include "affectsr/image/encode.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

constexpr const char* kEvaluate =
    "affectsr evaluate detection --truth photos/faces.json --detectors yunet=yunet.safetensors ";

/// Two photographs with a face each, and a detector that has learned nothing.
void fill(const TemporaryFolder& folder) {
    std::vector<MarkedPhoto> photos;
    for (int i = 0; i < 2; ++i) {
        const std::vector<std::uint8_t> bytes = encode_png(stripes(64, 64, i));
        const std::string name = std::to_string(i) + ".png";
        folder.fill("photos/" + name, text_of(bytes));
        MarkedFace face;
        face.box_in_photo = {10, 10, 20, 24};
        photos.push_back({name, sha256_hex(std::as_bytes(std::span(bytes))), 64, 64, {face}});
    }
    folder.fill("photos/faces.json", to_json(photos).dump());
    const auto network = find(detection_network_catalog(), "yunet", "detector").make(Json::object());
    import_detector("yunet", Json::object(), first_weights(network->plan, 1), "made up")
        .model.save(folder / "yunet.safetensors");
}

TEST(EvaluateDetection, AReportHasARowForEveryReductionAndWidth) {
    const TemporaryFolder folder;
    fill(folder);
    const Ran ran = run(folder, std::string(kEvaluate) + "--reduce 1,2 --format json");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    const Json report = Json::parse(ran.out);
    ASSERT_EQ(report["rows"].size(), 2U * 7);
    EXPECT_EQ(report["rows"][2]["width"], "16-24");
    EXPECT_EQ(report["rows"][2]["faces"], 2);
    EXPECT_EQ(report["rows"][7]["reduce"], 2);
    EXPECT_EQ(report["models"]["yunet"].get<std::string>().size(), 64U);
}

TEST(EvaluateDetection, AnotherPhotographIsAFailedInput) {
    const TemporaryFolder folder;
    fill(folder);
    folder.fill("photos/1.png", text_of(encode_png(stripes(64, 64, 9))));
    const Ran ran = run(folder, std::string(kEvaluate) + "--reduce 1");
    EXPECT_EQ(ran.exit_code, 3);
    EXPECT_NE(ran.err.find("is not the photograph whose faces were marked"), std::string::npos) << ran.err;
    EXPECT_NE(ran.out.find("| yunet | 1 | none | all | 1 |"), std::string::npos) << ran.out;
}

TEST(EvaluateDetection, NothingThatIsReadIsWrittenOnto) {
    const TemporaryFolder folder;
    fill(folder);
    EXPECT_EQ(run(folder, std::string(kEvaluate) + "-o photos/faces.json --overwrite").exit_code, 2);
    EXPECT_EQ(run(folder, std::string(kEvaluate) + "-o yunet.safetensors --overwrite").exit_code, 2);
    EXPECT_EQ(run(folder, "affectsr evaluate detection --detectors yunet=yunet.safetensors").exit_code, 2)
        << "no truth is named";
}

}  // namespace
}  // namespace affectsr::cli
