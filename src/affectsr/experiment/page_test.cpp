#include "affectsr/experiment/page.h"

#include <gtest/gtest.h>

#include <set>

#include "affectsr/base/error.h"
#include "affectsr/image/codec.h"

namespace affectsr {
namespace {

constexpr const char* kAttack = "<img src=x onerror=\"alert('&')\">.png";
constexpr const char* kHarmless = "&lt;img src=x onerror=&quot;alert(&#39;&amp;&#39;)&quot;&gt;.png";

std::size_t count_of(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++count;
    return count;
}

/// Decodes the picture of a data URI.
Image picture_of(const std::string& uri) {
    const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::vector<std::uint8_t> bytes;
    std::uint32_t bits = 0;
    int held = 0;
    for (const char c : uri.substr(uri.find(',') + 1)) {
        if (c == '=') break;
        bits = bits << 6 | static_cast<std::uint32_t>(letters.find(c));
        held += 6;
        if (held < 8) continue;
        held -= 8;
        bytes.push_back(static_cast<std::uint8_t>(bits >> held & 255));
    }
    return decode_image(bytes, "the picture");
}

TEST(Page, EscapesWhatHtmlWouldTakeForItsOwn) {
    EXPECT_EQ(escaped_html(kAttack), kHarmless);
    EXPECT_EQ(escaped_html("größer – 表情"), "größer – 表情");
}

TEST(Page, ShowsNoBytesThatAreNoText) {
    EXPECT_EQ(escaped_html("a\xFF"), "a\uFFFD");
    EXPECT_EQ(escaped_html(std::string_view("a\0b\x1B[2J\x7F", 8)), "a\uFFFD\x62\uFFFD[2J\uFFFD");
    EXPECT_EQ(escaped_html("a\u0085b"), "a\uFFFD\x62");
    EXPECT_EQ(escaped_html("two\nlines"), "two\nlines");
}

TEST(Page, EveryPlaceForTextIsEscaped) {
    const Image dot(1, 1);
    Page page(kAttack);
    page.heading(2, kAttack);
    page.paragraph(kAttack);
    page.warning(kAttack);
    page.list(std::vector<std::string>{kAttack});
    page.table({kAttack, {kAttack}, {{kAttack}}, {}});
    page.pictures(std::vector<PagePicture>{{dot, kAttack, 10}}, kAttack);
    const std::string html = page.html();
    EXPECT_EQ(html.find("onerror=\""), std::string::npos);
    // Title twice; heading, paragraph, warning, item; caption, head, cell; picture, its caption, that of all.
    EXPECT_EQ(count_of(html, kHarmless), 12U);
}

TEST(Page, LoadsAndRunsNothing) {
    Page page("faces");
    page.pictures(std::vector<PagePicture>{{Image(2, 2), "a", 0}});
    const std::string html = page.html();
    EXPECT_NE(html.find("Content-Security-Policy\" content=\"default-src 'none'; img-src data:;"), std::string::npos);
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_EQ(html.find("http://"), std::string::npos);
    EXPECT_EQ(html.find("https://"), std::string::npos);
    EXPECT_EQ(count_of(html, "src=\""), count_of(html, "src=\"data:image/png;base64,"));
}

TEST(Page, PicturesKeepEveryPixel) {
    std::set<std::size_t> paddings;  // of bytes that leave 0, 1 and 2 over in groups of three
    for (int width = 1; width <= 9; ++width) {
        Image picture(width, 3);
        for (std::size_t i = 0; i < picture.rgb.size(); ++i)
            picture.rgb[i] = static_cast<std::uint8_t>(37 * i + static_cast<std::size_t>(width));
        const std::string uri = data_uri(picture);
        EXPECT_TRUE(uri.starts_with("data:image/png;base64,iVBORw0KGgo"));
        EXPECT_EQ((uri.size() - uri.find(',') - 1) % 4, 0U);
        EXPECT_EQ(picture_of(uri), picture);
        paddings.insert(count_of(uri, "="));
    }
    EXPECT_EQ(paddings, (std::set<std::size_t>{0, 1, 2}));
}

TEST(Page, NumbersStandToTheRightUnderTheirHead) {
    Page page("figures");
    page.table({"", {"name", "share"}, {{"a", "0.25"}, {"b", "–"}}, {{0, 0.5}, {0, 0}}});
    const std::string html = page.html();
    EXPECT_NE(html.find("<th scope=\"col\">name</th><th scope=\"col\" class=\"number\">share</th>"), std::string::npos);
    EXPECT_NE(html.find("<th scope=\"row\">a</th><td style=\"--share:0.500\" class=\"number\">0.25</td>"),
              std::string::npos);
    EXPECT_NE(html.find("<th scope=\"row\">b</th><td class=\"number\">–</td>"), std::string::npos);
}

TEST(Page, APictureThatIsMissingLeavesItsPlaceEmpty) {
    Page page("faces");
    page.pictures(std::vector<PagePicture>{{Image(), "vanished", 10}});
    EXPECT_EQ(page.html().find("<img"), std::string::npos);
    EXPECT_NE(page.html().find("vanished"), std::string::npos);
}

TEST(Page, ATableWithRaggedRowsIsABug) {
    Page page("figures");
    EXPECT_THROW(page.table({"", {"one"}, {{"a", "b"}}, {}}), Bug);
    EXPECT_THROW(page.table({"", {"one"}, {{"a"}}, {{0.5, 0.5}}}), Bug);
    EXPECT_THROW(page.heading(1, "a second title"), Bug);
}

}  // namespace
}  // namespace affectsr
