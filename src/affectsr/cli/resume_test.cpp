#include "affectsr/cli/resume.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/cli/rows.h"

namespace affectsr::cli {
namespace {

std::string row(const std::string& input) {
    return row_text({}, failed_row(input, "not_found", "gone"), true);
}

std::vector<Input> inputs(const std::vector<std::string>& names) {
    std::vector<Input> list;
    for (const std::string& name : names) list.push_back({name, name, "", ""});
    return list;
}

using Indices = std::vector<std::size_t>;

/// Which of the inputs have no row.
Indices left(const std::vector<std::string>& names, const FinishedRows& finished) {
    Indices left;
    const std::vector<const FinishedRow*> rows = match_rows(inputs(names), finished);
    for (std::size_t i = 0; i < rows.size(); ++i)
        if (!rows[i]) left.push_back(i);
    return left;
}

TEST(Resume, InputsWithARowAreLeftOut) {
    const TemporaryFolder folder;
    const FinishedRows finished = read_finished_rows(folder.fill("rows", row("a") + row("b")));
    EXPECT_EQ(left({"a", "b", "c", "d"}, finished), (Indices{2, 3}));
    EXPECT_EQ(match_rows(inputs({"a"}), finished)[0]->error_code, "not_found");
    EXPECT_FALSE(finished.cut_off);
}

TEST(Resume, RowsOfOtherInputsAreNobodys) {
    const TemporaryFolder folder;
    const FinishedRows finished = read_finished_rows(folder.fill("rows", row("other") + row("a") + row("another")));
    const auto rows = match_rows(inputs({"a", "b"}), finished);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_NE(rows[0], nullptr);
    EXPECT_EQ(rows[1], nullptr);
}

TEST(Resume, ARowThatWasCutOffDoesNotCount) {
    const TemporaryFolder folder;
    const std::string half = row("b").substr(0, 20);
    const FinishedRows finished = read_finished_rows(folder.fill("rows", row("a") + half));
    EXPECT_TRUE(finished.cut_off);
    EXPECT_EQ(finished.whole_bytes, row("a").size());
    EXPECT_EQ(left({"a", "b"}, finished), Indices{1});
}

TEST(Resume, ARowWithoutItsLineEndIsCutOff) {
    const TemporaryFolder folder;
    std::string last = row("b");
    last.pop_back();
    EXPECT_EQ(left({"a", "b"}, read_finished_rows(folder.fill("rows", row("a") + last))), Indices{1});
}

TEST(Resume, WhatIsNoBeginningOfARowIsNotCutOff) {
    const TemporaryFolder folder;
    for (const std::string& text : {std::string("a letter without a line end"), std::string("\0\0\0", 3)})
        for (const std::string& before : {std::string(), row("a")})
            EXPECT_THROW(read_finished_rows(folder.fill("rows", before + text)), UsageError) << text;
}

TEST(Resume, AnInputNamedTwiceNeedsTwoRows) {
    const TemporaryFolder folder;
    EXPECT_EQ(left({"a", "a", "a"}, read_finished_rows(folder.fill("rows", row("a") + row("a")))), Indices{2});
}

TEST(Resume, NamesWithBrokenBytesAreFoundAgain) {
    const TemporaryFolder folder;
    EXPECT_EQ(left({"a\xff", "b"}, read_finished_rows(folder.fill("rows", row("a\xff")))), Indices{1});
}

TEST(Resume, WithoutAFileEverythingIsLeft) {
    const TemporaryFolder folder;
    EXPECT_EQ(left({"a"}, read_finished_rows(folder / "rows")), Indices{0});
}

TEST(Resume, RowsKeepTheStemsOfTheirPictures) {
    const TemporaryFolder folder;
    Row with_picture, with_strip, with_neither;
    with_picture.input = "a/x.png";
    with_picture.picture = "out/x_2.jpg";
    with_strip.input = "b/x.png";
    with_strip.faces.resize(2);
    with_strip.faces[1].strip = "out/x.face2.png";
    with_neither.input = "c";
    const FinishedRows finished = read_finished_rows(folder.fill(
        "rows", row_text({}, with_picture, true) + row_text({}, with_strip, true) + row_text({}, with_neither, true)));
    const auto rows = match_rows(inputs({"a/x.png", "b/x.png", "c"}), finished);
    EXPECT_EQ(rows[0]->stem, "x_2");
    EXPECT_EQ(rows[1]->stem, "x");
    EXPECT_EQ(rows[2]->stem, "");
    EXPECT_EQ(finished.stems(), (std::vector<std::string>{"x_2", "x"}));
}

TEST(Resume, AFileOfSomethingElseIsRefusedByItsLine) {
    const TemporaryFolder folder;
    for (const char* line : {"hello\n", "{}\n", "[1]\n", "{\"input\":3}\n"}) {
        try {
            read_finished_rows(folder.fill("rows", row("a") + line));
            FAIL() << line;
        } catch (const UsageError& error) {
            EXPECT_NE(std::string(error.what()).find("line 2"), std::string::npos) << error.what();
        }
    }
}

}  // namespace
}  // namespace affectsr::cli
