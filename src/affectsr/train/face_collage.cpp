#include "affectsr/train/face_collage.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "affectsr/base/random.h"
#include "affectsr/face/overlap.h"
#include "affectsr/image/resize.h"
#include "affectsr/train/face_pasting.h"

namespace affectsr {

namespace {

constexpr double kMostMeeting = 0.2;  // of two faces of one picture, intersection over the smaller
constexpr double kMostHidden = 0.35;  // of a face behind another photograph; one more hidden is passed over
constexpr int kTries = 12;            // for a free place
constexpr std::size_t kMostHeaps = 4, kMostFragments = 6;  // of parts of faces in a picture, parts in a heap

double within(std::mt19937_64& random, double least, double most) {
    return least + (most - least) * uniform01(random);
}

/// As `within`, but each octave as often.
double octaves_within(std::mt19937_64& random, double least, double most) {
    return std::exp(within(random, std::log(least), std::log(most)));
}

std::size_t one_of(std::mt19937_64& random, std::size_t count) {
    return std::min(count - 1, static_cast<std::size_t>(uniform01(random) * static_cast<double>(count)));
}

double shorter_side(const Image& picture) {
    return std::min(picture.width, picture.height);
}

/// The square that an upright patch covers on the canvas; a turned one covers no more than 1.4 times its sides.
Box patch_of(const Pasting& at) {
    const auto reach = static_cast<float>(at.half * at.scale);
    return {static_cast<float>(at.centre_x) - reach, static_cast<float>(at.centre_y) - reach, 2 * reach, 2 * reach};
}

/// Puts one picture together.
class Composer {
 public:
    Composer(const CollageParts& parts, const PastingOptions& options, std::span<const FaceOfPicture> faces,
             std::mt19937_64& random)
        : parts_(parts), how_(options), faces_(faces), random_(random) {}

    void background();
    void paste(const FaceOfPicture& face);
    void crowd(std::size_t first);
    void fragments();
    const FaceOfPicture& any_face() const { return faces_[one_of(random_, faces_.size())]; }

    Collage collage;

 private:
    void place_whole(const MarkedPicture& photo, const Pasting& at);
    double any_width() const { return octaves_within(random_, how_.least_face_px, how_.most_face_px); }

    const CollageParts& parts_;
    const PastingOptions& how_;
    std::span<const FaceOfPicture> faces_;
    std::mt19937_64& random_;
};

/// A square of a background, so large that it is shrunk by up to 3 or enlarged by up to 2.
void Composer::background() {
    const std::vector<MarkedPicture>& folder = parts_.backgrounds[one_of(random_, parts_.backgrounds.size())];
    const MarkedPicture& photo = folder[one_of(random_, folder.size())];
    const int px = how_.px;
    const double side = std::min(shorter_side(photo.picture), px * octaves_within(random_, 0.5, 3.0));
    const double left = within(random_, 0, photo.picture.width - side),
                 top = within(random_, 0, photo.picture.height - side);
    const int whole = std::max(1, static_cast<int>(side)), x0 = static_cast<int>(left), y0 = static_cast<int>(top);
    Image part(whole, whole);
    for (int y = 0; y < whole; ++y)
        std::copy_n(photo.picture.rgb.begin() + (static_cast<std::ptrdiff_t>(y0 + y) * photo.picture.width + x0) * 3,
                    whole * 3, part.rgb.begin() + static_cast<std::ptrdiff_t>(y) * whole * 3);
    collage.picture = resize(part, {px, px}, Filter::bilinear);
    const double by = static_cast<double>(px) / whole;
    for (MarkedFace face : photo.faces) {
        face.box_in_photo.x -= static_cast<float>(x0), face.box_in_photo.y -= static_cast<float>(y0);
        collage.passed_over.push_back(scaled(face, by).box_in_photo);
    }
}

/// A face with some of what is around it, where it meets no other; without such a place, nothing.
void Composer::paste(const FaceOfPicture& of) {
    const MarkedPicture& photo = parts_.photos[of.picture];
    const MarkedFace& face = photo.faces[of.face];
    const Box& box = face.box_in_photo;
    const double width = any_width();
    const double tilt = within(random_, -1, 1);
    const double angle = tilt * std::abs(tilt) * how_.most_roll_deg * std::numbers::pi / 180;
    Pasting at{};
    at.half = double{std::max(box.width, box.height)} * within(random_, 0.75, 1.5);
    at.middle_x = double{box.x} + double{box.width} * within(random_, 0.4, 0.6) - 0.5;
    at.middle_y = double{box.y} + double{box.height} * within(random_, 0.45, 0.6) - 0.5;
    at.scale = width / double{box.width};
    at.cosine = std::cos(angle), at.sine = std::sin(angle);
    at.mirror = uniform01(random_) < 0.5 ? -1 : 1;
    const double gain = within(random_, 0.75, 1.25), lift = within(random_, -20, 20);
    for (int i = 0; i < kTries; ++i) {
        at.centre_x = within(random_, width / 2, how_.px - width / 2);
        at.centre_y = within(random_, width / 2, how_.px - width / 2);
        const MarkedFace pasted = on_canvas(face, at);
        const auto meets = [&](const Box& other) { return cover_of(pasted.box_in_photo, other) > kMostMeeting; };
        // The patch, not the face alone, must leave other faces alone.
        const Box patch = patch_of(at);
        const auto hides = [&](const MarkedFace& other) { return cover_of(patch, other.box_in_photo) > kMostMeeting; };
        if (std::any_of(collage.faces.begin(), collage.faces.end(), hides) ||
            std::any_of(collage.passed_over.begin(), collage.passed_over.end(), meets))
            continue;
        draw_patch(photo.picture, at, gain, lift, collage.picture);
        for (std::size_t k = 0; k < photo.faces.size(); ++k) {
            if (k == of.face) continue;
            const Box other = on_canvas(photo.faces[k], at).box_in_photo;
            if (cover_of(patch, other) > 0.1) collage.passed_over.push_back(other);
        }
        collage.faces.push_back(pasted);
        return;
    }
}

/// A photograph with all its faces. One that the canvas cuts off, or that is to be ignored, is passed over; so are
/// those that it hides.
void Composer::place_whole(const MarkedPicture& photo, const Pasting& at) {
    const Box patch = patch_of(at);
    const auto hidden = std::stable_partition(collage.faces.begin(), collage.faces.end(), [&](const MarkedFace& face) {
        return cover_of(patch, face.box_in_photo) <= kMostHidden;
    });
    for (auto face = hidden; face != collage.faces.end(); ++face) collage.passed_over.push_back(face->box_in_photo);
    collage.faces.erase(hidden, collage.faces.end());
    draw_patch(photo.picture, at, within(random_, 0.75, 1.25), within(random_, -20, 20), collage.picture);
    const auto px = static_cast<float>(how_.px);
    for (const MarkedFace& face : photo.faces) {
        const MarkedFace placed = on_canvas(face, at);
        const Box& box = placed.box_in_photo;
        const bool whole = box.x >= 0 && box.y >= 0 && box.x + box.width <= px && box.y + box.height <= px;
        if (whole && !face.ignore)
            collage.faces.push_back(placed);
        else
            collage.passed_over.push_back(box);
    }
}

/// Whole photographs with faces in rows, the lower ones before the upper ones: faces in their places, over shoulders
/// and before what was behind them. How large they are is drawn as for pasted ones, by the first; what is left of the
/// canvas stays background.
void Composer::crowd(std::size_t first) {
    const MarkedPicture& one = parts_.photos[faces_[first].picture];
    const double share = double{one.faces[faces_[first].face].box_in_photo.width} / shorter_side(one.picture);
    const double tile = std::clamp(any_width() / share, 8.0, double(how_.px));
    const double right = tile * within(random_, how_.least_crowd_step, 1),
                 down = tile * within(random_, how_.least_crowd_step, 1);
    for (double top = 0; top < how_.px; top += down)
        for (double left = 0; left < how_.px; left += right) {
            const MarkedPicture& photo = parts_.photos[(top + left == 0 ? faces_[first] : any_face()).picture];
            if (collage.faces.size() + photo.faces.size() > static_cast<std::size_t>(how_.most_faces)) continue;
            Pasting at{};
            at.half = shorter_side(photo.picture) / 2;
            at.middle_x = photo.picture.width / 2.0 - 0.5, at.middle_y = photo.picture.height / 2.0 - 0.5;
            at.scale = tile / shorter_side(photo.picture);
            at.centre_x = left + tile / 2 - 0.5, at.centre_y = top + tile / 2 - 0.5;
            at.cosine = 1;
            at.mirror = uniform01(random_) < 0.5 ? -1 : 1;
            place_whole(photo, at);
        }
}

/// Heaps of small parts of one face, turned any way, beside the faces: skin that is no face, such as hands and arms.
void Composer::fragments() {
    const std::size_t heaps = 1 + one_of(random_, kMostHeaps);
    for (std::size_t heap = 0; heap < heaps; ++heap) {
        const FaceOfPicture of = any_face();
        const MarkedPicture& photo = parts_.photos[of.picture];
        const Box& box = photo.faces[of.face].box_in_photo;
        const double size = any_width();  // as a face would be
        const double x = within(random_, 0, how_.px), y = within(random_, 0, how_.px);
        const double gain = within(random_, 0.75, 1.25), lift = within(random_, -20, 20);
        const std::size_t count = 1 + one_of(random_, kMostFragments);
        for (std::size_t i = 0; i < count; ++i) {
            const double share = within(random_, 0.15, 0.4);  // of the face: never both eyes
            const double angle = within(random_, -std::numbers::pi, std::numbers::pi);
            Pasting at{};
            at.half = double{box.width} * share / 2;
            at.middle_x = double{box.x} + double{box.width} * within(random_, share / 2, 1 - share / 2) - 0.5;
            at.middle_y = double{box.y} + double{box.height} * within(random_, 0.3, 1 - share / 2) - 0.5;
            at.scale = size * within(random_, 0.4, 1) / (double{box.width} * share);
            at.centre_x = x + size * within(random_, -0.5, 0.5), at.centre_y = y + size * within(random_, -0.5, 0.5);
            at.cosine = std::cos(angle), at.sine = std::sin(angle);
            at.mirror = uniform01(random_) < 0.5 ? -1 : 1;
            const Box patch = patch_of(at);
            const auto hides = [&](const MarkedFace& face) {
                return cover_of(patch, face.box_in_photo) > kMostMeeting;
            };
            if (std::none_of(collage.faces.begin(), collage.faces.end(), hides))
                draw_patch(photo.picture, at, gain, lift, collage.picture);
        }
    }
}

}  // namespace

Collage make_collage(const CollageParts& parts, const PastingOptions& options, const Augmentation& augmentation,
                     std::span<const FaceOfPicture> faces, std::size_t first, std::mt19937_64& random) {
    Composer composer(parts, options, faces, random);
    composer.background();
    if (uniform01(random) >= options.empty_share) {
        if (options.crowd_share > 0 && uniform01(random) < options.crowd_share) {
            composer.crowd(first);
        } else {
            composer.paste(faces[first]);
            const std::size_t others = one_of(random, static_cast<std::size_t>(options.most_faces));
            for (std::size_t i = 0; i < others; ++i) composer.paste(composer.any_face());
        }
    }
    if (options.fragment_share > 0 && uniform01(random) < options.fragment_share) composer.fragments();
    Degradation how = draw_degradation(options.px, augmentation, random);
    if (how.jpeg_quality == 0 && uniform01(random) < augmentation.jpeg_share)
        how.jpeg_quality = static_cast<int>(within(random, 30, 96));
    composer.collage.picture = degrade(composer.collage.picture, how, random);
    return std::move(composer.collage);
}

}  // namespace affectsr
