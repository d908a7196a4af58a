#include "affectsr/cli/analyze.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "affectsr/image/codec.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

namespace fs = std::filesystem;

/// `count` pictures a.00.png, a.01.png, … that --already-cropped takes as faces.
void fill_faces(const TemporaryFolder& folder, int count) {
    for (int i = 0; i < count; ++i) {
        char name[32];
        std::snprintf(name, sizeof name, "faces/a.%02d.png", i);
        folder.fill(name, text_of(encode_png(stripes(24 + i, 24 + i, i))));
    }
}

std::size_t lines(const std::string& text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// What every input of a run became: "ok" or the code of its error, by its name.
std::map<std::string, std::string> fates(const std::string& jsonl) {
    std::map<std::string, std::string> fates;
    for (const Json& row : rows_of(jsonl))
        fates[row["input"]] = row["error"].is_null() ? "ok" : row["error"]["code"].get<std::string>();
    return fates;
}

TEST(Analyze, EveryHostileInputHasARowAndTheRunGoesOn) {
    const TemporaryFolder folder;
    const std::string good = text_of(encode_jpeg(stripes(60, 60)));
    folder.fill("good.jpg", good);
    folder.fill("in/empty.jpg", "");
    folder.fill("in/text.png", "dear photo, I am a letter");
    folder.fill("in/truncated.jpg", good.substr(0, good.size() / 2));
    folder.fill("in/huge.png", png_header(30000, 30000));
    folder.fill("in/wide.png", png_header(0x7FFFFFFF, 1));
    folder.fill("in/x.jpg/inside.png", text_of(encode_png(stripes(9, 9))));
    folder.fill("in/old.gif", "GIF89a");
    folder.fill("in/new\nline.jpg", good);
    folder.fill("in/br\xff\xfeken.jpg", good);
    folder.fill("in/" + std::string(251, 'n') + ".jpg", good);
    folder.fill("-dash.jpg", good);
    fs::create_directories(folder / "in/y.jpg");
    fs::create_directories(folder / "nothing");
    fs::create_symlink("loop.jpg", folder / "in/loop.jpg");
    const Ran ran = run(folder, "mkfifo in/pipe.jpg; timeout 1000 " AFFECTSR_PROGRAM
                                " analyze --already-cropped good.jpg in nothing gone.jpg '*.webp' /dev/zero "
                                "\"$(printf 'long%.0s' {1..1200})\" -- -dash.jpg");
    EXPECT_EQ(ran.exit_code, 3) << ran.err;
    EXPECT_LT(ran.peak_kib, 1 << 20);
    const auto fate = fates(ran.out);
    EXPECT_EQ(lines(ran.out), 20u) << ran.out;
    const std::map<std::string, std::string> expected = {{"good.jpg", "ok"},
                                                         {"in/empty.jpg", "empty_file"},
                                                         {"in/text.png", "unknown_format"},
                                                         {"in/truncated.jpg", "truncated"},
                                                         {"in/huge.png", "too_large"},
                                                         {"in/wide.png", "too_large"},
                                                         {"in/x.jpg/inside.png", "ok"},
                                                         {"in/y.jpg", "empty_folder"},
                                                         {"in/old.gif", "unknown_format"},
                                                         {"in/new\nline.jpg", "ok"},
                                                         {"in/br\uFFFD\uFFFDken.jpg", "ok"},
                                                         {"in/pipe.jpg", "not_a_file"},
                                                         {"nothing", "empty_folder"},
                                                         {"gone.jpg", "not_found"},
                                                         {"*.webp", "no_match"},
                                                         {"/dev/zero", "not_a_file"},
                                                         {"./-dash.jpg", "ok"}};
    for (const auto& [input, code] : expected) EXPECT_EQ(fate.count(input) ? fate.at(input) : "no row", code) << input;
    EXPECT_EQ(fate.at("in/" + std::string(251, 'n') + ".jpg"), "ok");
    EXPECT_NE(fate.at("in/loop.jpg"), "ok");
    EXPECT_NE(ran.err.find("20 inputs seen, "), std::string::npos) << ran.err;
}

/// What root types in front of a program that must not be allowed more than others are, and anybody else does not need.
std::string without_privileges() {
    return geteuid() == 0 ? "setpriv --bounding-set=-dac_override,-dac_read_search "
                            "--inh-caps=-dac_override,-dac_read_search "
                          : "";
}

TEST(Analyze, WhatMayNotBeReadHasARow) {
    const TemporaryFolder folder;
    folder.fill("secret.jpg", "x");
    folder.fill("closed/a.jpg", "x");
    const Ran ran = run(folder, "chmod 000 secret.jpg closed; " + without_privileges() +
                                    AFFECTSR_PROGRAM
                                    " analyze --already-cropped secret.jpg closed; code=$?; "
                                    "chmod 700 closed; exit $code");
    EXPECT_EQ(ran.exit_code, 3) << ran.err;
    const auto fate = fates(ran.out);
    EXPECT_EQ(fate.at("secret.jpg"), "not_readable");
    EXPECT_EQ(fate.at("closed"), "not_readable");
}

TEST(Analyze, NoPartOfAFolderIsLeftOutInSilence) {
    const TemporaryFolder folder;
    const std::string good = text_of(encode_png(stripes(30, 30)));
    for (const char* name : {"all/open/a.png", "all/none/b.png", "all/list/c.png", "all/list/deeper/d.png"})
        folder.fill(name, good);
    fs::create_symlink("gone", folder / "all/to_nowhere");
    fs::create_symlink("circle", folder / "all/circle");
    fs::create_symlink("list/deeper", folder / "all/to_deeper");
    const std::string analyze = without_privileges() + AFFECTSR_PROGRAM + " analyze --already-cropped ";
    const Ran ran = run(folder, "chmod 000 all/none; chmod 400 all/list\n" + analyze + "all > walked; code=$?\n" +
                                    analyze + "'all/*/*.png' > matched; echo $?; chmod 700 all/*/; exit $code");
    EXPECT_EQ(ran.exit_code, 3) << ran.err;
    EXPECT_EQ(ran.out, "3\n");
    const std::map<std::string, std::string> walked = {
        {"all/open/a.png", "ok"},           {"all/none", "not_readable"},
        {"all/list/c.png", "not_readable"}, {"all/list/deeper", "not_readable"},
        {"all/to_nowhere", "not_found"},    {"all/circle", "not_readable"},
        {"all/to_deeper", "not_readable"}};
    EXPECT_EQ(fates(content_of(folder / "walked")), walked);
    const auto matched = fates(content_of(folder / "matched"));
    EXPECT_EQ(matched.count("all/none") ? matched.at("all/none") : "no row", "not_readable");
    EXPECT_EQ(matched.count("all/list/c.png") ? matched.at("all/list/c.png") : "no row", "not_readable");
}

TEST(Analyze, TooFewDescriptorsAreNoFaultOfTheFolders) {
#ifdef __SANITIZE_ADDRESS__
    GTEST_SKIP() << "the undefined-behaviour sanitizer needs descriptors to look at an object's type";
#endif
    const TemporaryFolder folder;
    fill_faces(folder, 2);
    const Ran ran = run(folder, "ulimit -n 5; exec " AFFECTSR_PROGRAM " analyze faces --already-cropped");
    EXPECT_EQ(ran.exit_code, 5) << ran.out << ran.err;
    EXPECT_EQ(ran.out, "");
}

TEST(Analyze, RowsHaveTheSchemaWhateverHappens) {
    const TemporaryFolder folder;
    folder.fill("a.png", text_of(encode_png(stripes(48, 48))));
    folder.fill("black.png", text_of(encode_png(Image(48, 48))));
    folder.fill("dot.png", text_of(encode_png(Image(1, 1, 200))));
    folder.fill("line.png", text_of(encode_png(stripes(2, 200))));
    const Ran ran = run(folder, "affectsr analyze --already-cropped *.png gone.png");
    EXPECT_EQ(ran.exit_code, 3) << ran.err;
    const std::vector<Json> rows = rows_of(ran.out);
    ASSERT_EQ(rows.size(), 5u);
    for (const Json& row : rows)
        for (const char* key : {"input", "status", "error", "width", "height", "faces", "ms"})
            EXPECT_TRUE(row.contains(key)) << key << " in " << row;
    const Json& face = rows[0]["faces"][0];
    EXPECT_EQ(face["probabilities"].size(), 7u);
    double sum = 0;
    for (const auto& [name, probability] : face["probabilities"].items()) sum += probability.get<double>();
    EXPECT_NEAR(sum, 1, 1e-4);
    for (const std::size_t odd : {1u, 2u, 3u}) {
        const Json& answer = rows[odd]["faces"][0];
        EXPECT_EQ(answer["expression"], "undetermined") << rows[odd];
        EXPECT_TRUE(answer["reason"].is_string()) << rows[odd];
    }
}

TEST(Analyze, RowsAreTheSameForAnyNumberOfThreads) {
    const TemporaryFolder folder;
    fill_faces(folder, 12);
    const Ran ran = run(folder,
                        "for n in 1 2 5; do affectsr analyze faces --already-cropped --no-timings -q --threads $n "
                        "> rows.$n || exit; done; cmp rows.1 rows.2 && cmp rows.1 rows.5");
    EXPECT_EQ(ran.exit_code, 0) << ran.err << ran.out;
    const std::vector<Json> rows = rows_of(content_of(folder / "rows.1"));
    ASSERT_EQ(rows.size(), 12u);
    for (std::size_t i = 1; i < rows.size(); ++i) EXPECT_LT(rows[i - 1]["input"], rows[i]["input"]);
}

TEST(Analyze, FacesAreReadInAsManyViewsAsAsked) {
    const TemporaryFolder folder;
    fill_faces(folder, 1);
    const std::string line = "affectsr analyze --already-cropped --no-timings --format jsonl faces";
    const Ran untold = run(folder, line), one = run(folder, line + " --views 1"),
              two = run(folder, line + " --views 2");
    EXPECT_EQ(two.exit_code, 0) << two.err;
    EXPECT_EQ(untold.out, one.out) << "the default";
    EXPECT_NE(two.out, one.out);
    const Ran three = run(folder, line + " --views 3");
    EXPECT_EQ(three.exit_code, 2);
    EXPECT_NE(three.err.find("from 1 to 2"), std::string::npos) << three.err;
}

TEST(Analyze, InputsComeFromStdinAndFromLists) {
    const TemporaryFolder folder;
    fill_faces(folder, 2);
    const Ran ran =
        run(folder,
            "affectsr analyze - --already-cropped < faces/a.00.png && "
            "find faces -name '*.png' -print0 | sort -z | affectsr analyze --files-from - -0 --already-cropped");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(fates(ran.out),
              (std::map<std::string, std::string>{{"-", "ok"}, {"faces/a.00.png", "ok"}, {"faces/a.01.png", "ok"}}));
}

TEST(Analyze, EveryFormatIsWhole) {
    const TemporaryFolder folder;
    fill_faces(folder, 3);
    const Ran ran = run(folder,
                        "for f in json csv text; do affectsr analyze faces gone.png --already-cropped --output rows.$f "
                        "--format $f; done");
    EXPECT_EQ(ran.exit_code, 3) << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(Json::parse(content_of(folder / "rows.json")).size(), 4u);
    EXPECT_EQ(lines(content_of(folder / "rows.csv")), 5u);
    EXPECT_NE(content_of(folder / "rows.text").find("gone.png: failed (not_found)"), std::string::npos);
}

TEST(Analyze, AResumedFileIsTheSameAsAnUninterruptedOne) {
    const TemporaryFolder folder;
    fill_faces(folder, 6);
    const std::string flags = " faces gone.jpg --already-cropped --no-timings -q --output ";
    ASSERT_EQ(run(folder, "affectsr analyze" + flags + "whole.jsonl").exit_code, 3);
    const std::string whole = content_of(folder / "whole.jsonl");
    const std::size_t third = whole.find('\n', whole.find('\n', whole.find('\n') + 1) + 1);
    for (const std::size_t bytes : {std::size_t{0}, std::size_t{5}, third, third + 1, whole.size() - 1, whole.size()}) {
        folder.fill("part.jsonl", whole.substr(0, bytes));
        const Ran ran = run(folder, "affectsr analyze --resume" + flags + "part.jsonl");
        EXPECT_EQ(ran.exit_code, 3) << ran.err;  // also if the failure is of the earlier run
        EXPECT_EQ(content_of(folder / "part.jsonl"), whole) << "cut after " << bytes << " bytes";
    }
}

TEST(Analyze, ASignalLeavesWholeRowsAndResumeCompletesThem) {
    for (const auto& [signal, code] : {std::pair{"INT", 130}, std::pair{"TERM", 143}}) {
        const TemporaryFolder folder;
        fill_faces(folder, 30);
        const std::string flags = " --files-from list --already-cropped --no-timings --threads 2 --output ";
        const Ran ran = run(folder, "for i in {1..12}; do ls faces/*; done > list\n" AFFECTSR_PROGRAM " analyze" +
                                        flags + "rows.jsonl & until [ -s rows.jsonl ]; do sleep 0.01; done; kill -" +
                                        signal + " $!; wait $!");
        EXPECT_EQ(ran.exit_code, code) << ran.err;
        EXPECT_NE(ran.err.find(std::string("stopped by SIG") + signal), std::string::npos) << ran.err;
        const std::string part = content_of(folder / "rows.jsonl");
        const std::vector<Json> rows = rows_of(part);
        ASSERT_GT(rows.size(), 0u);
        ASSERT_LT(rows.size(), 360u) << "the run ended before the signal";
        EXPECT_EQ(part.back(), '\n');
        for (const Json& row : rows) EXPECT_EQ(row["status"], "ok");
        const Ran resumed = run(folder, "affectsr analyze --resume" + flags + "rows.jsonl && affectsr analyze" + flags +
                                            "whole.jsonl && cmp rows.jsonl whole.jsonl");
        EXPECT_EQ(resumed.exit_code, 0) << resumed.err << resumed.out;
    }
}

TEST(Analyze, AReaderWhoLeavesEndsTheRunQuietly) {
    const TemporaryFolder folder;
    fill_faces(folder, 30);
    const Ran ran = run(folder,
                        "for i in {1..10}; do ls faces/*; done > list\n"
                        "affectsr analyze --files-from list --already-cropped | head -1; exit ${PIPESTATUS[0]}");
    EXPECT_EQ(ran.exit_code, 141);
    EXPECT_EQ(ran.err, "");
    EXPECT_EQ(lines(ran.out), 1u);
}

TEST(Analyze, AFullDiskGivesFiveAndNamesTheOutput) {
    const TemporaryFolder folder;
    fill_faces(folder, 4);
    const Ran file = run(folder, "affectsr analyze faces --already-cropped --output /dev/full --format jsonl");
    EXPECT_EQ(file.exit_code, 5);
    EXPECT_NE(file.err.find("cannot write /dev/full"), std::string::npos) << file.err;
    const Ran pipe = run(folder, "affectsr analyze faces --already-cropped > /dev/full");
    EXPECT_EQ(pipe.exit_code, 5);
    EXPECT_NE(pipe.err.find("cannot write stdout"), std::string::npos) << pipe.err;
}

TEST(Analyze, AFileThatMayGrowNoMoreKeepsTheOldOne) {
    const TemporaryFolder folder;
    fill_faces(folder, 10);
    folder.fill("rows.jsonl", "old");
    const Ran ran =
        run(folder, "ulimit -f 1; affectsr analyze faces --already-cropped --output rows.jsonl --overwrite");
    EXPECT_EQ(ran.exit_code, 5);
    EXPECT_NE(ran.err.find("rows.jsonl"), std::string::npos) << ran.err;
    EXPECT_EQ(content_of(folder / "rows.jsonl"), "old");
}

TEST(Analyze, ExistingOutputsAreRefusedUnlessOverwritten) {
    const TemporaryFolder folder;
    fill_faces(folder, 1);
    folder.fill("rows.jsonl", "old");
    folder.fill("out/a.00.jpg", "old");
    EXPECT_EQ(run(folder, "affectsr analyze faces --already-cropped --output rows.jsonl").exit_code, 2);
    EXPECT_EQ(content_of(folder / "rows.jsonl"), "old");
    EXPECT_EQ(run(folder, "affectsr analyze faces --already-cropped --pictures out").exit_code, 2);
    EXPECT_EQ(content_of(folder / "out/a.00.jpg"), "old");
    const Ran ran =
        run(folder, "affectsr analyze faces --already-cropped --pictures out --output rows.jsonl --overwrite");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(rows_of(content_of(folder / "rows.jsonl")).size(), 1u);
    EXPECT_GT(read_image(folder / "out/a.00.jpg").width, 0);
}

TEST(Analyze, PicturesOfEqualNamesLieSideBySideInTheirFolder) {
    const TemporaryFolder folder;
    for (const char* name : {"a/x.png", "b/x.png", "b/X.png", "..png"})
        folder.fill(name, text_of(encode_png(stripes(30, 30))));
    const Ran ran =
        run(folder, "affectsr analyze a b ..png --already-cropped --pictures out/p --strips out/s -q --format csv");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    std::vector<std::string> written;
    for (const auto& entry : fs::recursive_directory_iterator(folder / "out"))
        if (entry.is_regular_file()) written.push_back(fs::relative(entry.path(), folder / "out").string());
    std::sort(written.begin(), written.end());
    EXPECT_EQ(written, (std::vector<std::string>{"p/X_2.jpg", "p/photo.jpg", "p/x.jpg", "p/x_3.jpg", "s/X_2.face1.png",
                                                 "s/photo.face1.png", "s/x.face1.png", "s/x_3.face1.png"}));
}

TEST(Analyze, WithoutAFontPicturesHaveNoWordsAndTheRunSucceeds) {
    const TemporaryFolder folder;
    for (const char* name : {"a.png", "b.png"}) folder.fill(name, text_of(encode_png(stripes(30, 30))));
    const std::string line = "affectsr analyze a.png b.png --already-cropped -q -o r.jsonl --overwrite --strips ";
    EXPECT_EQ(run(folder, line + "with").err, "");
    const Ran ran = run(folder, "export AFFECTSR_FONTS=/nowhere; " + line + "without");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(std::count(ran.err.begin(), ran.err.end(), '\n'), 1) << "one warning for the whole run: " << ran.err;
    EXPECT_NE(ran.err.find("fonts-dejavu-core"), std::string::npos) << ran.err;
    const Image with = read_image(folder / "with/a.face1.png"), without = read_image(folder / "without/a.face1.png");
    EXPECT_EQ(with.size(), without.size());
    EXPECT_NE(with, without);
    EXPECT_EQ(run(folder, "AFFECTSR_FONTS=/nowhere; export AFFECTSR_FONTS; affectsr doctor").out.find("/nowhere"),
              std::string::npos);
}

}  // namespace
}  // namespace affectsr::cli
