#include "affectsr/detect/catalog.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

TEST(Catalog, TheDefaultDetectorNeedsNoFile) {
    if (detector_catalog().empty()) GTEST_SKIP() << "built without OpenCV";
    const std::unique_ptr<Detector> detector = make_detector("haar");
    EXPECT_TRUE(detector->detect(Image(40, 40, 100)).empty());
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
        const std::string cure = detector_catalog().empty() ? "--already-cropped" : "haar";
        EXPECT_NE(std::string(error.what()).find(cure), std::string::npos) << error.what();
    }
}

}  // namespace
}  // namespace affectsr
