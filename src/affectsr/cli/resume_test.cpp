#include "affectsr/cli/resume.h"

#include <gtest/gtest.h>

#include "affectsr/base/temporary_folder.h"

namespace affectsr::cli {
namespace {

std::string row(const std::string& input) {
    return row_text(RowFormat::jsonl, failed_row(input, "not_found", "gone"), true, true);
}

std::vector<Input> inputs(const std::vector<std::string>& names) {
    std::vector<Input> list;
    for (const std::string& name : names) list.push_back({name, name, "", ""});
    return list;
}

using Indices = std::vector<std::size_t>;

TEST(Resume, InputsWithARowAreLeftOut) {
    const TemporaryFolder folder;
    Account account;
    const FinishedRows finished = read_finished_rows(folder.fill("rows", row("a") + row("b")), account);
    EXPECT_EQ(without_rows(inputs({"a", "b", "c", "d"}), finished), (Indices{2, 3}));
    EXPECT_EQ(account.earlier, 2u);
    EXPECT_EQ(account.failures["not_found"], 2u);
    EXPECT_FALSE(finished.cut_off);
}

TEST(Resume, ARowThatWasCutOffDoesNotCount) {
    const TemporaryFolder folder;
    Account account;
    const std::string half = row("b").substr(0, 20);
    const FinishedRows finished = read_finished_rows(folder.fill("rows", row("a") + half), account);
    EXPECT_TRUE(finished.cut_off);
    EXPECT_EQ(finished.whole_bytes, row("a").size());
    EXPECT_EQ(without_rows(inputs({"a", "b"}), finished), Indices{1});
}

TEST(Resume, ARowWithoutItsLineEndIsCutOff) {
    const TemporaryFolder folder;
    Account account;
    std::string last = row("b");
    last.pop_back();
    EXPECT_EQ(without_rows(inputs({"a", "b"}), read_finished_rows(folder.fill("rows", row("a") + last), account)),
              Indices{1});
}

TEST(Resume, AnInputNamedTwiceNeedsTwoRows) {
    const TemporaryFolder folder;
    Account account;
    EXPECT_EQ(
        without_rows(inputs({"a", "a", "a"}), read_finished_rows(folder.fill("rows", row("a") + row("a")), account)),
        Indices{2});
}

TEST(Resume, NamesWithBrokenBytesAreFoundAgain) {
    const TemporaryFolder folder;
    Account account;
    EXPECT_EQ(without_rows(inputs({"a\xff", "b"}), read_finished_rows(folder.fill("rows", row("a\xff")), account)),
              Indices{1});
}

TEST(Resume, WithoutAFileEverythingIsLeft) {
    const TemporaryFolder folder;
    Account account;
    EXPECT_EQ(without_rows(inputs({"a"}), read_finished_rows(folder / "rows", account)), Indices{0});
}

TEST(Resume, AFileOfSomethingElseIsRefusedByItsLine) {
    const TemporaryFolder folder;
    for (const char* line : {"hello\n", "{}\n", "[1]\n", "{\"input\":3}\n"}) {
        Account account;
        try {
            read_finished_rows(folder.fill("rows", row("a") + line), account);
            FAIL() << line;
        } catch (const UsageError& error) {
            EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos) << error.what();
        }
    }
}

}  // namespace
}  // namespace affectsr::cli
