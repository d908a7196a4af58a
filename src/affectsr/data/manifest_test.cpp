#include "affectsr/data/manifest.h"

#include <gtest/gtest.h>

#include "affectsr/data/catalog.h"
#include "affectsr/data/test_picture_folder.h"
#include "affectsr/data/text_list.h"

namespace affectsr {
namespace {

std::unique_ptr<Dataset> open(const PictureFolder& folder, const std::string& split = "") {
    return open_dataset("manifest", {{"root", folder.path().string()}, {"split", split}});
}

// What opening a manifest with this text says.
std::string refusal_of(std::string_view manifest, const std::string& split = "") {
    const PictureFolder folder;
    folder.write("manifest.csv", manifest);
    return refusal([&] { open(folder, split); });
}

void expect_text(const std::string& what, std::initializer_list<const char*> parts) {
    for (const char* part : parts) EXPECT_NE(what.find(part), std::string::npos) << what;
}

TEST(Manifest, ReadsPicturesWithLabelSplitAndSubject) {
    const PictureFolder folder;
    folder.picture("train/a.png", 10);
    folder.picture("val/b.png", 200);
    folder.write("manifest.csv", "path,label,split,subject\ntrain/a.png,happy,train,Ann\nval/b.png,,val,Bob\n");
    const auto dataset = open(folder);
    ASSERT_EQ(dataset->size(), 2u);
    EXPECT_EQ(dataset->card().splits, (std::vector<std::string>{"train", "val"}));
    const Sample sample = dataset->at(0);
    EXPECT_EQ(sample.picture, Image(4, 4, 10));
    EXPECT_EQ(sample.info.label, Emotion::happiness);
    EXPECT_EQ(sample.info.subject, "Ann");
    EXPECT_EQ(sample.info.row, 2);
    EXPECT_EQ(dataset->info(1).label, std::nullopt);
    EXPECT_TRUE(dataset->info(1).usable);
}

TEST(Manifest, IsNamedAfterItsFolderAndKnownByItsHash) {
    const PictureFolder folder;
    folder.write("faces/manifest.csv", "path,source\na.png,LFW\nb.png,LFW\nc.png,Yale\n");
    const auto root = (folder.path() / "faces").string();
    for (const std::string& spelled : {root, root + "/", root + "/."}) {
        const auto dataset = open_dataset("manifest", {{"root", spelled}});
        EXPECT_EQ(dataset->card().name, "faces") << spelled;
        EXPECT_EQ(dataset->card().source, "LFW; Yale");
        EXPECT_EQ(dataset->card().sha256, sha256_of("path,source\na.png,LFW\nb.png,LFW\nc.png,Yale\n"));
    }
}

TEST(Manifest, FindsColumnsInAnyOrderDespiteBlanksMarkAndLineEnds) {
    const PictureFolder folder;
    folder.write("manifest.csv", "\xEF\xBB\xBF Label , identity,width, PATH\r\n\"Sad\", S1 ,4,\"a,b.png\"\r\n");
    const auto dataset = open(folder);
    EXPECT_EQ(dataset->info(0).label, Emotion::sadness);
    EXPECT_EQ(dataset->info(0).subject, "S1");
    EXPECT_EQ(dataset->info(0).path, folder.path() / "a,b.png");
}

TEST(Manifest, ASplitIsChosenInAnyCase) {
    const PictureFolder folder;
    folder.write("manifest.csv", "path,split\na.png,Training\nb.png,PublicTest\nc.png,Training\n");
    const auto dataset = open(folder, " training");
    ASSERT_EQ(dataset->size(), 2u);
    EXPECT_EQ(dataset->info(1).row, 4);
    EXPECT_EQ(dataset->card().splits.size(), 2u) << "the card tells all splits, not only the chosen one";
}

TEST(Manifest, AnUnknownSplitIsRefusedNamingTheKnownOnes) {
    expect_text(refusal_of("path,split\na.png,Training\nb.png,PublicTest\n", "test"),
                {"unknown_split", "\"test\"", "Training, PublicTest"});
    expect_text(refusal_of("path\na.png\n", "test"), {"unknown_split", "leave the split empty"});
}

TEST(Manifest, BlankPicturesAndCopiesOfAnotherSplitAreNotUsable) {
    const PictureFolder folder;
    folder.write("manifest.csv", "path,blank,dup_in_other_split\na,0,0\nb,1,0\nc,0,1\nd,,\ne,False,TRUE\n");
    const auto dataset = open(folder);
    const std::vector<bool> expected = {true, false, false, true, false};
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(dataset->info(i).usable, expected[i]) << i;
}

TEST(Manifest, ReadsTheTenVotesOrNone) {
    const std::string columns =
        "path,ferplus_NF,ferplus_neutral,ferplus_happiness,ferplus_surprise,ferplus_sadness,ferplus_anger,"
        "ferplus_disgust,ferplus_fear,ferplus_contempt,ferplus_unknown\n";
    const PictureFolder folder;
    folder.write("manifest.csv", columns + "a,9,0,1,2,3,4,5,6,7,8\nb,,,,,,,,,,\n");
    const auto dataset = open(folder);
    EXPECT_EQ(dataset->info(0).votes, (FerPlusVotes{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
    EXPECT_EQ(dataset->info(1).votes, std::nullopt);
    expect_text(refusal_of(columns + "a,9,0,1,2,x,4,5,6,7,8\n"), {"manifest.csv: line 2", "\"x\"", "ferplus_sadness"});
    expect_text(refusal_of(columns + "a,9,0,1,2,,4,5,6,7,8\n"), {"line 2", "ferplus_sadness"});
    expect_text(refusal_of(columns + "a,9,0,1,2,-1,4,5,6,7,8\n"), {"line 2", "\"-1\""});
    expect_text(refusal_of("path,ferplus_neutral\na,1\n"), {"no \"ferplus_happiness\""});
}

TEST(Manifest, AWordThatIsNoEmotionLeavesThePictureUnlabelled) {
    const PictureFolder folder;
    folder.write("manifest.csv", "path,label\na,bored\nb,contempt\n");
    const auto dataset = open(folder);
    EXPECT_EQ(dataset->info(0).label, std::nullopt);
    EXPECT_EQ(dataset->info(1).label, Emotion::contempt);
}

TEST(Manifest, PicturesThatStandTwiceAreCountedInAWarning) {
    const PictureFolder folder;
    folder.write("manifest.csv", "path,label\na,happy\nb,sad\na,happy\nb,fear\n");
    testing::internal::CaptureStderr();
    const auto dataset = open(folder);
    const std::string warned = testing::internal::GetCapturedStderr();
    EXPECT_EQ(dataset->size(), 4u) << "what is listed is there";
    EXPECT_NE(warned.find("2 rows name a picture that an earlier row names (1 with another label)"), std::string::npos)
        << warned;
}

TEST(Manifest, APathThatLeavesTheFolderIsRefusedNamingFileAndRow) {
    for (const char* path : {"../secret.png", "a/../../b.png", "/etc/passwd", "a/.."}) {
        expect_text(refusal_of("path\nfine.png\n" + std::string(path) + "\n"),
                    {"dataset_unreadable", "manifest.csv: line 3", path});
    }
    expect_text(refusal_of("path,label\n ,happy\n"), {"manifest.csv: line 2", "empty path"});
}

TEST(Manifest, ARowWithAnotherNumberOfCellsIsRefused) {
    expect_text(refusal_of("path,label\na.png,happy\nb.png\n"), {"manifest.csv: line 3 has 1 cells", "has 2"});
    expect_text(refusal_of("path,label\na.png,happy,x\n"), {"manifest.csv: line 2 has 3 cells"});
}

TEST(Manifest, AFlagThatIsNoneIsRefused) {
    expect_text(refusal_of("path,blank\na,maybe\n"), {"manifest.csv: line 2", "\"maybe\"", "blank"});
}

TEST(Manifest, AMissingOrEmptyListIsRefused) {
    const PictureFolder folder;
    const std::string list = (folder.path() / "manifest.csv").string();
    expect_text(refusal([&] { open(folder); }), {"dataset_unreadable", list.c_str()});
    expect_text(refusal_of(""), {"dataset_unreadable", "is empty"});
    expect_text(refusal_of("path,label\n"), {"dataset_unreadable", "has no picture"});
    expect_text(refusal_of("file,label\na,b\n"), {"no column \"path\"", "file, label"});
    expect_text(refusal([] { open_dataset("manifest", {{"root", "/no/such/folder"}}); }), {"/no/such/folder"});
    expect_text(refusal([] { open_dataset("manifest", Json::object()); }), {"bad_setting", "root"});
}

TEST(Manifest, AMissingOrBrokenPictureNamesItselfAndItsRow) {
    const PictureFolder folder;
    folder.picture("good.png");
    folder.write("broken.png", "this is no picture");
    folder.write("manifest.csv", "path\ngood.png\nmissing.png\nbroken.png\n");
    const auto dataset = open(folder);
    EXPECT_NO_THROW(dataset->at(0));
    const std::string missing = (folder.path() / "missing.png").string(),
                      broken = (folder.path() / "broken.png").string();
    expect_text(refusal([&] { dataset->at(1); }), {"not_found", "manifest.csv line 3", missing.c_str()});
    expect_text(refusal([&] { dataset->at(2); }), {"unknown_format", "manifest.csv line 4", broken.c_str()});
    EXPECT_THROW(dataset->at(3), Bug);
    EXPECT_THROW(dataset->info(3), Bug);
}

}  // namespace
}  // namespace affectsr
