// Words as ink: which pixels the letters of an outline font cover, and how far.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace affectsr {

/// How far each pixel of a rectangle is covered by ink, 0–255, row by row; `left` and `top` are its place seen from the
/// pen's first position on the baseline (above it: negative). Nothing to draw: width and height are 0.
struct Ink {
    int left = 0, top = 0, width = 0, height = 0;
    std::vector<std::uint8_t> cover;
};

/// One outline font, drawn with antialiasing: its letters stand on whole pixel rows (FreeType's light hinting, which
/// leaves their widths alone) and at fractions of a pixel along the line, with the font's kerning. Thread-safe.
class Typeface {
 public:
    /// nullptr if the file is missing or is no outline font that FreeType reads.
    static std::unique_ptr<Typeface> open(const std::filesystem::path& file);
    ~Typeface();
    Typeface(const Typeface&) = delete;
    Typeface& operator=(const Typeface&) = delete;

    /// How far the pen moves over one line of UTF-8 text whose capitals are `capital_px` high (hinting may round them
    /// up to one row more), in pixels, rounded up. Bytes that are no UTF-8 count as U+FFFD, control characters as
    /// nothing, and letters that the font lacks are its empty box. Throws Bug if capital_px is not 1–1000.
    int width_px(std::string_view words, int capital_px) const;
    /// The same line as ink.
    Ink ink(std::string_view words, int capital_px) const;

 private:
    struct Parts;
    explicit Typeface(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

/// The two faces that pictures are lettered with.
struct Lettering {
    std::filesystem::path folder;  ///< where they were found; empty: nowhere
    std::unique_ptr<Typeface> regular, bold;

    /// The face asked for, or the other one where only that is installed; nullptr if there is none.
    const Typeface* face(bool want_bold) const;
};

/// DejaVu Sans and DejaVu Sans Bold from the first of `folders` that has one of them.
Lettering find_lettering(const std::vector<std::filesystem::path>& folders);

/// The faces that this process draws with, found at the first call: in $AFFECTSR_FONTS if that is set, else where
/// distributions install DejaVu. If they are nowhere, a warning is logged once and pictures go without words.
/// Thread-safe.
const Lettering& lettering();

}  // namespace affectsr
