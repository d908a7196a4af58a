#include "affectsr/program/open_streams.h"

#include <gtest/gtest.h>

#include "affectsr/image/codec.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

constexpr const char* kWays[] = {"", "<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-"};

bool closes_stdout(std::string way) {
    if (const std::size_t at = way.find("2>&-"); at != std::string::npos) way.erase(at);
    return way.find(">&-") != std::string::npos;
}

/// Runs the program with streams closed by /bin/sh. What it prints goes to the files .out and .err all the same.
Ran run_closed(const TemporaryFolder& folder, const std::string& words, const std::string& way) {
    return run(folder, std::string("/bin/sh -c 'exec \"$0\" ") + words + " " + way + "' " AFFECTSR_PROGRAM);
}

TEST(OpenStreams, ResultsAreWholeOrTheirLossIsTold) {
    const TemporaryFolder folder;
    folder.fill("a.png", text_of(encode_png(stripes(24, 24))));
    for (const char* words :
         {"analyze a.png --already-cropped --no-timings -q", "models list", "--version", "--help"}) {
        const Ran open = run_closed(folder, words, "");
        ASSERT_EQ(open.exit_code, 0) << words << open.err;
        for (const char* way : kWays) {
            const Ran ran = run_closed(folder, words, way);
            EXPECT_EQ(ran.exit_code, closes_stdout(way) ? 5 : 0) << words << " " << way;
            EXPECT_EQ(ran.out, closes_stdout(way) ? "" : open.out) << words << " " << way;
            const bool told = ran.err.find("cannot write stdout") != std::string::npos;
            EXPECT_EQ(told, closes_stdout(way) && std::string(way).find("2>&-") == std::string::npos) << words << way;
        }
    }
}

TEST(OpenStreams, NothingButRowsGetsIntoTheFileOfRows) {
    const TemporaryFolder folder;
    folder.fill("a.png", text_of(encode_png(stripes(24, 24))));
    for (const char* way : kWays) {
        const Ran ran = run_closed(
            folder, "analyze a.png gone.png --already-cropped --no-timings --output rows.jsonl --overwrite", way);
        EXPECT_EQ(ran.exit_code, 3) << way << ran.err;
        EXPECT_EQ(ran.out, "") << way;
        const std::vector<Json> rows = rows_of(content_of(folder / "rows.jsonl"));
        ASSERT_EQ(rows.size(), 2u) << way;
        for (const Json& row : rows) EXPECT_TRUE(row.is_object()) << way;
    }
}

TEST(OpenStreams, AClosedStdinIsAnInputThatCannotBeRead) {
    const TemporaryFolder folder;
    for (const char* way : {"<&-", "<&- 2>&-"}) {
        const Ran ran = run_closed(folder, "analyze - --already-cropped", way);
        EXPECT_EQ(ran.exit_code, 3) << way;
        const std::vector<Json> rows = rows_of(ran.out);
        ASSERT_EQ(rows.size(), 1u) << way;
        EXPECT_EQ(rows[0]["error"]["code"], "not_readable") << way;
        EXPECT_EQ(run_closed(folder, "analyze --files-from - --already-cropped", way).exit_code, 2) << way;
        EXPECT_EQ(run_closed(folder, "degrade - -o x.png", way).exit_code, 3) << way;
    }
}

}  // namespace
}  // namespace affectsr::cli
