#include "affectsr/experiment/page.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>

#include "affectsr/base/error.h"
#include "affectsr/base/fields.h"
#include "affectsr/image/encode.h"

namespace affectsr {

namespace {

// What a browser may do with the page: show it. A name that slipped through unescaped could still load and run nothing.
constexpr const char* kPolicy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ink: #1b1b1b; --paper: #fff; --pale: #5c5c5c; --line: #d0d0d0; --tint: #f4f4f4;
  --warn: #b03a00; --shade: 0 114 178; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --paper: #161616; --pale: #a8a8a8; --line: #444;
  --tint: #222; --warn: #ff9d66; --shade: 86 180 233; } }
body { font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--ink); background: var(--paper);
  max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3, h4 { line-height: 1.25; overflow-wrap: anywhere; }
p, li { max-width: 46rem; overflow-wrap: anywhere; unicode-bidi: isolate; }
.warning { color: var(--warn); font-weight: 600; }
.wide { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; font-size: 0.9rem; }
caption { text-align: left; color: var(--pale); padding-bottom: 0.3rem; }
th, td { border-bottom: 1px solid var(--line); padding: 0.25rem 0.7rem; text-align: left; vertical-align: top;
  min-width: 6rem; max-width: 40rem; overflow-wrap: anywhere; unicode-bidi: isolate; }
thead th { background: var(--tint); vertical-align: bottom; }
tbody th { font-weight: normal; }
.number { text-align: right; font-variant-numeric: tabular-nums; min-width: 0; overflow-wrap: normal; }
td[style] { background: rgb(var(--shade) / calc(0.75 * var(--share))); }
.pictures { margin: 1.2rem 0; padding: 0.7rem; border: 1px solid var(--line); break-inside: avoid; }
.pictures > div { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-end; }
.pictures > div > figure { margin: 0; max-width: 100%; }
figcaption { font-size: 0.85rem; color: var(--pale); white-space: pre-line; overflow-wrap: anywhere;
  unicode-bidi: isolate; }
.pictures > figcaption { color: var(--ink); margin-top: 0.5rem; }
img { display: block; max-width: 100%; height: auto; }
img[width] { image-rendering: pixelated; }
.none { width: 8rem; height: 8rem; border: 1px dashed var(--line); }
@media print { :root { color-scheme: light; --ink: #000; --paper: #fff; --pale: #444; --line: #bbb; --tint: #eee;
  --warn: #900; --shade: 0 114 178; } body { margin: 0; max-width: none; font-size: 10pt; }
  * { print-color-adjust: exact; } tr, h2, h3 { break-inside: avoid; } h2, h3 { break-after: avoid; }
  .wide { overflow: visible; } }
)";

/// Valid UTF-8: what is none becomes U+FFFD.
std::string valid_utf8_of(std::string_view bytes) {
    return Json::parse(Json(std::string(bytes)).dump(-1, ' ', false, Json::error_handler_t::replace))
        .get<std::string>();
}

bool is_number(const std::string& text) {
    return text == "–" || (!text.empty() && text.find_first_of("0123456789") != std::string::npos &&
                           text.find_first_not_of("0123456789.+-eE% ") == std::string::npos);
}

std::string cell(const char* name, const std::string& text, const std::string& attributes) {
    return std::string("<") + name + attributes + (is_number(text) ? " class=\"number\">" : ">") + escaped_html(text) +
           "</" + name + ">";
}

std::string row_of(const PageTable& table, std::size_t r) {
    std::string html = "<tr>";
    for (std::size_t c = 0; c < table.rows[r].size(); ++c) {
        std::string shade;
        if (!table.shades.empty() && table.shades[r][c] > 0) {
            char style[64];
            std::snprintf(style, sizeof style, " style=\"--share:%.3f\"", std::min(table.shades[r][c], 1.0));
            shade = style;
        }
        html += c == 0 ? cell("th", table.rows[r][c], " scope=\"row\"") : cell("td", table.rows[r][c], shade);
    }
    return html + "</tr>\n";
}

std::string figure_of(const PagePicture& shown) {
    std::string html = "<figure>";
    if (shown.picture.empty()) {
        html += "<div class=\"none\"></div>";
    } else {
        html += "<img src=\"" + data_uri(shown.picture) + "\" alt=\"" + escaped_html(shown.caption) + "\"";
        if (shown.shown_px > 0) html += " width=\"" + std::to_string(shown.shown_px) + "\"";
        html += ">";
    }
    if (!shown.caption.empty()) html += "<figcaption>" + escaped_html(shown.caption) + "</figcaption>";
    return html + "</figure>";
}

std::string base64(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t left = std::min<std::size_t>(bytes.size() - i, 3);
        std::uint32_t three = 0;
        for (std::size_t k = 0; k < 3; ++k) three = three << 8 | (k < left ? bytes[i + k] : 0U);
        for (std::size_t k = 0; k < 4; ++k) text += k <= left ? kLetters[three >> (18 - 6 * k) & 63] : '=';
    }
    return text;
}

}  // namespace

std::string escaped_html(std::string_view text) {
    std::string safe;
    const std::string valid = valid_utf8_of(text);
    for (std::size_t i = 0; i < valid.size(); ++i) {
        const auto byte = static_cast<unsigned char>(valid[i]);
        // C1 control characters (U+0080…U+009F) are two bytes, 0xC2 and one below 0xA0.
        const bool c1 = byte == 0xC2 && i + 1 < valid.size() && static_cast<unsigned char>(valid[i + 1]) < 0xA0;
        if (c1 || (byte < 32 && byte != '\n' && byte != '\t') || byte == 127) {
            safe += "\uFFFD";
            i += c1;
            continue;
        }
        switch (valid[i]) {
            case '&':
                safe += "&amp;";
                break;
            case '<':
                safe += "&lt;";
                break;
            case '>':
                safe += "&gt;";
                break;
            case '"':
                safe += "&quot;";
                break;
            case '\'':
                safe += "&#39;";
                break;
            default:
                safe += valid[i];
        }
    }
    return safe;
}

std::string data_uri(const Image& picture) {
    return "data:image/png;base64," + base64(encode_png(picture));
}

Page::Page(std::string title) : title_(std::move(title)) {}

void Page::element(const char* name, std::string_view text, const char* kind) {
    body_ += std::string("<") + name + (kind ? std::string(" class=\"") + kind + "\">" : ">") + escaped_html(text) +
             "</" + name + ">\n";
}

void Page::heading(int level, std::string_view text) {
    AFFECTSR_EXPECT(level >= 2 && level <= 4, "a heading below the title is of level 2 to 4");
    element(level == 2 ? "h2" : level == 3 ? "h3" : "h4", text);
}

void Page::paragraph(std::string_view text) {
    element("p", text);
}

void Page::warning(std::string_view text) {
    element("p", text, "warning");
}

void Page::list(std::span<const std::string> items) {
    if (items.empty()) return;
    body_ += "<ul>\n";
    for (const std::string& item : items) element("li", item);
    body_ += "</ul>\n";
}

void Page::table(const PageTable& table) {
    const std::size_t columns =
        table.head.empty() ? (table.rows.empty() ? 0 : table.rows[0].size()) : table.head.size();
    AFFECTSR_EXPECT(table.shades.empty() || table.shades.size() == table.rows.size(), "a row of shades for every row");
    for (std::size_t r = 0; r < table.rows.size(); ++r) {
        const bool shaded_alike = table.shades.empty() || table.shades[r].size() == columns;
        AFFECTSR_EXPECT(table.rows[r].size() == columns && shaded_alike, "the rows of a table have the same columns");
    }
    body_ += "<div class=\"wide\" tabindex=\"0\"><table>\n";
    if (!table.caption.empty()) element("caption", table.caption);
    if (!table.head.empty()) {
        body_ += "<thead><tr>";
        for (std::size_t c = 0; c < columns; ++c) {
            // Over a column of numbers the head stands to the right, too.
            const bool numbers = !table.rows.empty() && std::all_of(table.rows.begin(), table.rows.end(),
                                                                    [&](const auto& row) { return is_number(row[c]); });
            body_ += std::string("<th scope=\"col\"") + (numbers ? " class=\"number\">" : ">") +
                     escaped_html(table.head[c]) + "</th>";
        }
        body_ += "</tr></thead>\n";
    }
    body_ += "<tbody>\n";
    for (std::size_t r = 0; r < table.rows.size(); ++r) body_ += row_of(table, r);
    body_ += "</tbody></table></div>\n";
}

void Page::pictures(std::span<const PagePicture> pictures, std::string_view caption) {
    body_ += "<figure class=\"pictures\"><div>";
    for (const PagePicture& shown : pictures) body_ += figure_of(shown);
    body_ += "</div>";
    if (!caption.empty()) body_ += "<figcaption>" + escaped_html(caption) + "</figcaption>";
    body_ += "</figure>\n";
}

void Page::plot(const DotPlot& plot, std::string_view caption) {
    drawing(svg_of(plot), caption);
}

void Page::lines(const LinePlot& plot, std::string_view caption) {
    drawing(svg_of_lines(plot), caption);
}

void Page::drawing(const std::string& svg, std::string_view caption) {
    body_ += "<figure class=\"pictures\">" + svg;
    if (!caption.empty()) body_ += "<figcaption>" + escaped_html(caption) + "</figcaption>";
    body_ += "</figure>\n";
}

std::string Page::html() const {
    return std::string("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n") +
           "<meta http-equiv=\"Content-Security-Policy\" content=\"" + kPolicy + "\">\n" +
           "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n" +
           "<meta name=\"robots\" content=\"noindex\">\n<meta name=\"generator\" content=\"affectsr\">\n<title>" +
           escaped_html(title_) + "</title>\n<style>" + kStyle + "</style>\n</head>\n<body>\n<h1>" +
           escaped_html(title_) + "</h1>\n" + body_ + "</body>\n</html>\n";
}

}  // namespace affectsr
