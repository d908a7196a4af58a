#include "affectsr/cli/photographs.h"

#include <gtest/gtest.h>

#include "affectsr/base/temporary_folder.h"

namespace affectsr::cli {
namespace {

namespace fs = std::filesystem;

TEST(Photographs, PicturesAndStripsTellTheirStem) {
    EXPECT_EQ(stem_of("out/party.at.noon.jpg"), "party.at.noon");
    EXPECT_EQ(stem_of("out/party.face12.png"), "party");
    EXPECT_EQ(stem_of("a.face1.face2.png"), "a.face1");
    for (const char* other : {"", "x.png", "x.face.png", "x.facet1.png", "x.face1.webp", ".face1.png"})
        EXPECT_EQ(stem_of(other), "") << other;
}

TEST(Photographs, ExistingFilesAreFoundWhateverTheNumberOfTheFace) {
    const TemporaryFolder folder;
    for (const char* name : {"p/a.jpg", "p/b.jpg", "s/a.face3.png", "s/b.face1.png", "s/a.png"}) folder.fill(name, "x");
    const std::vector<fs::path> expected = {folder / "p/a.jpg", folder / "s/a.face3.png"};
    EXPECT_EQ(existing_files({folder / "p", folder / "s"}, {"a", "c"}), expected);
    EXPECT_TRUE(existing_files({folder / "nowhere", folder / "nowhere"}, {"a"}).empty());
    EXPECT_TRUE(existing_files({}, {"a"}).empty());
}

TEST(Photographs, FilesWithoutTheirRowAreRemovedAgain) {
    const TemporaryFolder folder;
    {
        NewFiles lost, kept;
        lost.add(folder.fill("lost", "x"));
        kept.add(folder.fill("kept", "x"));
        kept.keep();
    }
    EXPECT_FALSE(fs::exists(folder / "lost"));
    EXPECT_TRUE(fs::exists(folder / "kept"));
}

}  // namespace
}  // namespace affectsr::cli
