#include "affectsr/pipeline/lettering.h"

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <mutex>

#include "affectsr/base/error.h"
#include "affectsr/base/log.h"

namespace affectsr {

namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr double kSubpixels = 64;  // FreeType's outlines count in 1/64 px
constexpr int kLargestCapitalPx = 1000;
constexpr FT_Int32 kHow = FT_LOAD_TARGET_LIGHT | FT_LOAD_NO_BITMAP;

/// The code points of UTF-8 text. Well-formed sequences: The Unicode Standard 15, table 3-7.
std::u32string code_points(std::string_view text) {
    std::u32string points;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i++]);
        const int more = lead < 0x80 ? 0 : lead >= 0xC2 && lead < 0xE0 ? 1 : (lead & 0xF0) == 0xE0 ? 2 : 3;
        char32_t point = more == 0 ? lead : lead & (0x3F >> more);
        bool sound = lead < 0x80 || (lead >= 0xC2 && lead < 0xF5);
        for (int k = 0; sound && k < more; ++k) {
            const unsigned char next = i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
            sound = (next & 0xC0) == 0x80;
            if (sound) point = point << 6 | (next & 0x3F), ++i;
        }
        const bool too_long = (more == 2 && point < 0x800) || (more == 3 && point < 0x10000);
        if (!sound || too_long || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) point = kReplacement;
        if (point >= 0x20 && point != 0x7F) points.push_back(point);
    }
    return points;
}

/// Adds a glyph's coverage to the line's; both lie on the line's pixel grid.
void add(Ink& line, const FT_Bitmap& glyph, int left, int top) {
    for (int y = 0; y < static_cast<int>(glyph.rows); ++y) {
        for (int x = 0; x < static_cast<int>(glyph.width); ++x) {
            const int to_x = left - line.left + x, to_y = top - line.top + y;
            if (to_x < 0 || to_x >= line.width || to_y < 0 || to_y >= line.height) continue;
            std::uint8_t& there = line.cover[static_cast<std::size_t>(to_y) * line.width + to_x];
            there = static_cast<std::uint8_t>(std::min(255, there + glyph.buffer[y * glyph.pitch + x]));
        }
    }
}

}  // namespace

struct Typeface::Parts {
    FT_Library library = nullptr;
    FT_Face face = nullptr;
    long capital_units = 0;  // height of an H in the font's own units
    std::mutex mutex;        // FreeType's faces serve one caller at a time

    ~Parts() {
        if (face != nullptr) FT_Done_Face(face);
        if (library != nullptr) FT_Done_FreeType(library);
    }

    void set_size(int capital_px) const {
        AFFECTSR_EXPECT(capital_px >= 1 && capital_px <= kLargestCapitalPx, "capitals are 1 to 1000 px high");
        const double em_px = static_cast<double>(capital_px) * face->units_per_EM / static_cast<double>(capital_units);
        FT_Set_Char_Size(face, 0, std::lround(em_px * kSubpixels), 72, 72);
    }

    /// Calls place(pen_px) for each glyph of the line, loaded into the face's slot; the pen's last position.
    template <class Place>
    double walk(std::string_view words, Place place) const {
        double pen_px = 0;
        FT_UInt before = 0;
        for (const char32_t point : code_points(words)) {
            const FT_UInt glyph = FT_Get_Char_Index(face, point);
            FT_Vector kerning{0, 0};
            if (before != 0 && glyph != 0) FT_Get_Kerning(face, before, glyph, FT_KERNING_UNFITTED, &kerning);
            before = glyph;
            if (FT_Load_Glyph(face, glyph, kHow) != 0 || face->glyph->format != FT_GLYPH_FORMAT_OUTLINE) continue;
            pen_px += static_cast<double>(kerning.x) / kSubpixels;
            place(pen_px);
            pen_px += static_cast<double>(face->glyph->linearHoriAdvance) / 65536;
        }
        return pen_px;
    }
};

Typeface::Typeface(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Typeface::~Typeface() = default;

std::unique_ptr<Typeface> Typeface::open(const std::filesystem::path& file) {
    auto parts = std::make_unique<Parts>();
    if (FT_Init_FreeType(&parts->library) != 0) return nullptr;
    if (FT_New_Face(parts->library, file.c_str(), 0, &parts->face) != 0) return nullptr;
    if (!FT_IS_SCALABLE(parts->face) || FT_Load_Char(parts->face, 'H', FT_LOAD_NO_SCALE) != 0) return nullptr;
    parts->capital_units = parts->face->glyph->metrics.horiBearingY;
    if (parts->capital_units <= 0) return nullptr;
    return std::unique_ptr<Typeface>(new Typeface(std::move(parts)));
}

int Typeface::width_px(std::string_view words, int capital_px) const {
    const std::lock_guard lock(parts_->mutex);
    parts_->set_size(capital_px);
    return static_cast<int>(std::ceil(parts_->walk(words, [](double) {})));
}

Ink Typeface::ink(std::string_view words, int capital_px) const {
    const std::lock_guard lock(parts_->mutex);
    parts_->set_size(capital_px);
    const double end_px = parts_->walk(words, [](double) {});
    if (end_px <= 0) return {};
    // Letters reach a little before the pen's start and beyond its end, accents above the capitals.
    Ink line{-capital_px, -2 * capital_px, static_cast<int>(std::ceil(end_px)) + 2 * capital_px, 3 * capital_px, {}};
    line.cover.resize(static_cast<std::size_t>(line.width) * line.height);
    parts_->walk(words, [&](double pen_px) {
        FT_GlyphSlot const glyph = parts_->face->glyph;
        const double whole = std::floor(pen_px);
        FT_Outline_Translate(&glyph->outline, std::lround((pen_px - whole) * kSubpixels), 0);
        if (FT_Render_Glyph(glyph, FT_RENDER_MODE_NORMAL) != 0) return;
        add(line, glyph->bitmap, static_cast<int>(whole) + glyph->bitmap_left, -glyph->bitmap_top);
    });
    return line;
}

const Typeface* Lettering::face(bool want_bold) const {
    const Typeface *const wanted = (want_bold ? bold : regular).get(), *const other =
                                                                           (want_bold ? regular : bold).get();
    return wanted != nullptr ? wanted : other;
}

Lettering find_lettering(const std::vector<std::filesystem::path>& folders) {
    for (const std::filesystem::path& folder : folders) {
        Lettering found{folder, Typeface::open(folder / "DejaVuSans.ttf"),
                        Typeface::open(folder / "DejaVuSans-Bold.ttf")};
        if (found.face(false) != nullptr) return found;
    }
    return {};
}

const Lettering& lettering() {
    static const Lettering found = [] {
        // Debian's and Ubuntu's place, then Fedora's, openSUSE's, Arch's.
        std::vector<std::filesystem::path> folders{"/usr/share/fonts/truetype/dejavu",
                                                   "/usr/share/fonts/dejavu-sans-fonts", "/usr/share/fonts/truetype",
                                                   "/usr/share/fonts/TTF"};
        if (const char* named = std::getenv("AFFECTSR_FONTS"); named != nullptr && *named != '\0') folders = {named};
        Lettering faces = find_lettering(folders);
        if (faces.folder.empty())
            log(LogLevel::warning, "pictures are drawn without words: no DejaVuSans.ttf in " + folders[0].string() +
                                       "; install the package fonts-dejavu-core, or name its folder in AFFECTSR_FONTS");
        return faces;
    }();
    return found;
}

}  // namespace affectsr
