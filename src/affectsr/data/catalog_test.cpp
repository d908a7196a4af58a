#include "affectsr/data/catalog.h"

#include <gtest/gtest.h>

#include "affectsr/base/log.h"
#include "affectsr/data/test_folder.h"

namespace affectsr {
namespace {

TEST(Catalog, EveryEntryRefusesAMissingFolderByName) {
    for (const Entry<Dataset>& entry : dataset_catalog()) {
        const std::string what = refusal([&] { open_dataset(entry.name, {{"root", "/no/such/folder"}}); });
        EXPECT_TRUE(what.starts_with("dataset_unreadable")) << entry.name << ": " << what;
        EXPECT_NE(what.find("/no/such/folder"), std::string::npos) << entry.name << ": " << what;
    }
}

TEST(Catalog, EveryEntryAsksForARootAndRefusesAnEmptyFolder) {
    const TestFolder folder;
    for (const Entry<Dataset>& entry : dataset_catalog()) {
        EXPECT_THROW(open_dataset(entry.name, Json::object()), UsageError) << entry.name;
        const std::string what = refusal([&] { open_dataset(entry.name, {{"root", folder.path().string()}}); });
        EXPECT_TRUE(what.starts_with("dataset_unreadable")) << entry.name << ": " << what;
    }
}

TEST(Catalog, EveryEntryKnowsItsSourceAndRefusesAnUnknownOption) {
    for (const Entry<Dataset>& entry : dataset_catalog()) {
        EXPECT_FALSE(entry.source.empty()) << entry.name;
        EXPECT_THROW(open_dataset(entry.name, {{"colour", "blue"}}), UsageError) << entry.name;
    }
}

TEST(Catalog, AnUnknownNameIsRefusedNamingTheKnownOnes) {
    const std::string what = refusal([] { open_dataset("imagenet", Json::object()); });
    EXPECT_TRUE(what.starts_with("unknown_dataset")) << what;
    EXPECT_NE(what.find("manifest, fer2013, fer2013_folders, raf_db, kdef"), std::string::npos) << what;
}

TEST(Catalog, TheAccountOfADataSetNamesItsClassCounts) {
    const TestFolder folder;
    folder.write("faces/manifest.csv", "path,label,blank\na,happy,0\nb,joy,1\nc,fear,0\nd,,0\n");
    testing::internal::CaptureStderr();
    set_log_level(LogLevel::info);
    open_dataset("manifest", {{"root", (folder.path() / "faces").string()}});
    set_log_level(LogLevel::warning);
    const std::string account = testing::internal::GetCapturedStderr();
    EXPECT_NE(account.find("faces: 4 faces (happiness 2, fear 1, unlabelled 1), 1 not usable, 0 skipped"),
              std::string::npos)
        << account;
}

}  // namespace
}  // namespace affectsr
