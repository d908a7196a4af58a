// What `enhance` writes, what its rows say, and how it ends.
#include "affectsr/cli/enhance.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "affectsr/image/codec.h"
#include "affectsr/image/exif.h"
#include "affectsr/image/reconstruction.h"
#include "affectsr/image/resize.h"
#include "affectsr/image/test_pictures.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/program/run_affectsr.h"
#include "affectsr/restore/edsr.h"
#include "affectsr/weights/model_file.h"

namespace affectsr::cli {
namespace {

namespace fs = std::filesystem;

std::vector<Json> rows_of(const std::string& text) {
    std::vector<Json> rows;
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos; at = end + 1)
        rows.push_back(Json::parse(text.substr(at, end - at)));
    return rows;
}

testing::Bytes bytes_of(const fs::path& file) {
    const std::string text = content_of(file);
    return {text.begin(), text.end()};
}

/// A network of made-up weights that makes faces four times as large; its hash.
std::string save_edsr(const fs::path& file) {
    EdsrOptions options;
    options.features = 4, options.blocks = 1, options.scale = 4;
    ModelFile model;
    model.card.network = "edsr";
    model.card.options = affectsr::to_json(options);
    model.tensors = first_weights(edsr(options).plan, 1);
    model.save(file);
    return ModelFile::open(file).card.sha256;
}

class EnhanceTest : public ::testing::Test {
 protected:
    EnhanceTest() : sha256_(save_edsr(folder_ / "edsr.safetensors")) {
        folder_.fill("a.png", text_of(encode_png(stripes(24, 24, 1))));
        folder_.fill("b.jpg", text_of(encode_jpeg(stripes(32, 30, 2))));
    }
    Ran enhance(const std::string& line) const {
        return run(folder_,
                   "affectsr enhance --already-cropped --restorer edsr --restorer-model edsr.safetensors "
                   "--rows-format jsonl " +
                       line);
    }
    const TemporaryFolder folder_;
    const std::string sha256_;
};

TEST_F(EnhanceTest, EveryPictureIsLargerAndSaysThatItIsAReconstruction) {
    const Ran ran = enhance("a.png b.jpg -o out -q");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_EQ(ran.err, "");
    const std::vector<Json> rows = rows_of(ran.out);
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0]["picture"], "out/a.png");
    EXPECT_EQ(rows[1]["picture"], "out/b.jpg") << "each in its photo's format";
    EXPECT_EQ(rows[0]["picture_width"], 96);
    EXPECT_EQ(rows[0]["model_sha256"], sha256_);
    EXPECT_EQ(rows[0]["faces"][0]["restored"], true);
    EXPECT_EQ(rows[1]["faces"][0]["crop_px"], 30);
    for (const Json& row : rows) {
        const testing::Bytes bytes = bytes_of(folder_ / row["picture"].get<std::string>());
        EXPECT_EQ(decode_image(bytes, "picture").width, row["picture_width"]);
        const auto mark = reconstruction_in(read_notes(bytes));
        ASSERT_TRUE(mark);
        EXPECT_EQ(mark->restorer, "edsr");
        EXPECT_EQ(mark->model_sha256, sha256_);
        EXPECT_EQ(mark->scale, 4);
        EXPECT_EQ(mark->face_px, (std::vector<double>{row["faces"][0]["crop_px"]}));
        EXPECT_TRUE(mark->is_trained());
    }
}

TEST_F(EnhanceTest, FormatAndQualityAreTheUsers) {
    for (const std::string format : {"png", "jpeg", "webp"}) {
        const Ran ran = enhance("a.png b.jpg -q -o " + format + " --format " + format);
        ASSERT_EQ(ran.exit_code, 0) << ran.err;
        for (const Json& row : rows_of(ran.out)) {
            const fs::path file = row["picture"].get<std::string>();
            EXPECT_EQ(ending_of(picture_format(bytes_of(folder_ / file)).value()), file.extension());
            EXPECT_TRUE(reconstruction_in(read_notes(bytes_of(folder_ / file))));
        }
    }
    EXPECT_EQ(enhance("a.png -q -o low --format webp --quality 5").exit_code, 0);
    EXPECT_LT(fs::file_size(folder_ / "low/a.webp"), fs::file_size(folder_ / "webp/a.webp"));
}

TEST_F(EnhanceTest, ALargeFaceIsLeftAloneAndNobodyIsAccused) {
    const Ran ran = enhance("a.png -o out --most-face-px 20");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    EXPECT_NE(ran.err.find("1 face (1 left as they were)"), std::string::npos) << ran.err;
    const Json row = rows_of(ran.out).at(0);
    EXPECT_EQ(row["faces"][0]["restored"], false);
    EXPECT_EQ(row["faces"][0]["reason"], "large_enough");
    EXPECT_EQ(read_image(folder_ / "out/a.png"), resize(stripes(24, 24, 1), {96, 96}, Filter::bicubic));
    const PictureNotes notes = read_notes(bytes_of(folder_ / "out/a.png"));
    EXPECT_FALSE(reconstruction_in(notes)->is_trained());
    EXPECT_NE(notes.xmp.find("algorithmicallyEnhanced"), std::string::npos);
}

TEST_F(EnhanceTest, OneBrokenInputFailsAloneAndAResumedRunGoesOn) {
    folder_.fill("cut.jpg", text_of(encode_jpeg(stripes(40, 40, 3))).substr(0, 200));
    const Ran whole = enhance("a.png cut.jpg b.jpg -o whole --rows whole.jsonl --no-timings");
    EXPECT_EQ(whole.exit_code, 3);
    EXPECT_NE(whole.err.find("3 inputs seen, 1 failed (truncated 1)"), std::string::npos) << whole.err;
    const std::vector<Json> rows = rows_of(content_of(folder_ / "whole.jsonl"));
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[1]["error"]["code"], "truncated");
    EXPECT_TRUE(rows[1]["picture"].is_null());
    EXPECT_FALSE(fs::exists(folder_ / "whole/cut.jpg"));

    EXPECT_EQ(enhance("a.png -o out --rows rows.jsonl --no-timings -q").exit_code, 0);
    const Ran again = enhance("a.png cut.jpg b.jpg -o out --rows rows.jsonl --no-timings --resume");
    EXPECT_EQ(again.exit_code, 3);
    EXPECT_NE(again.err.find("(1 in an earlier run)"), std::string::npos) << again.err;
    std::string expected = content_of(folder_ / "whole.jsonl");
    for (std::size_t at = 0; (at = expected.find("\"whole/", at)) != std::string::npos;)
        expected.replace(at, 7, "\"out/");
    EXPECT_EQ(content_of(folder_ / "rows.jsonl"), expected);
}

TEST_F(EnhanceTest, RowsOfAnotherCommandAreNotResumed) {
    EXPECT_EQ(run(folder_, "affectsr analyze a.png --already-cropped -q -o rows.jsonl").exit_code, 0);
    const Ran ran = enhance("a.png b.jpg -o out --rows rows.jsonl --resume");
    EXPECT_EQ(ran.exit_code, 2);
    EXPECT_NE(ran.err.find("[not_rows]"), std::string::npos) << ran.err;
    EXPECT_EQ(enhance("a.png -o out --rows mine.jsonl -q").exit_code, 0);
    EXPECT_EQ(run(folder_, "affectsr analyze a.png --already-cropped -q -o mine.jsonl --resume").exit_code, 2);
}

TEST_F(EnhanceTest, NothingIsReplacedUnasked) {
    EXPECT_EQ(enhance("a.png -q -o out").exit_code, 0);
    const Ran again = enhance("a.png -q -o out");
    EXPECT_EQ(again.exit_code, 2);
    EXPECT_NE(again.err.find("[output_exists]"), std::string::npos) << again.err;
    EXPECT_EQ(enhance("a.png -q -o out --overwrite").exit_code, 0);
    const std::string before = content_of(folder_ / "a.png");
    const Ran onto_input = enhance("a.png -q -o . --overwrite");
    EXPECT_EQ(onto_input.exit_code, 2);
    EXPECT_NE(onto_input.err.find("[output_is_input]"), std::string::npos) << onto_input.err;
    EXPECT_EQ(content_of(folder_ / "a.png"), before);
}

TEST_F(EnhanceTest, ExifIsKeptByChoiceAndPicturesStandUpright) {
    // A photo that its camera stored lying, orientation 6, with a place: latitude N.
    testing::Bytes exif = testing::text_bytes(std::string_view("MM\0*\0\0\0\x08\0\x03", 10));
    for (const std::string_view entry :
         {std::string_view("\x01\x0F\0\x02\0\0\0\x04"
                           "Cam\0",
                           12),
          std::string_view("\x01\x12\0\x03\0\0\0\x01\0\x06\0\0", 12),
          std::string_view("\x88\x25\0\x04\0\0\0\x01\0\0\0\x32", 12), std::string_view("\0\0\0\0", 4),
          std::string_view("\0\x01\0\x01\0\x02\0\0\0\x02N\0\0\0\0\0\0\0", 18)})
        testing::append(exif, entry);
    PictureNotes notes;
    notes.exif = exif;
    folder_.fill("lying.jpg", text_of(with_notes(encode_jpeg(stripes(40, 24, 4)), notes)));
    for (const std::string kept : {"none", "without_place", "all"}) {
        const Ran ran = enhance("lying.jpg -q --keep-size -o " + kept + " --keep-exif " + kept);
        ASSERT_EQ(ran.exit_code, 0) << ran.err;
        EXPECT_EQ(rows_of(ran.out).at(0)["width"], 24) << "turned upright";
        const PictureNotes written = read_notes(bytes_of(folder_ / kept / "lying.jpg"));
        const auto has = [&](std::string_view text) {
            return std::search(written.exif.begin(), written.exif.end(), text.begin(), text.end()) !=
                   written.exif.end();
        };
        EXPECT_EQ(has("Cam"), kept != "none");
        EXPECT_EQ(has(std::string_view("N\0\0\0", 4)), kept == "all");
        EXPECT_EQ(exif_orientation(written.exif), 1);
        EXPECT_TRUE(reconstruction_in(written)) << "the mark is never left out";
    }
}

TEST_F(EnhanceTest, AColourProfileGoesWithItsColours) {
    PictureNotes notes;
    notes.profile.assign(128, 0);
    std::copy_n("RGB ", 4, notes.profile.begin() + 16);
    folder_.fill("wide.png", text_of(with_notes(encode_png(stripes(24, 24, 5)), notes)));
    ASSERT_EQ(enhance("wide.png -q -o out --format jpeg").exit_code, 0);
    EXPECT_EQ(read_notes(bytes_of(folder_ / "out/wide.jpg")).profile, notes.profile);
    std::copy_n("CMYK", 4, notes.profile.begin() + 16);
    folder_.fill("inks.png", text_of(with_notes(encode_png(stripes(24, 24, 5)), notes)));
    ASSERT_EQ(enhance("inks.png -q -o out").exit_code, 0);
    EXPECT_TRUE(read_notes(bytes_of(folder_ / "out/inks.png")).profile.empty());
}

TEST_F(EnhanceTest, WhatWouldBeTooLargeFailsWithItsCure) {
    folder_.fill("large.png", text_of(encode_png(stripes(600, 600, 6))));
    const Ran ran = enhance("a.png large.png -o out --most-megapixels 5");
    EXPECT_EQ(ran.exit_code, 3);
    const Json row = rows_of(ran.out).at(1);
    EXPECT_EQ(row["error"]["code"], "too_large");
    EXPECT_NE(row["error"]["message"].get<std::string>().find("--keep-size"), std::string::npos);
    EXPECT_EQ(enhance("large.png -q -o out --most-megapixels 5 --keep-size").exit_code, 0);
}

TEST_F(EnhanceTest, WhatDoesNotFitEndsWithItsCode) {
    EXPECT_EQ(enhance("a.png").exit_code, 2) << "no folder";
    const Ran scale = enhance("a.png -o out --scale 8");
    EXPECT_EQ(scale.exit_code, 2);
    EXPECT_NE(scale.err.find("[other_scale]"), std::string::npos) << scale.err;
    EXPECT_EQ(run(folder_, "affectsr enhance a.png -o out --restorer magic").exit_code, 2);
    EXPECT_EQ(run(folder_, "affectsr enhance a.png -o out --already-cropped --restorer srcnn").exit_code, 4);
    EXPECT_FALSE(fs::exists(folder_ / "out"));
}

TEST_F(EnhanceTest, CsvHasALineForEveryFaceAndEveryInput) {
    const Ran ran = run(folder_,
                        "affectsr enhance a.png gone.png -o out --already-cropped --restorer bicubic --scale 2 "
                        "--rows-format csv --no-timings -q");
    EXPECT_EQ(ran.exit_code, 3);
    EXPECT_EQ(ran.out.substr(0, ran.out.find('\n')),
              "input,status,error_code,error_message,width,height,picture,picture_width,picture_height,restorer,"
              "model_sha256,scale,enlarged,faces_found,face,x,y,box_width,box_height,score,restored,reason,"
              "restorer_reason,crop_px,made_px,roll_deg");
    EXPECT_NE(
        ran.out.find("\na.png,ok,,,24,24,out/a.png,48,48,bicubic,,2,2,1,1,0.0,0.0,24.0,24.0,1.0,true,,,24.0,128,\n"),
        std::string::npos)
        << ran.out;
    EXPECT_NE(ran.out.find("\ngone.png,failed,not_found,"), std::string::npos) << ran.out;
}

TEST_F(EnhanceTest, TextTellsEveryFace) {
    const Ran ran =
        run(folder_, "affectsr enhance a.png -o out --already-cropped --restorer bicubic --rows-format text -q");
    EXPECT_EQ(ran.out, "a.png: 24×24 → 96×96, 1 of 1 face restored, out/a.png\n    1  24 px → 128 px\n");
}

TEST_F(EnhanceTest, PicturesOfAnalyzeThatShowRestoredFacesAreMarkedToo) {
    const Ran ran = run(folder_,
                        "affectsr analyze a.png --already-cropped --restorer edsr --restorer-model "
                        "edsr.safetensors --pictures p --strips s -q");
    ASSERT_EQ(ran.exit_code, 0) << ran.err;
    for (const char* file : {"p/a.jpg", "s/a.face1.png"}) {
        const auto mark = reconstruction_in(read_notes(bytes_of(folder_ / file)));
        ASSERT_TRUE(mark) << file;
        EXPECT_EQ(mark->model_sha256, sha256_);
        EXPECT_EQ(mark->face_px, (std::vector<double>{24}));
    }
    folder_.fill("large.png", text_of(encode_png(stripes(100, 100, 7))));
    ASSERT_EQ(run(folder_, "affectsr analyze large.png --already-cropped --pictures p -q").exit_code, 0);
    EXPECT_FALSE(reconstruction_in(read_notes(bytes_of(folder_ / "p/large.jpg")))) << "nothing was restored";
}

}  // namespace
}  // namespace affectsr::cli
