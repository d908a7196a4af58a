#include "affectsr/pipeline/lettering.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/pipeline/canvas.h"

namespace affectsr {
namespace {

const Typeface& regular() {
    const Typeface* const face = lettering().face(false);
    if (face == nullptr) throw InputError("no_font", "the tests need DejaVu Sans (fonts-dejavu-core)");
    return *face;
}

/// The rows, seen from the baseline, that hold ink of at least half a pixel.
std::pair<int, int> inked_rows(const Ink& ink) {
    int first = 1000, last = -1000;
    for (int y = 0; y < ink.height; ++y) {
        const auto row = ink.cover.begin() + static_cast<std::ptrdiff_t>(y) * ink.width;
        if (*std::max_element(row, row + ink.width) < 128) continue;
        first = std::min(first, ink.top + y), last = std::max(last, ink.top + y);
    }
    return {first, last};
}

std::int64_t sum_of(const Ink& ink) {
    return std::accumulate(ink.cover.begin(), ink.cover.end(), std::int64_t{0});
}

TEST(Lettering, CapitalsStandOnTheBaselineAsHighAsAskedForOrOneRowMore) {
    for (int capital = 6; capital <= 90; ++capital) {
        const auto [first, last] = inked_rows(regular().ink("HITE", capital));
        EXPECT_TRUE(last == -1 || (last == 0 && capital > 30)) << capital << " px: to row " << last;
        EXPECT_TRUE(first == -capital || first == -capital - 1) << capital << " px: from row " << first;
    }
}

TEST(Lettering, EdgesAreSoft) {
    const Ink ink = regular().ink("SO", 20);
    EXPECT_EQ(*std::max_element(ink.cover.begin(), ink.cover.end()), 255);
    EXPECT_GT(std::count_if(ink.cover.begin(), ink.cover.end(), [](int cover) { return cover > 40 && cover < 215; }),
              20);
}

TEST(Lettering, ThePenMovesByTheWidthsOfTheLettersWhateverTheSize) {
    EXPECT_NEAR(regular().width_px("HITHIT", 200), 2 * regular().width_px("HIT", 200), 2);
    EXPECT_NEAR(regular().width_px("happiness 93%", 10), regular().width_px("happiness 93%", 500) / 50.0, 1.5);
    EXPECT_LT(regular().width_px("AVAV", 100), 4 * regular().width_px("A", 100) - 10) << "kerning";
    EXPECT_EQ(regular().width_px("", 12), 0);
    EXPECT_EQ(regular().ink("", 12).width, 0);
}

TEST(Lettering, BoldHasMoreInk) {
    const Typeface* const bold = lettering().face(true);
    ASSERT_NE(bold, nullptr);
    EXPECT_GT(sum_of(bold->ink("Ink", 30)), sum_of(regular().ink("Ink", 30)) * 5 / 4);
}

TEST(Lettering, NothingIsCutOff) {
    // Accents and descenders, letters that reach over the pen's way: all ink lies inside, none on the rim.
    for (const char* words : {"ÅÄÊ", "jgpq", "f", "j", "W", "%"}) {
        const Ink ink = regular().ink(words, 30);
        for (int x = 0; x < ink.width; ++x) {
            ASSERT_EQ(ink.cover[static_cast<std::size_t>(x)], 0) << words;
            ASSERT_EQ(ink.cover[ink.cover.size() - 1 - static_cast<std::size_t>(x)], 0) << words;
        }
        for (int y = 0; y < ink.height; ++y) {
            ASSERT_EQ(ink.cover[static_cast<std::size_t>(y) * ink.width], 0) << words;
            ASSERT_EQ(ink.cover[static_cast<std::size_t>(y) * ink.width + ink.width - 1], 0) << words;
        }
    }
}

TEST(Lettering, ReadsUtf8AndMarksWhatIsNone) {
    const auto same = [](std::string_view a, std::string_view b) {
        return regular().ink(a, 20).cover == regular().ink(b, 20).cover;
    };
    EXPECT_FALSE(same("é", "e"));
    EXPECT_NEAR(regular().width_px("é", 200), regular().width_px("e", 200), 1) << "one letter, not two";
    EXPECT_TRUE(same("\xC3", "\xEF\xBF\xBD")) << "cut short";
    EXPECT_TRUE(same("\xFF", "\xEF\xBF\xBD"));
    EXPECT_TRUE(same("\xC0\xAF", "\xEF\xBF\xBD\xEF\xBF\xBD")) << "a longer form than needed";
    EXPECT_TRUE(same("\xE0\x80\xAF", "\xEF\xBF\xBD")) << "a longer form than needed";
    EXPECT_TRUE(same("\xED\xA0\x80", "\xEF\xBF\xBD")) << "half a pair of UTF-16";
    EXPECT_TRUE(same("a\nb\x7F", "ab")) << "control characters draw nothing";
    EXPECT_GT(sum_of(regular().ink("\xF0\x9F\xA6\x96", 20)), 0) << "a letter that the font lacks";
}

TEST(Lettering, ManyCallersGetTheSameInk) {
    const Ink alone = regular().ink("surprise 51%", 12);
    std::vector<Ink> inks(4);
    {
        std::vector<std::jthread> callers;
        for (Ink& ink : inks)
            callers.emplace_back([&ink, &inks] {
                for (int i = 0; i < 20; ++i) regular().ink("other", 10 + static_cast<int>(&ink - inks.data()));
                ink = regular().ink("surprise 51%", 12);
            });
    }
    for (const Ink& ink : inks) EXPECT_EQ(ink.cover, alone.cover);
}

TEST(Lettering, ASizeOutsideItsRangeIsABug) {
    EXPECT_THROW(regular().ink("x", 0), Bug);
    EXPECT_THROW(regular().width_px("x", 1001), Bug);
}

TEST(Lettering, AFileThatIsNoFontIsNone) {
    const TemporaryFolder folder;
    folder.fill("DejaVuSans.ttf", "no font");
    EXPECT_EQ(Typeface::open(folder / "DejaVuSans.ttf"), nullptr);
    EXPECT_EQ(Typeface::open(folder / "nowhere.ttf"), nullptr);
    EXPECT_EQ(find_lettering({folder.path()}).face(false), nullptr);
}

TEST(Lettering, OneFaceStandsInForTheOther) {
    if (lettering().folder.empty()) GTEST_SKIP() << "no font is installed";
    const TemporaryFolder folder;
    std::filesystem::create_symlink(lettering().folder / "DejaVuSans.ttf", folder / "DejaVuSans.ttf");
    const Lettering found = find_lettering({"/nowhere", folder.path()});
    ASSERT_NE(found.face(true), nullptr);
    EXPECT_EQ(found.face(true), found.face(false));
    EXPECT_EQ(found.folder, folder.path());
}

// In a process of its own, because a process looks for its fonts once.
TEST(Lettering, WithoutAFontOneWarningSaysSoAndBoxesAreDrawn) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto draw = [] {
        setenv("AFFECTSR_FONTS", "/nowhere", 1);
        Canvas canvas(40, 20, {0, 0, 0});
        canvas.text("words", 2, 12, 9, {255, 255, 255});
        canvas.text("words", 2, 12, 9, {255, 255, 255}, true);
        const bool blank = canvas.picture() == Image(40, 20);
        canvas.fill({3, 3, 4, 4}, {255, 0, 0});
        const bool filled = canvas.picture().pixel(4, 4)[0] == 255;
        std::exit(blank && filled && Canvas::text_width("words", 9) == 0 ? 0 : 1);
    };
    EXPECT_EXIT(
        draw(), testing::ExitedWithCode(0),
        "^affectsr: warning: pictures are drawn without words: no DejaVuSans.ttf in /nowhere; install the package "
        "fonts-dejavu-core[^\n]*\n$");
}

}  // namespace
}  // namespace affectsr
