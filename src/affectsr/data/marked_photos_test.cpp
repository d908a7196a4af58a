#include "affectsr/data/marked_photos.h"

#include <gtest/gtest.h>

#include <fstream>
#include <span>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/base/sha256.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/image/encode.h"

namespace affectsr {
namespace {

class MarkedPhotosTest : public ::testing::Test {
 protected:
    std::filesystem::path write(const std::string& text) {
        std::ofstream(folder_ / "faces.json") << text;
        return folder_ / "faces.json";
    }
    std::string refusal(const std::string& text) {
        try {
            read_marked_photos(write(text));
        } catch (const InputError& error) {
            return error.code() + ": " + error.what();
        }
        return "it was read";
    }
    TemporaryFolder folder_;
};

std::vector<MarkedPhoto> two_photos() {
    MarkedFace whole;
    whole.box_in_photo = {10.25F, 5, 20, 30};
    whole.landmarks_in_photo = {{12, 9}, {20, 9}, {16, 14}, {13, 20}, {19, 20}};
    MarkedFace statue;
    statue.box_in_photo = {1, 2, 8, 8};
    statue.ignore = true;
    statue.score = 0.75F;
    statue.profile = true;
    return {{"a.png", std::string(64, 'a'), 100, 80, {whole, statue}}, {"b/c.png", std::string(64, '0'), 9, 9, {}}};
}

TEST_F(MarkedPhotosTest, AreReadAsTheyWereWritten) {
    const std::vector<MarkedPhoto> photos = read_marked_photos(write(to_json(two_photos()).dump()));
    ASSERT_EQ(photos.size(), 2U);
    EXPECT_EQ(to_json(photos), to_json(two_photos()));
    const MarkedFace& statue = photos[0].faces.at(1);
    EXPECT_TRUE(statue.ignore && statue.profile && !statue.blurry);
    EXPECT_FLOAT_EQ(statue.score, 0.75F);
    EXPECT_FLOAT_EQ(photos[0].faces[0].box_in_photo.x, 10.25F);
    EXPECT_FLOAT_EQ(photos[0].faces[0].landmarks_in_photo.at(4).y, 20);
    EXPECT_TRUE(photos[1].faces.empty());
}

TEST_F(MarkedPhotosTest, WhatIsNoMarkIsRefusedByPhotograph) {
    const auto with = [](const char* pointer, const Json& value) {
        Json json = to_json(two_photos());
        json[Json::json_pointer(pointer)] = value;
        return json.dump();
    };
    EXPECT_TRUE(refusal("{").starts_with("not_json")) << refusal("{");
    EXPECT_TRUE(refusal("[]").starts_with("bad_marks"));
    for (const auto& [pointer, value] : {std::pair<const char*, Json>{"/photos/0/file", "../a.png"},
                                         {"/photos/0/file", "/a.png"},
                                         {"/photos/0/file", "b/c.png"},
                                         {"/photos/0/sha256", "abc"},
                                         {"/photos/0/width", 0},
                                         {"/photos/0/faces", 3},
                                         {"/photos/0/faces/0/box", {1, 2, 3}},
                                         {"/photos/0/faces/0/box", {1, 2, 0, 3}},
                                         {"/photos/0/faces/0/box", {1, 2, nullptr, 3}},
                                         {"/photos/0/faces/0/points", {1, 2}},
                                         {"/photos/0/faces/0/points/2", {1, "x"}},
                                         {"/photos/0/faces/0/ignore", "yes"}}) {
        const std::string what = refusal(with(pointer, value));
        EXPECT_TRUE(what.starts_with("bad_marks: ")) << pointer << " " << value << ": " << what;
        EXPECT_NE(what.find("faces.json"), std::string::npos) << what;
    }
}

TEST_F(MarkedPhotosTest, APhotographMustBeTheOneThatWasMarked) {
    const std::vector<std::uint8_t> bytes = encode_png(Image(6, 4, 50));
    std::ofstream(folder_ / "a.png", std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    MarkedPhoto photo{"a.png", sha256_hex(std::as_bytes(std::span(bytes))), 6, 4, {}};
    EXPECT_EQ(open_marked_photo(photo, folder_.path()).width, 6);
    photo.width = 7;
    EXPECT_THROW(open_marked_photo(photo, folder_.path()), InputError);
    photo.width = 6, photo.sha256 = std::string(64, 'a');
    EXPECT_THROW(open_marked_photo(photo, folder_.path()), InputError);
    photo.file = "missing.png";
    EXPECT_THROW(open_marked_photo(photo, folder_.path()), InputError);
}

}  // namespace
}  // namespace affectsr
