#include "affectsr/data/helen.h"

#include <gtest/gtest.h>

#include "affectsr/data/catalog.h"
#include "affectsr/data/test_picture_folder.h"

namespace affectsr {
namespace {

std::unique_ptr<Dataset> open(const PictureFolder& folder, const std::string& split = "") {
    return open_dataset("helen", {{"root", folder.path().string()}, {"split", split}});
}

TEST(Helen, TheNameListsAreTheSplits) {
    const PictureFolder folder;
    for (const char* name : {"helen_1/100_1.jpg", "helen_1/100_2.jpg", "helen_2/200_1.jpg", "extra.jpg"})
        folder.picture(name);
    folder.write("trainnames.txt", "100_1\r\n200_1\r\n");
    folder.write("testnames.txt", "100_2.jpg\n");
    const auto dataset = open(folder);
    ASSERT_EQ(dataset->size(), 3u);
    EXPECT_EQ(dataset->card().skipped, 1) << "no list names extra.jpg";
    EXPECT_EQ(dataset->info(1).split, "test");
    EXPECT_EQ(dataset->info(2).row, 2);
    EXPECT_EQ(open(folder, "train")->size(), 2u);
}

TEST(Helen, ANameWithoutAPictureIsSkippedAndCounted) {
    const PictureFolder folder;
    folder.picture("100_1.jpg");
    folder.write("trainnames.txt", "100_1\n100_2\n");
    const auto dataset = open(folder);
    EXPECT_EQ(dataset->size(), 1u);
    EXPECT_EQ(dataset->card().skipped, 1);
    EXPECT_EQ(dataset->card().listed, 2);
}

TEST(Helen, WithoutListsTheLastFiftyAreForTesting) {
    const PictureFolder folder;
    for (int i = 0; i < 53; ++i) folder.write(std::to_string(100 + i) + ".jpg", "x");
    EXPECT_EQ(open(folder, "test")->size(), 50u);
    const auto train = open(folder, "train");
    ASSERT_EQ(train->size(), 3u);
    EXPECT_EQ(train->info(2).path.filename(), "102.jpg");
}

}  // namespace
}  // namespace affectsr
