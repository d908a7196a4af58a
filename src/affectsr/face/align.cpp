#include "affectsr/face/align.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/face/crop_template.h"
#include "affectsr/face/lmeds.h"
#include "affectsr/face/warp.h"
#include "affectsr/image/resize.h"

namespace affectsr {

namespace {

// Landmarks whose crop is this many times smaller or larger than the box are mistaken, and the box is believed.
constexpr double kMostDisagreement = 2.5;
// Beyond every photo (ImageLimits allow 16,384 px): such a box is no face.
constexpr float kFarthestPx = 1e6F;
// Share of the side over which a pasted face fades out.
constexpr double kFeather = 0.125;

bool finite(const Box& box) {
    return std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.width) && std::isfinite(box.height) &&
           std::abs(box.x) < kFarthestPx && std::abs(box.y) < kFarthestPx && box.width < kFarthestPx &&
           box.height < kFarthestPx;
}

/// The square that five landmarks ask for, as photo_from_unit; std::nullopt if they do not fit their box.
std::optional<Similarity> landmark_frame(const Face& face) {
    const std::optional<Similarity> unit_from_photo = fit_similarity(face.landmarks_in_photo, kCropTemplate);
    if (!unit_from_photo || !(unit_from_photo->scale() > 0)) return std::nullopt;
    const Similarity frame = unit_from_photo->inverse();
    const Box& box = face.box_in_photo;
    const Point centre = frame.apply({0.5F, 0.5F});
    const double times_box = frame.scale() / static_cast<double>(std::max(box.width, box.height));
    const bool fits = times_box < kMostDisagreement && times_box > 1 / kMostDisagreement && centre.x > box.x &&
                      centre.x < box.x + box.width && centre.y > box.y && centre.y < box.y + box.height;
    return fits ? std::optional(frame) : std::nullopt;
}

/// The crop's square as photo_from_unit: (0,0)–(1,1) are its edges. std::nullopt: the face cannot be cut.
std::optional<Similarity> crop_frame(const Face& face) {
    const Box& box = face.box_in_photo;
    if (!finite(box) || !(box.size_px() > 0)) return std::nullopt;
    if (face.landmarks_in_photo.size() == kCropTemplate.size()) {
        if (const std::optional<Similarity> frame = landmark_frame(face)) return frame;
    }
    const double width = static_cast<double>(box.width), height = static_cast<double>(box.height);
    const double side = std::max(1.0, std::round(std::max(width, height) * kCropOverBox));
    // Edges lie half a pixel before pixel centres.
    const double left = std::round(static_cast<double>(box.x) + (width - side) / 2) - 0.5;
    const double top = std::round(static_cast<double>(box.y) + (height - side) / 2) - 0.5;
    return Similarity{side, 0, left, top};
}

/// Where the five landmarks lie: as located, or else where they are in `frame`, the face's square, on the average.
Landmarks believed_landmarks(const Face& face, const Similarity& frame) {
    if (face.landmarks_in_photo.size() == kCropTemplate.size() && landmark_frame(face)) return face.landmarks_in_photo;
    Landmarks average;
    for (const Point& point : kCropTemplate) average.push_back(frame.apply(point));
    return average;
}

/// The picture of the face that photo_from_crop shows.
FaceCrop crop_through(const Image& photo, const Face& face, const Similarity& photo_from_crop, int size_px) {
    FaceCrop crop;
    crop.photo_from_crop = photo_from_crop;
    crop.pixels = warp(photo, photo_from_crop, {size_px, size_px});
    const Similarity crop_from_photo = photo_from_crop.inverse();
    for (const Point& point : face.landmarks_in_photo) crop.landmarks_in_crop.push_back(crop_from_photo.apply(point));
    crop.face_in_photo_px = face.box_in_photo.size_px();
    return crop;
}

/// Pixel centres of an n × n picture → the unit square of its edges.
Similarity unit_from_pixels(int n) {
    return {1.0 / n, 0, 0.5 / n, 0.5 / n};
}

}  // namespace

std::optional<Similarity> fit_similarity(std::span<const Point> source, std::span<const Point> target) {
    if (source.size() < 2 || source.size() != target.size()) return std::nullopt;
    const double n = static_cast<double>(source.size());
    double source_x = 0, source_y = 0, target_x = 0, target_y = 0;
    for (std::size_t i = 0; i < source.size(); ++i) {
        source_x += static_cast<double>(source[i].x) / n, source_y += static_cast<double>(source[i].y) / n;
        target_x += static_cast<double>(target[i].x) / n, target_y += static_cast<double>(target[i].y) / n;
    }
    double spread = 0, along = 0, across = 0;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const double sx = static_cast<double>(source[i].x) - source_x, sy = static_cast<double>(source[i].y) - source_y;
        const double tx = static_cast<double>(target[i].x) - target_x, ty = static_cast<double>(target[i].y) - target_y;
        spread += sx * sx + sy * sy;
        along += sx * tx + sy * ty;
        across += sx * ty - sy * tx;
    }
    if (!(spread > 0) || !std::isfinite(spread + along + across)) return std::nullopt;
    const double a = along / spread, b = across / spread;
    return Similarity{a, b, target_x - (a * source_x - b * source_y), target_y - (b * source_x + a * source_y)};
}

double crop_side_px(const Face& face) {
    const std::optional<Similarity> frame = crop_frame(face);
    return frame ? frame->scale() : 0;
}

FaceCrop cut(const Image& photo, const Face& face, int size_px) {
    AFFECTSR_EXPECT(!photo.empty() && size_px >= 1, "cut() needs a photo and a size of at least 1 px");
    const std::optional<Similarity> frame = crop_frame(face);
    AFFECTSR_EXPECT(frame.has_value(), "cut() needs a face whose box has a size");
    return crop_through(photo, face, compose(*frame, unit_from_pixels(size_px)), size_px);
}

FaceCrop cut(const Image& photo, const Face& face, const CropTemplate& framing, int size_px, Fit fit) {
    AFFECTSR_EXPECT(!photo.empty() && size_px >= 1, "cut() needs a photo and a size of at least 1 px");
    const std::optional<Similarity> frame = crop_frame(face);
    AFFECTSR_EXPECT(frame.has_value(), "cut() needs a face whose box has a size");
    const Landmarks points = believed_landmarks(face, *frame);
    const std::array<Point, 5> target = framing.points_at(size_px);
    const std::optional<Similarity> crop_from_photo =
        fit == Fit::lmeds ? fit_similarity_lmeds(points, target) : fit_similarity(points, target);
    AFFECTSR_EXPECT(crop_from_photo && crop_from_photo->scale() > 0, "a template's points lie apart");
    return crop_through(photo, face, crop_from_photo->inverse(), size_px);
}

FaceCrop cut_whole(const Image& photo, int most_px) {
    AFFECTSR_EXPECT(!photo.empty() && most_px >= 1, "cut_whole() needs a photo and a size of at least 1 px");
    const int side = std::min(photo.width, photo.height);
    const int left = (photo.width - side) / 2, top = (photo.height - side) / 2;
    FaceCrop crop;
    crop.pixels = Image(side, side);
    for (int y = 0; y < side; ++y)
        std::copy_n(photo.pixel(left, top + y), static_cast<std::size_t>(side) * 3, crop.pixels.pixel(0, y));
    if (side > most_px) crop.pixels = resize(crop.pixels, {most_px, most_px}, Filter::bicubic);
    const Similarity frame{static_cast<double>(side), 0, left - 0.5, top - 0.5};
    crop.photo_from_crop = compose(frame, unit_from_pixels(crop.pixels.width));
    return crop;
}

FaceCrop resized(const FaceCrop& crop, int size_px) {
    AFFECTSR_EXPECT(!crop.pixels.empty() && size_px >= 1, "resized() needs a crop and a size of at least 1 px");
    FaceCrop other = crop;
    other.pixels = resize(crop.pixels, {size_px, size_px}, Filter::bicubic);
    other.photo_from_crop = photo_from_restored(crop, size_px);
    const Similarity other_from_crop =
        compose(unit_from_pixels(size_px).inverse(), unit_from_pixels(crop.pixels.width));
    for (Point& point : other.landmarks_in_crop) point = other_from_crop.apply(point);
    return other;
}

Similarity photo_from_restored(const FaceCrop& crop, int restored_px) {
    AFFECTSR_EXPECT(!crop.pixels.empty() && restored_px >= 1, "photo_from_restored() needs pictures with a size");
    const Similarity crop_from_unit = unit_from_pixels(crop.pixels.width).inverse();
    return compose(crop.photo_from_crop, compose(crop_from_unit, unit_from_pixels(restored_px)));
}

void paste_back(Image& photo, const Image& restored, const Similarity& photo_from_restored) {
    AFFECTSR_EXPECT(!photo.empty() && !restored.empty(), "paste_back() needs two pictures");
    const Extent place = extent_of(photo_from_restored, restored.size());
    const int left = static_cast<int>(std::ceil(std::max(0.0, place.left)));
    const int top = static_cast<int>(std::ceil(std::max(0.0, place.top)));
    const int right = static_cast<int>(std::floor(std::min(photo.width - 1.0, place.right)));
    const int bottom = static_cast<int>(std::floor(std::min(photo.height - 1.0, place.bottom)));
    const Similarity restored_from_photo = photo_from_restored.inverse();
    Sampler sampler(restored, restored_from_photo.scale(), {0, 0, restored.width - 1.0, restored.height - 1.0});
    for (int y = top; y <= bottom; ++y) {
        for (int x = left; x <= right; ++x) {
            const Similarity& t = restored_from_photo;
            const double u = t.a * x - t.b * y + t.tx, v = t.b * x + t.a * y + t.ty;
            const double inside = std::min({(u + 0.5) / restored.width, 1 - (u + 0.5) / restored.width,
                                            (v + 0.5) / restored.height, 1 - (v + 0.5) / restored.height});
            if (inside <= 0) continue;
            const double ramp = std::min(1.0, inside / kFeather);
            const double weight = ramp * ramp * (3 - 2 * ramp);  // smoothstep: no visible kink at either end
            const std::array<double, 3> colour = sampler.at(u, v);
            std::uint8_t* const pixel = photo.pixel(x, y);
            for (int c = 0; c < 3; ++c) pixel[c] = to_byte(weight * colour[c] + (1 - weight) * pixel[c]);
        }
    }
}

}  // namespace affectsr
