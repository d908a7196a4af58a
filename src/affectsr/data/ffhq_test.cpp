#include "affectsr/data/ffhq.h"

#include <gtest/gtest.h>

#include "affectsr/data/catalog.h"
#include "affectsr/data/test_picture_folder.h"

namespace affectsr {
namespace {

std::unique_ptr<Dataset> open(const PictureFolder& folder, const std::string& split = "") {
    return open_dataset("ffhq", {{"root", folder.path().string()}, {"split", split}});
}

TEST(Ffhq, TheNumberTellsTheSplit) {
    const PictureFolder folder;
    folder.picture("thumbnails128x128/00000/00000.png", 1);
    folder.picture("thumbnails128x128/59000/59999.png", 2);
    folder.picture("thumbnails128x128/60000/60000.png", 3);
    folder.picture("images1024x1024/00000/00000.png", 9);
    const auto dataset = open(folder);
    ASSERT_EQ(dataset->size(), 3u) << "the thumbnails, not both sizes";
    EXPECT_EQ(dataset->info(1).split, "training");
    EXPECT_EQ(dataset->info(2).split, "validation");
    EXPECT_EQ(open(folder, "validation")->at(0).picture, Image(4, 4, 3));
}

TEST(Ffhq, AFlatFolderIsReadAndOtherNamesAreCounted) {
    const PictureFolder folder;
    for (const char* name : {"00001.png", "00000.png", "LICENSE.png", "70000.png", "1e3.png"}) folder.picture(name);
    const auto dataset = open(folder);
    ASSERT_EQ(dataset->size(), 2u);
    EXPECT_EQ(dataset->info(0).path.filename(), "00000.png");
    EXPECT_EQ(dataset->card().skipped, 3);
}

}  // namespace
}  // namespace affectsr
