#include "affectsr/pipeline/annotate.h"

#include <algorithm>
#include <cmath>

#include "affectsr/image/resize.h"

namespace affectsr {

namespace {

constexpr int kReadableSidePx = 1000;  // smaller photos are enlarged to about this
constexpr int kReadableFacePx = 72;    // and to faces of this size: a label is about as wide as two of them
constexpr int kLargestSidePx = 2600;   // but no further than this

double middle_face_px(const Answer& answer) {
    std::vector<double> sizes;
    for (const Answer::Seen& seen : answer.faces) {
        const double size = static_cast<double>(seen.face.box_in_photo.size_px());
        if (std::isfinite(size) && size > 0) sizes.push_back(size);
    }
    if (sizes.empty()) return kReadableFacePx;
    std::nth_element(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2), sizes.end());
    return sizes[sizes.size() / 2];
}

int enlargement(ImageSize photo, double face_px) {
    const int longer = std::max(photo.width, photo.height);
    const double wanted = std::max(static_cast<double>(kReadableSidePx) / longer, kReadableFacePx / face_px);
    const int allowed = std::max(1, kLargestSidePx / longer);
    return std::clamp(static_cast<int>(std::ceil(std::min(wanted, 1e6))), 1, allowed);
}

/// Sizes that follow from the picture's: all in its pixels.
struct DrawingSizes {
    int capital, line, padding;
};

DrawingSizes sizes_for(ImageSize picture, double face_px) {
    const int longer = std::max(picture.width, picture.height);
    // About as large as a caption on a page; smaller in a crowd, never unreadable.
    const double capital = std::clamp(std::min(longer / 85.0, face_px / 5.5), 11.0, 90.0);
    return {static_cast<int>(std::lround(capital)), std::max(2, static_cast<int>(std::lround(capital / 6))),
            static_cast<int>(std::lround(capital * 0.5))};
}

Area area_of(const Box& box, int factor, ImageSize picture) {
    // A box may reach far beyond the photo, or be no number at all.
    const auto pixel = [&](float position, int most) {
        const double scaled = static_cast<double>(position) * factor;
        return std::isfinite(scaled) ? static_cast<int>(std::lround(std::clamp(scaled, -1.0 * most, 2.0 * most))) : 0;
    };
    const int left = pixel(box.x, picture.width), top = pixel(box.y, picture.height);
    return {left, top, pixel(box.x + box.width, picture.width) - left, pixel(box.y + box.height, picture.height) - top};
}

std::int64_t shared(const Area& a, const Area& b) {
    const std::int64_t width = std::min(a.right(), b.right()) - std::max(a.left, b.left);
    const std::int64_t height = std::min(a.bottom(), b.bottom()) - std::max(a.top, b.top);
    return width > 0 && height > 0 ? width * height : 0;
}

Area moved_inside(Area area, ImageSize picture) {
    area.left = std::clamp(area.left, 0, std::max(0, picture.width - area.width));
    area.top = std::clamp(area.top, 0, std::max(0, picture.height - area.height));
    return area;
}

/// The place around the box that hides least: another label counts ten times its area, a face four times.
Area place_label(const Area& box, ImageSize label, ImageSize picture, const std::vector<Area>& labels,
                 const std::vector<Area>& boxes) {
    std::vector<Area> places;
    const int above = box.top - label.height, slack = box.width - label.width;
    for (const int share : {0, 4, 2, 1, 3})  // flush left, flush right, centred, between
        for (const int top : {above, box.bottom()})
            places.push_back({box.left + slack * share / 4, top, label.width, label.height});
    for (const int top : {box.top, box.bottom() - label.height})
        for (const int left : {box.right(), box.left - label.width})
            places.push_back({left, top, label.width, label.height});
    Area best{};
    std::int64_t least = -1;
    for (const Area& place : places) {
        const Area here = moved_inside(place, picture);
        std::int64_t hidden = 0;
        for (const Area& other : labels) hidden += 10 * shared(here, other);
        for (const Area& other : boxes) hidden += 4 * shared(here, other);
        if (least < 0 || hidden < least) best = here, least = hidden;
    }
    return best;
}

void draw_box(Canvas& canvas, const Area& box, Colour colour, int line) {
    const int edge = std::max(1, line / 2);
    const Area outer{box.left - line - edge, box.top - line - edge, box.width + 2 * (line + edge),
                     box.height + 2 * (line + edge)};
    canvas.frame(outer, {0, 0, 0}, line + 2 * edge);
    canvas.frame({box.left - line, box.top - line, box.width + 2 * line, box.height + 2 * line}, colour, line);
}

}  // namespace

std::string label_of(const Look& look) {
    if (look.expression.empty()) {
        std::string reason = look.reason.empty() ? "undetermined" : look.reason;
        std::replace(reason.begin(), reason.end(), '_', ' ');
        return reason;
    }
    const auto percent = std::lround(100 * look.expression.confidence());
    return std::string(name_of(look.expression.best())) + " " + std::to_string(percent) + "%";
}

Colour colour_of(const Look& look) {
    return look.expression.empty() ? kUndeterminedColour : colour_of(look.expression.best());
}

Image annotate(const Image& photo, const Answer& answer) {
    const double face_px = middle_face_px(answer);
    const int factor = enlargement(photo.size(), face_px);
    const ImageSize size{photo.width * factor, photo.height * factor};
    Canvas canvas(factor == 1 ? photo : resize(photo, size, Filter::bicubic));
    const DrawingSizes sizes = sizes_for(size, face_px * factor);
    std::vector<Area> boxes, labels;
    for (const Answer::Seen& seen : answer.faces) boxes.push_back(area_of(seen.face.box_in_photo, factor, size));
    for (std::size_t i = 0; i < boxes.size(); ++i)
        draw_box(canvas, boxes[i], colour_of(answer.faces[i].look), sizes.line);
    const int edge = std::max(1, sizes.line / 2), rim = sizes.line + edge;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const Look& look = answer.faces[i].look;
        const std::string words = label_of(look);
        const int width = Canvas::text_width(words, sizes.capital);
        if (width == 0) continue;
        const ImageSize label{width + 2 * sizes.padding + 2 * edge, sizes.capital + 2 * sizes.padding + 2 * edge};
        const Area framed{boxes[i].left - rim, boxes[i].top - rim, boxes[i].width + 2 * rim, boxes[i].height + 2 * rim};
        const Area place = place_label(framed, label, size, labels, boxes);
        labels.push_back(place);
        const Colour colour = colour_of(look);
        canvas.fill(place, colour);
        canvas.frame(place, {0, 0, 0}, edge);
        canvas.text(words, place.left + edge + sizes.padding, place.bottom() - edge - sizes.padding, sizes.capital,
                    readable_on(colour));
    }
    return canvas.take();
}

}  // namespace affectsr
