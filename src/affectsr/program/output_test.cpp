#include "affectsr/program/output.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"

namespace affectsr::cli {
namespace {

namespace fs = std::filesystem;

TEST(Output, RowsAreInTheFileAsSoonAsTheyAreWritten) {
    const TemporaryFolder folder;
    Output output(folder / "rows", IfExists::refuse);
    output.write("one\n");
    EXPECT_EQ(content_of(folder / "rows"), "one\n");
}

TEST(Output, AnExistingFileIsRefused) {
    const TemporaryFolder folder;
    folder.fill("rows", "old");
    EXPECT_THROW(Output(folder / "rows", IfExists::refuse), UsageError);
    EXPECT_EQ(content_of(folder / "rows"), "old");
}

TEST(Output, OverwritingKeepsTheOldFileUntilTheNewOneIsFinished) {
    const TemporaryFolder folder;
    folder.fill("rows", "old");
    Output output(folder / "rows", IfExists::overwrite);
    output.write("new");
    EXPECT_EQ(content_of(folder / "rows"), "old");
    output.finish();
    EXPECT_EQ(content_of(folder / "rows"), "new");
    EXPECT_FALSE(fs::exists(folder / "rows.part"));
}

TEST(Output, OverwritingThroughALinkKeepsTheLink) {
    const TemporaryFolder folder;
    folder.fill("rows", "old");
    fs::create_symlink("rows", folder / "link");
    Output output(folder / "link", IfExists::overwrite);
    output.write("new");
    output.finish();
    EXPECT_TRUE(fs::is_symlink(folder / "link"));
    EXPECT_EQ(content_of(folder / "rows"), "new");
}

TEST(Output, AppendingWritesBehind) {
    const TemporaryFolder folder;
    folder.fill("rows", "one\n");
    Output output(folder / "rows", IfExists::append);
    output.write("two\n");
    output.finish();
    EXPECT_EQ(content_of(folder / "rows"), "one\ntwo\n");
}

TEST(Output, AFileThatGotNothingIsRemovedAgain) {
    const TemporaryFolder folder;
    folder.fill("old", "old");
    { const Output fresh(folder / "rows", IfExists::refuse), over(folder / "old", IfExists::overwrite); }
    EXPECT_FALSE(fs::exists(folder / "rows"));
    EXPECT_FALSE(fs::exists(folder / "old.part"));
    EXPECT_EQ(content_of(folder / "old"), "old");
}

TEST(Output, AFinishedFileStaysThoughItIsEmpty) {
    const TemporaryFolder folder;
    { Output(folder / "rows", IfExists::refuse).finish(); }
    EXPECT_TRUE(fs::exists(folder / "rows"));
}

TEST(Output, AFolderIsNoOutput) {
    const TemporaryFolder folder;
    EXPECT_THROW(Output(folder.path(), IfExists::overwrite), UsageError);
}

TEST(Output, AMissingFolderIsNamed) {
    const TemporaryFolder folder;
    try {
        Output output(folder / "nowhere/rows", IfExists::refuse);
        FAIL() << "opened";
    } catch (const ResourceError& error) {
        EXPECT_EQ(error.code(), "cannot_write");
        EXPECT_NE(std::string(error.what()).find("nowhere/rows"), std::string::npos);
    }
}

TEST(Output, AFullDiskIsAResourceError) {
    const TemporaryFolder folder;
    if (!fs::exists("/dev/full")) GTEST_SKIP() << "no /dev/full here";
    Output output("/dev/full", IfExists::refuse);
    try {
        output.write("row\n");
        FAIL() << "written";
    } catch (const ResourceError& error) {
        EXPECT_NE(std::string(error.what()).find("/dev/full"), std::string::npos) << error.what();
    }
}

TEST(Output, AReaderWhoLeftIsNoError) {
    const TemporaryFolder folder;
    signal(SIGPIPE, SIG_IGN);
    const fs::path pipe = folder / "pipe";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    const int reader = open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
    ASSERT_GE(reader, 0);
    Output output(pipe, IfExists::refuse);
    output.write("row\n");
    close(reader);
    EXPECT_THROW(output.write("row\n"), ReaderGone);
}

TEST(Output, AStoppedRunLeavesTheOldFileAndItsOwnPart) {
    const TemporaryFolder folder;
    folder.fill("rows", "old, and whole");
    {
        Output output(folder / "rows", IfExists::overwrite);
        output.write("new");
        output.stop();
    }
    EXPECT_EQ(content_of(folder / "rows"), "old, and whole");
    EXPECT_EQ(content_of(folder / "rows.part"), "new");
}

TEST(Output, WhereThePartLiesIsSaid) {
    const TemporaryFolder folder;
    folder.fill("rows", "old");
    testing::internal::CaptureStderr();
    {
        Output output(folder / "rows", IfExists::overwrite);
        output.write("new");  // and then an error: neither finished nor stopped
    }
    const std::string said = testing::internal::GetCapturedStderr();
    EXPECT_NE(said.find((folder / "rows.part").string()), std::string::npos) << said;
    EXPECT_NE(said.find("untouched"), std::string::npos) << said;
}

TEST(Output, AStoppedRunKeepsWhatItWroteToANewFile) {
    const TemporaryFolder folder;
    testing::internal::CaptureStderr();
    {
        Output output(folder / "rows", IfExists::refuse);
        output.write("one\n");
        output.stop();
    }
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
    EXPECT_EQ(content_of(folder / "rows"), "one\n");
}

TEST(Output, ThePartOfAnEarlierRunIsReplaced) {
    const TemporaryFolder folder;
    folder.fill("rows", "old");
    folder.fill("rows.part", "what a stopped run left, and it was long");
    Output output(folder / "rows", IfExists::overwrite);
    output.write("new");
    output.finish();
    EXPECT_EQ(content_of(folder / "rows"), "new");
}

TEST(Output, AnInputIsNeverWrittenOnto) {
    const TemporaryFolder folder;
    InputFiles inputs;
    inputs.add(folder.fill("photo", "photo"));
    inputs.add(folder.fill("rows.part", "another photo"));
    folder.fill("rows", "old");
    fs::create_symlink("photo", folder / "link");
    for (const IfExists if_exists : {IfExists::refuse, IfExists::overwrite, IfExists::append})
        for (const char* name : {"photo", "link"})
            EXPECT_THROW(Output(folder / name, if_exists, inputs), UsageError) << name;
    EXPECT_THROW(Output(folder / "rows", IfExists::overwrite, inputs), UsageError);
    EXPECT_EQ(content_of(folder / "photo"), "photo");
    EXPECT_EQ(content_of(folder / "rows.part"), "another photo");
}

TEST(Output, TwoRunsDoNotWriteOneFile) {
    const TemporaryFolder folder;
    folder.fill("rows", "one\n");
    const Output first(folder / "rows", IfExists::append);
    EXPECT_THROW(Output(folder / "rows", IfExists::append), UsageError);
    Output over(folder / "rows", IfExists::overwrite);
    over.write("two\n");
    EXPECT_THROW(Output(folder / "rows", IfExists::overwrite), UsageError);
    EXPECT_EQ(content_of(folder / "rows.part"), "two\n");
    over.finish();
}

TEST(Output, APipeThatIsFullForNowLosesNothing) {
    const TemporaryFolder folder;
    const fs::path pipe = folder / "pipe";
    ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
    const int reader = open(pipe.c_str(), O_RDONLY | O_NONBLOCK);
    ASSERT_GE(reader, 0);
    const std::string text(300000, 'x');  // more than a pipe holds
    const int keeper = dup(STDOUT_FILENO), writer = open(pipe.c_str(), O_WRONLY | O_NONBLOCK);
    ASSERT_EQ(dup2(writer, STDOUT_FILENO), STDOUT_FILENO);  // as a shell hands it over
    close(writer);
    std::thread writing([&text] { Output().write(text); });
    std::string got;
    for (char block[4096]; got.size() < text.size();)
        if (const ssize_t n = read(reader, block, sizeof block); n > 0) got.append(block, static_cast<std::size_t>(n));
    writing.join();
    dup2(keeper, STDOUT_FILENO);
    close(keeper);
    close(reader);
    EXPECT_EQ(got, text);
}

}  // namespace
}  // namespace affectsr::cli
