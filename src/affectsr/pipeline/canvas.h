// Draws rectangles, pictures and words on a picture.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "affectsr/face/expression.h"
#include "affectsr/image/image.h"

namespace affectsr {

using Colour = std::array<std::uint8_t, 3>;  ///< R, G, B

/// One colour per emotion, told apart by colour-blind readers too: Okabe & Ito 2008, "Color Universal Design", with a
/// pale one for neutral.
Colour colour_of(Emotion);
inline constexpr Colour kUndeterminedColour{150, 150, 150};
/// Black or white, whichever is easier to read on `background`.
Colour readable_on(Colour background);

/// A rectangle of whole pixels.
struct Area {
    int left = 0, top = 0, width = 0, height = 0;
    int right() const { return left + width; }
    int bottom() const { return top + height; }
};

/// A picture that is being drawn on. What lies outside it is left out. Not thread-safe; one per picture.
class Canvas {
 public:
    explicit Canvas(Image picture) : picture_(std::move(picture)) {}
    Canvas(int width, int height, Colour background);
    ImageSize size() const { return picture_.size(); }

    void fill(Area area, Colour colour);
    /// A frame of `thickness_px` inside the area's edges.
    void frame(Area area, Colour colour, int thickness_px);
    /// The picture's pixels, each `factor` × `factor` pixels large, unchanged in colour.
    void put(const Image& picture, int left, int top, int factor);
    /// One line of UTF-8 text whose capitals are `capital_px` high (1–1000), its pen starting at `left`, the last row
    /// of its capitals just above `baseline`. No font is installed: nothing (see lettering()).
    void text(const std::string& words, int left, int baseline, int capital_px, Colour colour, bool bold = false);
    /// How far the pen moves over such a line, in pixels; 0 if no font is installed.
    static int text_width(const std::string& words, int capital_px, bool bold = false);

    const Image& picture() const { return picture_; }
    Image take() { return std::move(picture_); }

 private:
    Image picture_;
};

}  // namespace affectsr
