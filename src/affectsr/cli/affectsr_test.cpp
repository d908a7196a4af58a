#include <gtest/gtest.h>

#include "affectsr/experiment/report.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

using testing::AssertionFailure;
using testing::AssertionResult;
using testing::AssertionSuccess;

AssertionResult contains(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) return AssertionSuccess();
    return AssertionFailure() << "\"" << part << "\" is not in:\n" << text;
}

TEST(Affectsr, HelpBeginsWithExamples) {
    const TemporaryFolder folder;
    for (const char* line : {"affectsr --help", "affectsr analyze --help", "affectsr evaluate sizes --help",
                             "affectsr models verify --help", "affectsr degrade -h"}) {
        const Ran ran = run(folder, line);
        EXPECT_EQ(ran.exit_code, 0) << line;
        EXPECT_EQ(ran.out.rfind("Examples:\n  affectsr ", 0), 0u) << line << "\n" << ran.out;
        EXPECT_EQ(ran.err, "") << line;
    }
}

TEST(Affectsr, HelpShowsFlagsWithTheirValuesAndDefaults) {
    const TemporaryFolder folder;
    const Ran ran = run(folder, "affectsr analyze --help");
    EXPECT_TRUE(contains(ran.out, "--precision auto|f32|bf16"));
    EXPECT_TRUE(contains(ran.out, "[small_face_net]"));
    EXPECT_TRUE(contains(ran.out, "-o,--output"));
    EXPECT_TRUE(contains(run(folder, "affectsr --help").out, "Exit codes:"));
}

TEST(Affectsr, VersionNamesProgramAndLibraries) {
    const TemporaryFolder folder;
    const Ran ran = run(folder, "affectsr --version");
    EXPECT_EQ(ran.exit_code, 0);
    EXPECT_TRUE(contains(ran.out, std::string("affectsr ") + program_version()));
    EXPECT_TRUE(contains(ran.out, "g++ "));
    EXPECT_FALSE(contains(ran.out, "LibTorch")) << ran.out;
}

TEST(Affectsr, WithoutACommandTheHelpGoesToStderr) {
    const TemporaryFolder folder;
    const Ran ran = run(folder, "affectsr");
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_EQ(ran.out, "");
    EXPECT_TRUE(contains(ran.err, "Examples:"));
}

TEST(Affectsr, AnUnknownCommandIsAnsweredWithTheKnownOnes) {
    const TemporaryFolder folder;
    const Ran ran = run(folder, "affectsr analyse x.jpg");
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_EQ(ran.out, "");
    EXPECT_TRUE(contains(
        ran.err, "unknown command \"analyse\" (did you mean analyze?); known are analyze, enhance, compare, evaluate"));
    EXPECT_TRUE(contains(run(folder, "affectsr models show").err, "known are list, info, verify, record"));
    EXPECT_TRUE(contains(run(folder, "affectsr models").err, "name a command: list, info, verify, record"));
}

TEST(Affectsr, RecordTakesOneModelAndSeveralReports) {
    const TemporaryFolder folder;
    EXPECT_EQ(run(folder, "affectsr models record nowhere.safetensors a.json b.json").exit_code, 4);
    EXPECT_EQ(run(folder, "affectsr models record nowhere.safetensors").exit_code, 2);
}

TEST(Affectsr, OpencvsDetectorsAreThereOrTheirAbsenceIsExplained) {
    const TemporaryFolder folder;
    folder.fill("x.png", text_of(encode_png(stripes(20, 20))));
    const bool built = run(folder, "affectsr doctor").out.find("haar") != std::string::npos;
    for (const char* line : {"affectsr analyze x.png --detector haar --detector-model gone.xml",
                             "affectsr annotate faces . -o f.json --detector haar --detector-model gone.xml"}) {
        const Ran ran = run(folder, line);
        EXPECT_EQ(ran.exit_code, built ? 4 : 2) << line;
        EXPECT_TRUE(contains(ran.err, built ? "gone.xml" : "-D AFFECTSR_OPENCV=ON")) << line;
    }
}

TEST(Affectsr, AnUnknownFlagIsAnsweredWithTheKnownOnes) {
    const TemporaryFolder folder;
    const Ran ran = run(folder, "affectsr analyze x.jpg --fromat=csv");
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_TRUE(contains(ran.err, "unknown flag --fromat (did you mean --format?); known are "));
    EXPECT_TRUE(contains(ran.err, "--already-cropped"));
}

TEST(Affectsr, NamesThatLookLikeFlagsOrListsAreNames) {
    const TemporaryFolder folder;
    for (const char* name : {"-x.png", "[2021]/y.png"}) folder.fill(name, text_of(encode_png(stripes(20, 20))));
    const Ran ran = run(folder, "affectsr analyze --already-cropped -q [2021] -- -x.png");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    const std::vector<Json> rows = rows_of(ran.out);
    ASSERT_EQ(rows.size(), 2u);
    EXPECT_EQ(rows[0]["input"], "./[2021]/y.png");
    EXPECT_EQ(rows[1]["input"], "./-x.png");
}

TEST(Affectsr, ABadValueIsAnsweredWithWhatIsAllowed) {
    const TemporaryFolder folder;
    folder.fill("x.png", text_of(encode_png(stripes(20, 20))));
    for (const auto& [line, part] :
         {std::pair{"affectsr analyze x.png --format xml", "--format must be one of auto, text"},
          std::pair{"affectsr analyze x.png --most-faces 0", "--most-faces must be from 1 to 4096"},
          std::pair{"affectsr analyze x.png --restorer magic", "known are: bicubic"},
          std::pair{"affectsr analyze x.png --classifier magic", "small_net"},
          std::pair{"affectsr analyze x.png --resume", "--resume needs --output"},
          std::pair{"affectsr analyze", "name an input"},
          std::pair{"affectsr degrade x.png -o y.png --scale 17", "--scale must be from 1 to 16"},
          std::pair{"affectsr evaluate sizes --sizes big", "big"}}) {
        const Ran ran = run(folder, line);
        EXPECT_EQ(ran.exit_code, 2) << line;
        EXPECT_EQ(ran.out, "") << line;
        EXPECT_EQ(ran.err.rfind("affectsr: error: ", 0), 0u) << line << "\n" << ran.err;
        EXPECT_TRUE(contains(ran.err, part)) << line;
    }
}

TEST(Affectsr, AMissingOrDamagedModelGivesFour) {
    const TemporaryFolder folder;
    folder.fill("x.png", text_of(encode_png(stripes(20, 20))));
    folder.fill("text.safetensors", "this is no model");
    EXPECT_EQ(run(folder, "affectsr analyze x.png --classifier-model gone.safetensors").exit_code, 4);
    EXPECT_EQ(run(folder, "affectsr analyze x.png --classifier-model text.safetensors").exit_code, 4);
    const Ran flipped = run(folder,
                            "cp $AFFECTSR_MODELS/small_net.safetensors bad.safetensors; "
                            "printf x | dd of=bad.safetensors bs=1 seek=100000 conv=notrunc status=none; "
                            "affectsr models verify bad.safetensors");
    EXPECT_EQ(flipped.exit_code, 4) << flipped.err;
    EXPECT_TRUE(contains(flipped.out, "hash_mismatch"));
}

TEST(Affectsr, ModelsAreListedShownAndVerified) {
    const TemporaryFolder folder;
    const Ran list = run(folder, "affectsr models list --format json");
    EXPECT_EQ(list.exit_code, 0) << list.err;
    bool found = false;
    for (const Json& item : Json::parse(list.out))
        found = found || (item["kind"] == "classifier" && item["name"] == "small_net");
    EXPECT_TRUE(found) << list.out;
    const Ran more = run(folder,
                         "mkdir here; for n in small_net small_face_net landmark_net; do "
                         "cp $AFFECTSR_MODELS/$n.safetensors here; done; "
                         "cp here/small_net.safetensors here/another.safetensors; "
                         "AFFECTSR_MODELS=here affectsr models list");
    EXPECT_TRUE(contains(more.out, "here/another.safetensors")) << "found by what its card says: " << more.out;
    EXPECT_EQ(Json::parse(run(folder, "affectsr models info small_net --format json").out)["card"]["network"],
              "small_net");
    EXPECT_TRUE(contains(run(folder, "affectsr models info small_net").out, "made-up weights for tests"));
    const Ran verified = run(folder, "affectsr models verify");
    EXPECT_EQ(verified.exit_code, 0) << verified.err;
    EXPECT_TRUE(contains(verified.out, "small_net: ok, sha256 "));
    EXPECT_EQ(run(folder, "affectsr models info nobody").exit_code, 4);
}

TEST(Affectsr, DoctorTellsWhatIsBuiltIn) {
    const TemporaryFolder folder;
    const Ran json = run(folder, "affectsr doctor --format json");
    EXPECT_EQ(json.exit_code, 0) << json.err;
    const Json found = Json::parse(json.out);
    for (const char* key : {"version", "commit", "compiler", "cpu_features", "threads", "training_program", "libraries",
                            "letters", "detectors", "models", "limits"})
        EXPECT_TRUE(found.contains(key)) << key;
    EXPECT_EQ(found["models"][0]["sha256"].get<std::string>().size(), 64u);
    EXPECT_TRUE(contains(run(folder, "affectsr doctor").out, "small_net"));
}

TEST(Affectsr, DegradeMakesTheSameSmallPictureForTheSameSeed) {
    const TemporaryFolder folder;
    folder.fill("x.png", text_of(encode_png(stripes(100, 60))));
    const Ran ran = run(folder,
                        "for n in a b; do affectsr degrade x.png -o $n.png --scale 2.5 --noise-sigma 5 --seed 7; done; "
                        "affectsr degrade - -o c.png --size-px 16 < x.png && cmp a.png b.png");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(read_image(folder / "a.png").size(), (ImageSize{40, 24}));
    EXPECT_EQ(read_image(folder / "c.png").size(), (ImageSize{16, 16}));
}

TEST(Affectsr, DegradeDoesNotOverwriteUnasked) {
    const TemporaryFolder folder;
    folder.fill("x.png", text_of(encode_png(stripes(10, 10))));
    folder.fill("y.png", "old");
    EXPECT_EQ(run(folder, "affectsr degrade x.png -o y.png").exit_code, 2);
    EXPECT_EQ(content_of(folder / "y.png"), "old");
    EXPECT_EQ(run(folder, "affectsr degrade x.png -o y.png --overwrite").exit_code, 0);
    EXPECT_EQ(read_image(folder / "y.png"), stripes(10, 10));
    EXPECT_EQ(run(folder, "affectsr degrade gone.png -o z.png").exit_code, 3);
}

TEST(Affectsr, DegradeNeverWritesOntoItsInput) {
    const TemporaryFolder folder;
    const std::string photo = text_of(encode_png(stripes(10, 10)));
    folder.fill("x.png", photo);
    for (const char* line : {"affectsr degrade x.png -o x.png --overwrite", "affectsr degrade x.png -o ./x.png",
                             "ln -s x.png link.png; affectsr degrade x.png -o link.png --overwrite",
                             "ln x.png hard.png; affectsr degrade hard.png -o x.png --overwrite",
                             "affectsr degrade - -o x.png --overwrite < x.png"}) {
        const Ran ran = run(folder, line);
        EXPECT_EQ(ran.exit_code, 2) << line;
        EXPECT_TRUE(contains(ran.err, "[output_is_input]")) << line;
        EXPECT_EQ(content_of(folder / "x.png"), photo) << line;
    }
}

}  // namespace
}  // namespace affectsr::cli
