#include "affectsr/data/exp_w.h"

#include <gtest/gtest.h>

#include "affectsr/data/catalog.h"
#include "affectsr/data/test_picture_folder.h"

namespace affectsr {
namespace {

TEST(ExpW, ALineIsTopLeftRightBottom) {
    const auto face = exp_w_face("a.jpg 1 10 20 50 70 33.5 6");
    ASSERT_TRUE(face);
    EXPECT_FLOAT_EQ(face->box.y, 10);
    EXPECT_FLOAT_EQ(face->box.x, 20);
    EXPECT_FLOAT_EQ(face->box.width, 30);
    EXPECT_FLOAT_EQ(face->box.height, 60);
    EXPECT_EQ(face->label, Emotion::neutral);
    for (const char* line : {"a.jpg 1 10 20 50 70 33.5", "a.jpg 1 10 20 50 70 33.5 7", "a.jpg 1 10 50 20 70 33.5 1",
                             "a.jpg 1 10 20 50 70 sure 1"}) {
        EXPECT_EQ(exp_w_face(line).has_value(), false) << line;
    }
}

TEST(ExpW, EverySampleIsOneFaceCutFromItsPicture) {
    const PictureFolder folder;
    folder.picture("image/origin/a.jpg", 50, 100);
    folder.write("label/label.lst", "a.jpg 0 10 20 50 70 33.5 6\na.jpg 1 0 0 10 10 5 3\na.jpg 2 0 0 10\n");
    const std::string root = folder.path().string();
    const auto dataset = open_dataset("exp_w", {{"root", root}});
    ASSERT_EQ(dataset->size(), 2u);
    EXPECT_EQ(dataset->card().skipped, 1);
    EXPECT_EQ(dataset->at(0).picture, Image(30, 60, 50));
    EXPECT_EQ(open_dataset("exp_w", {{"root", root}, {"least_confidence", 10}})->size(), 1u);
}

}  // namespace
}  // namespace affectsr
