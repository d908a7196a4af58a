#include "affectsr/pipeline/canvas.h"

#include <algorithm>

#include "affectsr/pipeline/lettering.h"

namespace affectsr {

namespace {

Area clipped(Area area, ImageSize to) {
    const int left = std::clamp(area.left, 0, to.width), top = std::clamp(area.top, 0, to.height);
    const int right = std::clamp(area.right(), left, to.width), bottom = std::clamp(area.bottom(), top, to.height);
    return {left, top, right - left, bottom - top};
}

}  // namespace

Colour colour_of(Emotion emotion) {
    switch (emotion) {
        case Emotion::neutral:
            return {235, 235, 225};
        case Emotion::happiness:
            return {240, 228, 66};
        case Emotion::sadness:
            return {0, 114, 178};
        case Emotion::surprise:
            return {86, 180, 233};
        case Emotion::fear:
            return {204, 121, 167};
        case Emotion::disgust:
            return {0, 158, 115};
        case Emotion::anger:
            return {213, 94, 0};
        case Emotion::contempt:
            return {230, 159, 0};
    }
    return kUndeterminedColour;
}

Colour readable_on(Colour background) {
    const double level = 0.299 * background[0] + 0.587 * background[1] + 0.114 * background[2];
    return level > 125 ? Colour{0, 0, 0} : Colour{255, 255, 255};
}

Canvas::Canvas(int width, int height, Colour background) : picture_(width, height) {
    fill({0, 0, width, height}, background);
}

void Canvas::fill(Area area, Colour colour) {
    area = clipped(area, size());
    for (int y = area.top; y < area.bottom(); ++y)
        for (int x = area.left; x < area.right(); ++x) std::copy_n(colour.data(), 3, picture_.pixel(x, y));
}

void Canvas::frame(Area area, Colour colour, int thickness_px) {
    const int across = std::min(thickness_px, area.width), down = std::min(thickness_px, area.height);
    fill({area.left, area.top, area.width, down}, colour);
    fill({area.left, area.bottom() - down, area.width, down}, colour);
    fill({area.left, area.top, across, area.height}, colour);
    fill({area.right() - across, area.top, across, area.height}, colour);
}

void Canvas::put(const Image& picture, int left, int top, int factor) {
    const Area area = clipped({left, top, picture.width * factor, picture.height * factor}, size());
    for (int y = area.top; y < area.bottom(); ++y)
        for (int x = area.left; x < area.right(); ++x)
            std::copy_n(picture.pixel((x - left) / factor, (y - top) / factor), 3, picture_.pixel(x, y));
}

int Canvas::text_width(const std::string& words, int capital_px, bool bold) {
    const Typeface* const face = lettering().face(bold);
    return face == nullptr ? 0 : face->width_px(words, capital_px);
}

void Canvas::text(const std::string& words, int left, int baseline, int capital_px, Colour colour, bool bold) {
    const Typeface* const face = lettering().face(bold);
    if (face == nullptr) return;
    const Ink ink = face->ink(words, capital_px);
    const Area place{left + ink.left, baseline + ink.top, ink.width, ink.height}, area = clipped(place, size());
    for (int y = area.top; y < area.bottom(); ++y) {
        const std::uint8_t* const cover = ink.cover.data() + static_cast<std::size_t>(y - place.top) * ink.width;
        for (int x = area.left; x < area.right(); ++x) {
            const int share = cover[x - place.left];
            std::uint8_t* const pixel = picture_.pixel(x, y);
            for (int c = 0; c < 3; ++c)
                pixel[c] = static_cast<std::uint8_t>((pixel[c] * (255 - share) + colour[c] * share + 127) / 255);
        }
    }
}

}  // namespace affectsr
