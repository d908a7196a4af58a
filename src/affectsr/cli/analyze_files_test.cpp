// What `analyze` writes, where, and what it leaves alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "affectsr/image/codec.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

namespace fs = std::filesystem;

std::string png(int seed) {
    return text_of(encode_png(stripes(30 + seed, 30, seed)));
}

/// Every file under the folder with its bytes.
std::map<std::string, std::string> bytes_under(const fs::path& folder) {
    std::map<std::string, std::string> bytes;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) bytes[fs::relative(entry.path(), folder).string()] = content_of(entry.path());
    return bytes;
}

TEST(AnalyzeFiles, NothingIsEverWrittenOntoAnInput) {
    const TemporaryFolder folder;
    for (int i = 0; i < 3; ++i) {
        folder.fill("photos/" + std::to_string(i) + ".jpg", text_of(encode_jpeg(stripes(40, 40, i))));
        folder.fill("faces/" + std::to_string(i) + ".face1.png", png(i));
    }
    fs::create_directory_symlink("photos", folder / "linked");
    folder.fill("list", "photos/0.jpg\n");
    fs::create_directories(folder / "out");
    fs::create_symlink("../photos/0.jpg", folder / "out/0.jpg");
    fs::create_hard_link(folder / "photos/1.jpg", folder / "out/1.jpg");
    const auto before = bytes_under(folder.path());
    for (const std::string line :
         {"photos --pictures photos -o r.jsonl --resume", "photos --pictures photos",
          "photos --pictures photos --overwrite", "photos --strips photos",
          "photos/0.jpg --pictures photos --overwrite", "photos/*.jpg --pictures ./linked/ -q",
          "linked --pictures photos --overwrite", "--files-from list --pictures photos",
          "photos --pictures out -o r.jsonl --resume", "photos --pictures out --overwrite",
          "photos/1.jpg --pictures out --overwrite",
          "- --pictures out --overwrite < out/1.jpg "
          "--output photos/1.jpg",
          "photos -o photos/0.jpg --overwrite", "photos -o out/1.jpg --overwrite", "photos -o linked/2.jpg --resume",
          "--files-from list -o list --overwrite", "--files-from - -o list --overwrite < list",
          "photos -o $AFFECTSR_MODELS/small_net.safetensors --overwrite "
          "--classifier-model $AFFECTSR_MODELS/small_net.safetensors"}) {
        const Ran ran = run(folder, "affectsr analyze --already-cropped --format jsonl " + line);
        EXPECT_EQ(ran.exit_code, 2) << line << "\n" << ran.err;
        EXPECT_NE(ran.err.find("[output_is_input]"), std::string::npos) << line << "\n" << ran.err;
        auto after = bytes_under(folder.path());
        after.erase(".out"), after.erase(".err");
        EXPECT_TRUE(after == before) << line;
    }
    // A strip is named after a face whose number is not known before the photo is read.
    const Ran ran = run(folder,
                        "cp photos/0.jpg 0.jpg; affectsr analyze 0.jpg faces/*.png --already-cropped "
                        "--strips faces --overwrite");
    EXPECT_EQ(ran.exit_code, 2) << ran.err;
    EXPECT_TRUE(content_of(folder / "faces/0.face1.png") == png(0));
}

TEST(AnalyzeFiles, TheRowsAreNotReplacedByAPicture) {
    const TemporaryFolder folder;
    folder.fill("a.png", png(0));
    const Ran ran = run(folder, "affectsr analyze a.png --already-cropped --pictures . --format jsonl -o a.jpg");
    EXPECT_EQ(ran.exit_code, 2) << ran.err;
    EXPECT_EQ(bytes_under(folder.path()).count("a.jpg"), 0u);
}

TEST(AnalyzeFiles, AFileOfSomethingElseIsNotResumed) {
    const TemporaryFolder folder;
    folder.fill("a.png", png(0));
    folder.fill("letter", "no row of ours, and no line end");
    EXPECT_EQ(run(folder, "affectsr analyze a.png --already-cropped --resume -o letter").exit_code, 2);
    EXPECT_EQ(content_of(folder / "letter"), "no row of ours, and no line end");
    EXPECT_EQ(run(folder, "mkfifo pipe; affectsr analyze a.png --already-cropped --resume -o pipe").exit_code, 2);
}

TEST(AnalyzeFiles, AResumedRunRefusesThePictureOfAnInputWithoutARow) {
    const TemporaryFolder folder;
    for (int i = 0; i < 3; ++i) folder.fill("in/" + std::to_string(i) + ".png", png(i));
    folder.fill("out/1.jpg", "mine");
    folder.fill("strips/2.face7.png", "mine as well");
    for (const char* flags : {"--pictures out", "--strips strips"}) {
        const Ran ran = run(folder, std::string("affectsr analyze in --already-cropped -o r.jsonl --resume ") + flags);
        EXPECT_EQ(ran.exit_code, 2) << ran.err;
        EXPECT_NE(ran.err.find("[output_exists]"), std::string::npos) << ran.err;
        EXPECT_FALSE(fs::exists(folder / "r.jsonl"));
    }
    EXPECT_EQ(content_of(folder / "out/1.jpg"), "mine");
}

TEST(AnalyzeFiles, OutputsInTheWalkedFolderAreNoInputsOfTheNextRun) {
    const TemporaryFolder folder;
    for (int i = 0; i < 3; ++i) folder.fill(std::to_string(i) + ".png", png(i));
    for (int i = 0; i < 3; ++i) {
        const Ran ran = run(folder,
                            "affectsr analyze . --already-cropped --pictures out --strips out/strips -o rows.jsonl "
                            "--overwrite");
        EXPECT_EQ(ran.exit_code, 0) << ran.err;
        EXPECT_EQ(rows_of(content_of(folder / "rows.jsonl")).size(), 3u) << "run " << i;
    }
}

TEST(AnalyzeFiles, ANewPhotoDoesNotTakeTheNameOfAnOlderPicture) {
    const TemporaryFolder folder;
    folder.fill("in/b/x.png", png(1));
    const std::string line = "affectsr analyze in --already-cropped --pictures out --strips out -o r.jsonl --resume";
    EXPECT_EQ(run(folder, line).exit_code, 0);
    const auto first = bytes_under(folder / "out");
    folder.fill("in/a/x.png", png(2));
    const Ran ran = run(folder, line);
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    auto second = bytes_under(folder / "out");
    EXPECT_EQ(second.size(), 4u);
    for (const auto& [name, bytes] : first) EXPECT_TRUE(second[name] == bytes) << name;
    const std::vector<Json> rows = rows_of(content_of(folder / "r.jsonl"));
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0]["input"], "in/b/x.png");
    EXPECT_EQ(rows[0]["picture"], "out/x.jpg");
    EXPECT_EQ(rows[0]["faces"][0]["strip"], "out/x.face1.png");
    EXPECT_EQ(rows[1]["picture"], "out/x_2.jpg");
    EXPECT_EQ(rows[1]["faces"][0]["strip"], "out/x_2.face1.png");
    EXPECT_FALSE(second["x_2.jpg"] == second["x.jpg"]);
}

TEST(AnalyzeFiles, AResumedRunWithPicturesIsTheSameAsAnUninterruptedOne) {
    const TemporaryFolder folder;
    for (int i = 0; i < 3; ++i)
        for (const char* sub : {"a/", "b/"}) folder.fill(sub + std::to_string(i) + ".png", png(i));
    folder.fill("a/1.png", "broken, and without a picture of its own");
    const std::string line = "affectsr analyze a b --already-cropped --no-timings -q --pictures out -o r.jsonl";
    EXPECT_EQ(run(folder, line).exit_code, 3);
    const std::string whole = content_of(folder / "r.jsonl");
    const auto pictures = bytes_under(folder / "out");
    for (std::size_t n = 0, end = 0; n < 6; ++n, end = whole.find('\n', end) + 1) {
        fs::remove_all(folder / "out");
        for (const Json& row : rows_of(whole.substr(0, end)))
            if (row["picture"].is_string())
                folder.fill(row["picture"], pictures.at(fs::path(row["picture"].get<std::string>()).filename()));
        folder.fill("r.jsonl", whole.substr(0, end));
        EXPECT_EQ(run(folder, line + " --resume").exit_code, 3);
        EXPECT_EQ(content_of(folder / "r.jsonl"), whole) << n;
        EXPECT_TRUE(bytes_under(folder / "out") == pictures) << n;
    }
}

TEST(AnalyzeFiles, AFullDiskLeavesNoPictureWithoutItsRow) {
    const TemporaryFolder folder;
    for (int i = 0; i < 4; ++i) folder.fill("in/" + std::to_string(i) + ".png", png(i));
    const std::string line =
        "affectsr analyze in --already-cropped --pictures out --strips out --threads 2 --format jsonl -o ";
    const Ran full = run(folder, line + "/dev/full");
    EXPECT_EQ(full.exit_code, 5) << full.err;
    EXPECT_TRUE(bytes_under(folder / "out").empty());
    const Ran resumed = run(folder, line + "r.jsonl --resume");
    EXPECT_EQ(resumed.exit_code, 0) << resumed.err;
    EXPECT_EQ(bytes_under(folder / "out").size(), 8u);
}

TEST(AnalyzeFiles, AStoppedOverwriteKeepsTheOldRows) {
    for (const auto& [signal, code] : {std::pair{"INT", 130}, std::pair{"TERM", 143}}) {
        const TemporaryFolder folder;
        for (int i = 0; i < 30; ++i) folder.fill("in/" + std::to_string(i) + ".png", png(i));
        folder.fill("rows.jsonl", "old, and complete\n");
        const Ran ran =
            run(folder,
                std::string("for i in {1..20}; do ls in/*; done > list\n" AFFECTSR_PROGRAM
                            " analyze --files-from list --already-cropped --threads 2 -q -o rows.jsonl "
                            "--overwrite & until [ -s rows.jsonl.part ] || ! kill -0 $!; do sleep 0.01; done; kill -") +
                    signal + " $!; wait $!");
        EXPECT_EQ(ran.exit_code, code) << ran.err;
        EXPECT_EQ(content_of(folder / "rows.jsonl"), "old, and complete\n");
        EXPECT_NE(ran.err.find("rows.jsonl.part"), std::string::npos) << ran.err;
        const std::vector<Json> rows = rows_of(content_of(folder / "rows.jsonl.part"));
        EXPECT_GT(rows.size(), 0u);
        for (const Json& row : rows) EXPECT_TRUE(row.is_object());
    }
}

TEST(AnalyzeFiles, ResumingCountsTheInputsOfThisRun) {
    const TemporaryFolder folder;
    for (int i = 0; i < 9; ++i)
        folder.fill((i < 6 ? "a/" : "b/") + std::to_string(i) + ".png", i == 0 ? "broken" : png(i));
    EXPECT_EQ(run(folder, "affectsr analyze a --already-cropped -o r.jsonl").exit_code, 3);
    const Ran other = run(folder, "affectsr analyze b --already-cropped -o r.jsonl --resume");
    EXPECT_EQ(other.exit_code, 0) << "the failed row is of an input that was not asked for: " << other.err;
    EXPECT_NE(other.err.find("3 inputs seen, 0 failed, 3 faces"), std::string::npos) << other.err;
    const Ran both = run(folder, "affectsr analyze a b --already-cropped -o r.jsonl --resume");
    EXPECT_EQ(both.exit_code, 3);
    EXPECT_NE(both.err.find("9 inputs seen (9 in an earlier run), 1 failed"), std::string::npos) << both.err;
}

TEST(AnalyzeFiles, AStoppedResumeSaysSoThoughTheFileHasManyRowsOfOthers) {
    const TemporaryFolder folder;
    for (int i = 0; i < 30; ++i) folder.fill("in/" + std::to_string(i) + ".png", png(i));
    folder.fill("other.png", png(0));
    const Ran ran =
        run(folder,
            "for i in {1..999}; do echo other.png; done > others\n"
            "affectsr analyze --files-from others --already-cropped -q -o r.jsonl || exit\n"
            "n=$(stat -c %s r.jsonl); for i in {1..12}; do ls in/*; done > list\n" AFFECTSR_PROGRAM
            " analyze --files-from list --already-cropped --threads 2 -o r.jsonl --resume &"
            " until [ $(stat -c %s r.jsonl) -gt $n ] || ! kill -0 $!; do sleep 0.01; done; kill -INT $!; wait $!");
    EXPECT_EQ(ran.exit_code, 130) << ran.err;
    EXPECT_NE(ran.err.find("stopped by SIGINT"), std::string::npos) << ran.err;
    EXPECT_NE(ran.err.find(" of 360 seen"), std::string::npos) << ran.err;
}

TEST(AnalyzeFiles, ListsOfEveryMakeAreReadOrRefused) {
    const TemporaryFolder folder;
    folder.fill("a.png", png(0));
    folder.fill("b.png", png(1));
    for (const char* list : {"a.png\\nb.png\\n", "a.png\\r\\nb.png\\r\\n", "\\xef\\xbb\\xbfa.png\\r\\nb.png"}) {
        const Ran ran = run(folder, std::string("printf '") + list +
                                        "' | affectsr analyze --files-from - -q "
                                        "--already-cropped");
        EXPECT_EQ(ran.exit_code, 0) << list << ran.err;
        EXPECT_EQ(rows_of(ran.out).size(), 2u) << list;
    }
    for (const char* line :
         {"printf 'a.png\\0b.png\\0' | affectsr analyze --files-from -",
          "printf 'a.png\\nb.png\\n' | affectsr analyze --files-from - -0",
          "printf '\\xff\\xfea\\0' | affectsr analyze --files-from -", "affectsr analyze - --files-from - < a.png"}) {
        const Ran ran = run(folder, line);
        EXPECT_EQ(ran.exit_code, 2) << line << ran.err;
        EXPECT_EQ(ran.out, "") << line;
    }
}

TEST(AnalyzeFiles, SafeCsvIsOffered) {
    const TemporaryFolder folder;
    folder.fill("=cmd.png", png(0));
    const Ran ran = run(folder,
                        "affectsr analyze . --already-cropped --format csv --csv-safe -q; "
                        "affectsr analyze =cmd.png --already-cropped --format csv --csv-safe -q");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_NE(ran.out.find("\n./=cmd.png,ok"), std::string::npos) << ran.out;
    EXPECT_NE(ran.out.find("\n'=cmd.png,ok"), std::string::npos) << ran.out;
}

}  // namespace
}  // namespace affectsr::cli
