#include "affectsr/detect/catalog.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "affectsr/base/temporary_folder.h"
#include "affectsr/detect/detection_network.h"
#include "affectsr/detect/import_detector.h"
#include "affectsr/detect/landmark_network.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {
namespace {

bool has(const std::string& name) {
    return std::any_of(detector_catalog().begin(), detector_catalog().end(),
                       [&](const Entry<Detector>& entry) { return entry.name == name; });
}

TEST(Catalog, TheDefaultDetectorNeedsNoFile) {
    const std::unique_ptr<Detector> detector = make_detector("small_face_net");
    EXPECT_TRUE(detector->detect(Image(40, 40, 100)).empty());
    EXPECT_EQ(detector->landmarks(), 5);
}

TEST(Catalog, OpencvsDetectorsAreThereOrRefusedWithACure) {
    for (const std::string name : {"haar", "yunet_opencv"}) {
        if (has(name)) {
            EXPECT_EQ(find_detector(name).name, name);
            continue;
        }
        try {
            make_detector(name);
            FAIL() << name;
        } catch (const UsageError& error) {
            EXPECT_EQ(error.code(), "detector_not_built");
            EXPECT_NE(std::string(error.what()).find("AFFECTSR_OPENCV=ON"), std::string::npos) << error.what();
            EXPECT_NE(std::string(error.what()).find("yunet"), std::string::npos) << error.what();
        }
    }
}

TEST(Catalog, EveryDetectorSaysWhereItComesFromAndTakesAFile) {
    for (const Entry<Detector>& entry : detector_catalog()) {
        EXPECT_FALSE(entry.source.empty()) << entry.name;
        EXPECT_TRUE(entry.default_options.contains("model")) << entry.name;
        EXPECT_THROW(make_detector(entry.name, Json{{"no_such_option", 1}}), UsageError) << entry.name;
        EXPECT_THROW(make_detector(entry.name, Json{{"model", "/nowhere/model"}}), ModelError) << entry.name;
    }
}

TEST(Catalog, AnUnknownDetectorIsRefusedWithACure) {
    try {
        make_detector("x-ray");
        FAIL() << "there is no x-ray detector";
    } catch (const UsageError& error) {
        EXPECT_EQ(error.code(), "unknown_detector");
        EXPECT_NE(std::string(error.what()).find("yunet"), std::string::npos) << error.what();
    }
}

TEST(Catalog, EveryLandmarkerSaysWhereItComesFromAndTakesAFile) {
    for (const Entry<Landmarker>& entry : landmarker_catalog()) {
        EXPECT_FALSE(entry.source.empty()) << entry.name;
        EXPECT_TRUE(entry.default_options.contains("model")) << entry.name;
        EXPECT_THROW(make_landmarker(entry.name, Json{{"no_such_option", 1}}), UsageError) << entry.name;
        EXPECT_THROW(make_landmarker(entry.name, Json{{"model", "/nowhere/model"}}), ModelError) << entry.name;
    }
    EXPECT_THROW(make_landmarker("x-ray"), UsageError);
}

TEST(Catalog, MediapipeNeedsAFile) {
    EXPECT_THROW(make_detector("mediapipe"), UsageError);
    EXPECT_THROW(make_landmarker("mediapipe"), UsageError);
}

/// A model file of a network's first weights.
ModelFile untrained(const Entry<DetectionNetwork>& entry) {
    const auto network = entry.make(Json::object());
    return import_detector(entry.name, Json::object(), first_weights(network->plan, 1), "made up").model;
}

TEST(Catalog, EveryNetworkIsStoredAndFindsItsWayThroughAPhoto) {
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("affectsr_detector_" + std::to_string(::getpid()) + ".safetensors");
    for (const Entry<DetectionNetwork>& entry : detection_network_catalog()) {
        untrained(entry).save(file);
        const auto detector = make_detector(entry.name, Json{{"model", file.string()}});
        EXPECT_NO_THROW(detector->detect(Image(70, 50, 90))) << entry.name;
        EXPECT_EQ(detector->landmarks(), 5) << entry.name;
        ModelFile other = untrained(entry);
        other.card.network = "small_net";
        other.save(file);
        EXPECT_THROW(make_detector(entry.name, Json{{"model", file.string()}}), ModelError) << entry.name;
    }
    std::filesystem::remove(file);
}

TEST(Catalog, EveryLandmarkNetworkIsStoredAndFindsPointsInACrop) {
    const TemporaryFolder folder;
    for (const Entry<LandmarkNetwork>& entry : landmark_network_catalog()) {
        ModelFile model;
        model.card.network = entry.name;
        model.tensors = first_weights(entry.make(Json::object())->plan, 1);
        model.save(folder / "model.safetensors");
        const Json options{{"model", (folder / "model.safetensors").string()}};
        const auto landmarker = make_landmarker(entry.name, options);
        FaceCrop crop;
        crop.pixels = Image(20, 20, 90);
        const std::vector<LandmarkedFace> faces = landmarker->locate_all(std::vector{crop});
        EXPECT_EQ(static_cast<int>(faces.at(0).landmarks_in_crop.size()), landmarker->landmarks()) << entry.name;
        model.card.network = "small_net";
        model.save(folder / "model.safetensors");
        EXPECT_THROW(make_landmarker(entry.name, options), ModelError) << entry.name;
    }
}

}  // namespace
}  // namespace affectsr
