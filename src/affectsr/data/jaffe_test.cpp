#include "affectsr/data/jaffe.h"

#include <gtest/gtest.h>

#include "affectsr/data/catalog.h"
#include "affectsr/data/test_picture_folder.h"

namespace affectsr {
namespace {

TEST(Jaffe, ReadsNamesInAnyCaseAndRefusesOthers) {
    const auto name = jaffe_name("km.fe2.12.png");
    ASSERT_TRUE(name);
    EXPECT_EQ(name->person, "KM");
    EXPECT_EQ(name->emotion, Emotion::fear);
    EXPECT_EQ(name->number, 12);
    for (const char* other :
         {"README", "KA.AF1.39.tiff", "KA.AN.39.tiff", "KA.AN1.tiff", "KAX.AN1.39.tiff", "...", ""}) {
        EXPECT_EQ(jaffe_name(other).has_value(), false) << other;
    }
}

TEST(Jaffe, CountsTheTiffFilesThatMustBeConvertedFirst) {
    const PictureFolder folder;
    folder.write("KA.AN1.39.tiff", "x");
    EXPECT_NE(refusal([&] {
                  open_dataset("jaffe", {{"root", folder.path().string()}});
              }).find("1 were skipped"),
              std::string::npos);
    folder.picture("KA.AN1.39.png");
    const auto dataset = open_dataset("jaffe", {{"root", folder.path().string()}});
    ASSERT_EQ(dataset->size(), 1u);
    EXPECT_EQ(dataset->info(0).subject, "KA");
    EXPECT_EQ(dataset->info(0).label, Emotion::anger);
    EXPECT_EQ(dataset->card().skipped, 1);
}

}  // namespace
}  // namespace affectsr
