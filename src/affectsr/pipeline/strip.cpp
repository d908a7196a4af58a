#include "affectsr/pipeline/strip.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"
#include "affectsr/image/resize.h"
#include "affectsr/pipeline/annotate.h"
#include "affectsr/pipeline/canvas.h"
#include "affectsr/pipeline/restoration.h"

namespace affectsr {

namespace {

constexpr Colour kPaper{255, 255, 255}, kInk{24, 26, 31}, kFaintInk{110, 114, 122}, kHollow{236, 237, 240};

// All in pixels of the strip.
constexpr int kPanelPx = 192, kMarginPx = 28, kGapPx = 28, kHeadPx = 50, kFootPx = 52;
constexpr int kBarsLeftPx = 40, kNamesPx = 96, kBarPx = 150, kPercentPx = 52;

std::string size_of(const Image& picture) {
    return std::to_string(picture.width) + " x " + std::to_string(picture.height) + " px";
}

/// The upright square of the face, pixel by pixel as the photo has it.
Image native_pixels(const Image& photo, const Answer::Seen& seen) {
    if (seen.crop.face_in_photo_px == 0 && !seen.crop.pixels.empty())  // the photo is the crop
        return cut_whole(photo, std::max(photo.width, photo.height)).pixels;
    const Face box_only{seen.face.box_in_photo, {}, seen.face.score};
    const double side_px = crop_side_px(box_only);
    if (side_px == 0) return {};
    const int longest = std::max(photo.width, photo.height);
    return cut(photo, box_only, static_cast<int>(std::min(side_px, static_cast<double>(longest)))).pixels;
}

/// Sets a panel's place inside its square, enlarged by a whole factor or shrunk to fit.
void fit(StripPanel& panel, int index, int side_px) {
    const int longer = std::max(panel.picture.width, panel.picture.height);
    if (longer > side_px) {
        panel.picture = resize(
            panel.picture,
            {std::max(1, panel.picture.width * side_px / longer), std::max(1, panel.picture.height * side_px / longer)},
            Filter::bicubic);
        panel.factor = 0;
    } else {
        panel.factor = longer > 0 ? side_px / longer : 1;
    }
    const int shown = std::max(1, panel.factor);
    panel.left = kMarginPx + index * (side_px + kGapPx) + (side_px - panel.picture.width * shown) / 2;
    panel.top = kHeadPx + (side_px - panel.picture.height * shown) / 2;
}

/// Side of the panels: the network's input is never shrunk.
int panel_side(const Answer::Seen& seen) {
    return std::max({kPanelPx, seen.look.network_input.width, seen.look.network_input.height});
}

int text_centred(Canvas& canvas, const std::string& words, int centre, int baseline, int capital_px, Colour colour,
                 bool bold = false) {
    const int width = Canvas::text_width(words, capital_px, bold);
    canvas.text(words, centre - width / 2, baseline, capital_px, colour, bold);
    return width;
}

void draw_panel(Canvas& canvas, const StripPanel& panel, int index, int side_px) {
    const int left = kMarginPx + index * (side_px + kGapPx), centre = left + side_px / 2;
    canvas.fill({left, kHeadPx, side_px, side_px}, kHollow);
    if (!panel.picture.empty()) canvas.put(panel.picture, panel.left, panel.top, std::max(1, panel.factor));
    canvas.frame({left - 1, kHeadPx - 1, side_px + 2, side_px + 2}, {190, 193, 199}, 1);
    text_centred(canvas, panel.title, centre, kHeadPx + side_px + 22, 11, kInk, true);
    text_centred(canvas, panel.detail, centre, kHeadPx + side_px + 40, 9, kFaintInk);
    if (index == 0) return;
    const int middle = kHeadPx + side_px / 2, tip = left - kGapPx / 2 + 4;  // an arrow from the panel before
    for (int i = 0; i < 8; ++i) canvas.fill({tip - i, middle - i, 2, 2 * i + 1}, kFaintInk);
}

void draw_bars(Canvas& canvas, const Expression& expression, int left, int side_px) {
    const int rows = static_cast<int>(expression.labels.size()), step = side_px / rows, bar = step * 3 / 5;
    const Emotion best = expression.best();
    for (int i = 0; i < rows; ++i) {
        const Emotion emotion = expression.labels[i];
        const double share = std::clamp(static_cast<double>(expression.probability[i]), 0.0, 1.0);
        const int top = kHeadPx + i * step + (step - bar) / 2, baseline = top + bar / 2 + 5;
        const std::string name = name_of(emotion);
        const bool chosen = emotion == best;
        canvas.text(name, left + kNamesPx - 10 - Canvas::text_width(name, 9, chosen), baseline, 9, kInk, chosen);
        canvas.fill({left + kNamesPx, top, kBarPx, bar}, kHollow);
        const int length = static_cast<int>(std::lround(share * kBarPx));
        canvas.fill({left + kNamesPx, top, length, bar}, colour_of(emotion));
        if (length > 2) canvas.frame({left + kNamesPx, top, length, bar}, {120, 123, 130}, 1);
        canvas.text(std::to_string(std::lround(100 * share)) + "%", left + kNamesPx + kBarPx + 10, baseline, 9,
                    chosen ? kInk : kFaintInk, chosen);
    }
}

std::string explanation_of(const std::string& reason) {
    if (reason == "too_small") return "the face has too few pixels";
    if (reason == "constant") return "nothing can be seen in the crop";
    if (reason == "not_finite") return "no finite place or answer";
    if (reason == "turned") return "turned by more than 60 degrees";
    if (reason == "not_a_face") return "drawn: areas of one colour";
    return reason;
}

}  // namespace

std::vector<StripPanel> strip_panels(const Image& photo, const Answer::Seen& seen) {
    AFFECTSR_EXPECT(!photo.empty(), "a strip needs the photo");
    const Look& look = seen.look;
    const bool judged = !look.network_input.empty();
    std::vector<StripPanel> panels(4);
    panels[0].title = "in the photo", panels[0].picture = native_pixels(photo, seen);
    panels[1].title = "aligned", panels[1].picture = seen.crop.pixels;
    panels[2].title = "restored";
    if (judged) panels[2].picture = look.restored;
    panels[3].title = "network input", panels[3].picture = look.network_input;
    for (int i = 0; i < 4; ++i) {
        StripPanel& panel = panels[i];
        panel.detail = panel.picture.empty() ? "none" : size_of(panel.picture);
        fit(panel, i, panel_side(seen));
    }
    if (!judged) panels[2].detail = panels[3].detail = "not asked";
    if (judged && look.route.road == Road::direct) panels[2].detail = "not needed: large enough";
    if (!look.restorer_reason.empty() && !did_without_landmarks(look.restorer_reason))
        panels[2].detail = "bicubic: " + look.restorer_reason;
    return panels;
}

Image strip(const Image& photo, const Answer::Seen& seen) {
    const int side_px = panel_side(seen);
    const std::vector<StripPanel> panels = strip_panels(photo, seen);
    const int bars_left = kMarginPx + 4 * side_px + 3 * kGapPx + kBarsLeftPx;
    Canvas canvas(bars_left + kNamesPx + kBarPx + kPercentPx + kMarginPx, kHeadPx + side_px + kFootPx + 8, kPaper);
    canvas.text("What the model saw", kMarginPx, 31, 13, kInk, true);
    for (int i = 0; i < 4; ++i) draw_panel(canvas, panels[i], i, side_px);

    const Colour colour = colour_of(seen.look);
    canvas.fill({bars_left, 17, 14, 14}, colour);
    canvas.frame({bars_left, 17, 14, 14}, kInk, 1);
    const std::string verdict = seen.look.expression.empty() ? "undetermined" : label_of(seen.look);
    canvas.text(verdict, bars_left + 24, 30, 12, kInk, true);
    if (!seen.look.expression.empty())
        draw_bars(canvas, seen.look.expression, bars_left, side_px);
    else
        canvas.text(explanation_of(seen.look.reason), bars_left, kHeadPx + 14, 10, kFaintInk);
    return canvas.take();
}

}  // namespace affectsr
