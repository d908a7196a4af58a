#include "affectsr/program/flags.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <filesystem>

namespace affectsr::cli {
namespace {

struct Camera {
    int width_px = 640;
    double zoom = 1.5;
    std::string mode = "day";
    std::filesystem::path folder;
    bool flash = false;
    bool colour = true;
    std::vector<int> sizes{48, 24};
    Json extra = Json::object();
    void fields(auto&& f) {
        f("width_px", width_px, "width in pixels", Range{1, 4096});
        f("zoom", zoom, "how near", Range{1, 16});
        f("mode", mode, "light", OneOf{{"day", "night"}});
        f("folder", folder, "where to");
        f("flash", flash, "with flash");
        f("colour", colour, "in colour");
        f("sizes", sizes, "sizes in pixels", Range{1, 512});
        f("extra", extra, "anything");
    }
};

Camera parsed(std::vector<std::string> words) {
    Camera camera;
    CLI::App app;
    add_flags(app, list_fields(camera), "Camera", {{"folder", "f"}, {"flash", "x"}});
    std::reverse(words.begin(), words.end());
    app.parse(words);
    return camera;
}

std::string complaint(const std::vector<std::string>& words) {
    try {
        parsed(words);
    } catch (const UsageError& error) {
        return error.what();
    }
    return "none";
}

TEST(Flags, NamesAreKebabCase) {
    EXPECT_EQ(flag_of("width_px"), "--width-px");
}

TEST(Flags, EveryTypeOfSettingIsReadFromTheCommandLine) {
    const Camera camera = parsed({"--width-px", "800", "--zoom=2.25", "--mode", "night", "--folder", "a b", "--flash",
                                  "--no-colour", "--sizes", "16,8", "--extra", R"({"iso":100})"});
    EXPECT_EQ(camera.width_px, 800);
    EXPECT_EQ(camera.zoom, 2.25);
    EXPECT_EQ(camera.mode, "night");
    EXPECT_EQ(camera.folder, "a b");
    EXPECT_TRUE(camera.flash);
    EXPECT_FALSE(camera.colour);
    EXPECT_EQ(camera.sizes, (std::vector<int>{16, 8}));
    EXPECT_EQ(camera.extra["iso"], 100);
}

TEST(Flags, SomeHaveALetter) {
    EXPECT_EQ(parsed({"-f", "here"}).folder, "here");
    EXPECT_TRUE(parsed({"-x"}).flash);
}

TEST(Flags, WithoutFlagsTheDefaultsStand) {
    EXPECT_EQ(to_json(parsed({})), to_json(Camera{}));
}

TEST(Flags, AListMayBeJson) {
    EXPECT_EQ(parsed({"--sizes", "[12, 8, 6]"}).sizes, (std::vector<int>{12, 8, 6}));
}

TEST(Flags, AListMayBeGivenItemByItem) {
    EXPECT_EQ(parsed({"--sizes", "16", "--sizes", "12,8"}).sizes, (std::vector<int>{16, 12, 8}));
}

TEST(Flags, AValueOutOfRangeIsRefusedByTheNameOfTheFlag) {
    EXPECT_EQ(complaint({"--width-px", "5000"}), "--width-px must be from 1 to 4096, got 5000");
}

TEST(Flags, HalfNumbersAreNotWhole) {
    EXPECT_EQ(complaint({"--width-px", "12.5"}), "--width-px must be a whole number, got \"12.5\"");
    EXPECT_EQ(complaint({"--width-px", "12px"}), "--width-px must be a whole number, got \"12px\"");
    EXPECT_EQ(complaint({"--width-px", ""}), "--width-px must be a whole number, got \"\"");
}

TEST(Flags, NotANumberIsRefused) {
    EXPECT_EQ(complaint({"--zoom", "nan"}), "--zoom must be a number, got \"nan\"");
    EXPECT_EQ(complaint({"--zoom", "near"}), "--zoom must be a number, got \"near\"");
}

TEST(Flags, AnUnknownWordIsAnsweredWithTheKnownOnes) {
    EXPECT_EQ(complaint({"--mode", "dusk"}), "--mode must be one of day, night; got \"dusk\"");
}

TEST(Flags, AnEmptyTextIsNoText) {
    EXPECT_EQ(complaint({"--folder", ""}), "--folder must be named or left out, got \"\"");
    EXPECT_EQ(complaint({"--mode", ""}), "--mode must be one of day, night; got \"\"");
}

TEST(Flags, AWrongListItemIsNamed) {
    EXPECT_NE(complaint({"--sizes", "16,huge"}).find("sizes"), std::string::npos);
    EXPECT_NE(complaint({"--sizes", "16,huge"}).find("huge"), std::string::npos);
}

TEST(Flags, HintsSayWhatMayFollow) {
    Camera camera;
    const std::vector<Field> fields = list_fields(camera);
    EXPECT_EQ(value_hint(fields[0]), "1..4096");
    EXPECT_EQ(value_hint(fields[2]), "day|night");
    EXPECT_EQ(value_hint(fields[3]), "TEXT");
    EXPECT_EQ(value_hint(fields[6]), "A,B,... (1..512)");
}

TEST(Flags, OnlyTheNamedFieldsInTheirOrder) {
    Camera camera;
    const std::vector<Field> chosen = only(list_fields(camera), {"zoom", "width_px"});
    ASSERT_EQ(chosen.size(), 2u);
    EXPECT_EQ(chosen[0].name, "zoom");
    EXPECT_EQ(chosen[1].name, "width_px");
    EXPECT_THROW(only(list_fields(camera), {"speed"}), Bug);
}

}  // namespace
}  // namespace affectsr::cli
