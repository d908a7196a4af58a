#include "affectsr/pipeline/canvas.h"

#include <algorithm>
#include <cmath>

#ifdef AFFECTSR_OPENCV
#include <opencv2/imgproc.hpp>
#endif

namespace affectsr {

namespace {

Area clipped(Area area, ImageSize to) {
    const int left = std::clamp(area.left, 0, to.width), top = std::clamp(area.top, 0, to.height);
    const int right = std::clamp(area.right(), left, to.width), bottom = std::clamp(area.bottom(), top, to.height);
    return {left, top, right - left, bottom - top};
}

#ifdef AFFECTSR_OPENCV
// OpenCV's stroke fonts are drawn this many times larger and shrunk again: their own antialiasing is coarse at text
// size.
constexpr int kOversampling = 4;
constexpr int kFont = cv::FONT_HERSHEY_DUPLEX;

struct Lettering {
    double scale;
    int stroke;
};

Lettering lettering(int capital_px, bool bold) {
    const double scale = capital_px * kOversampling / 21.0;  // capitals of the Hershey fonts are 21 units high
    return {scale, std::max(1, static_cast<int>(std::lround(scale * (bold ? 2.7 : 1.8))))};
}
#endif

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

#ifdef AFFECTSR_OPENCV

int Canvas::text_width(const std::string& words, int capital_px, bool bold) {
    const Lettering letters = lettering(capital_px, bold);
    int below = 0;
    const cv::Size size = cv::getTextSize(words, kFont, letters.scale, letters.stroke, &below);
    return (size.width + kOversampling - 1) / kOversampling;
}

void Canvas::text(const std::string& words, int left, int baseline, int capital_px, Colour colour, bool bold) {
    const Lettering letters = lettering(capital_px, bold);
    const int width = text_width(words, capital_px, bold) + capital_px, height = 2 * capital_px + 2;
    const int ascent = capital_px + capital_px / 2;  // room for strokes above the capitals, and below for descenders
    cv::Mat large = cv::Mat::zeros(height * kOversampling, width * kOversampling, CV_8U), ink;
    cv::putText(large, words, {capital_px / 2 * kOversampling, ascent * kOversampling}, kFont, letters.scale,
                cv::Scalar::all(255), letters.stroke, cv::LINE_AA);
    cv::resize(large, ink, {width, height}, 0, 0, cv::INTER_AREA);
    const int x0 = left - capital_px / 2, y0 = baseline - ascent;
    const Area area = clipped({x0, y0, width, height}, size());
    for (int y = area.top; y < area.bottom(); ++y) {
        for (int x = area.left; x < area.right(); ++x) {
            const int share = ink.at<std::uint8_t>(y - y0, x - x0);
            std::uint8_t* const pixel = picture_.pixel(x, y);
            for (int c = 0; c < 3; ++c)
                pixel[c] = static_cast<std::uint8_t>((pixel[c] * (255 - share) + colour[c] * share + 127) / 255);
        }
    }
}

#else

int Canvas::text_width(const std::string&, int, bool) {
    return 0;
}
void Canvas::text(const std::string&, int, int, int, Colour, bool) {}

#endif

}  // namespace affectsr
