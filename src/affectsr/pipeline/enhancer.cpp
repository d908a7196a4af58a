#include "affectsr/pipeline/enhancer.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"
#include "affectsr/face/roll.h"
#include "affectsr/image/limits.h"
#include "affectsr/image/resize.h"
#include "affectsr/pipeline/framing.h"
#include "affectsr/pipeline/parts.h"
#include "affectsr/pipeline/restoration.h"
#include "affectsr/pipeline/route.h"
#include "affectsr/pipeline/stopwatch.h"
#include "affectsr/restore/catalog.h"

namespace affectsr {

namespace {

// A restorer that takes faces of every size has learned to make faces of this one, the literature's.
constexpr int kLearnedPx = 128;
// So many faces share one call: enough to keep a network busy, few enough that a crowd does not pile up in memory.
constexpr std::size_t kFacesPerPass = 64;

int made_px_of(const RestorerNeeds& needs) {
    if (needs.scale == 0) return needs.output_px;
    return needs.input_px > 0 ? needs.input_px * needs.scale : kLearnedPx;
}

std::string sides(ImageSize size) {
    return std::to_string(size.width) + "×" + std::to_string(size.height);
}

/// Pixel centres of a picture that is `scale` times as large as the photo.
Similarity enlarged_from_photo(int scale) {
    return {static_cast<double>(scale), 0, (scale - 1) / 2.0, (scale - 1) / 2.0};
}

}  // namespace

struct Enhancer::Parts {
    EnhancerOptions options;
    std::unique_ptr<const Detector> detector;
    std::unique_ptr<const Restorer> restorer;
    std::unique_ptr<const PointFinder> points;
    std::unique_ptr<const FaceParser> parser;
    double most_face_px = 0;

    /// Whether faces are cut and laid back by the restorer's own framing.
    bool framed() const { return !options.already_cropped && !restorer->needs().framing.empty(); }
    FaceCrop cut_face(const Image& photo, EnhancedFace& face) const;
    std::vector<Restored> restore(std::vector<EnhancedFace>& faces, std::span<const FaceCrop> crops) const;
    Image cropped_picture(const Image& square, Image restored) const;
};

std::vector<double> Enhanced::restored_px() const {
    std::vector<double> sizes;
    for (const EnhancedFace& face : faces)
        if (face.restored) sizes.push_back(face.crop_px);
    return sizes;
}

/// The crop that the restorer is given; the face learns its size, and why it is left as it is.
FaceCrop Enhancer::Parts::cut_face(const Image& photo, EnhancedFace& face) const {
    const bool whole = options.already_cropped;
    face.crop_px = whole ? std::min(photo.width, photo.height) : crop_side_px(face.face);
    FaceCrop crop;
    if (face.crop_px == 0) {
        face.reason = face.face.box_in_photo.size_px() <= 0 ? "too_small" : "not_finite";
        return crop;
    }
    const bool large = face.crop_px > most_face_px;
    const double native = std::max(1.0, std::min(face.crop_px, most_face_px));
    const int wanted_px = restorer->needs().input_px;
    const int side_px = wanted_px > 0 && !large && !framed() ? wanted_px : static_cast<int>(std::lround(native));
    crop = whole ? cut_whole(photo, side_px) : cut(photo, face.face, side_px);
    face.roll_deg = roll_deg(crop);
    const Route route = route_of(crop, std::numeric_limits<int>::max(), options.least_face_px, !whole);
    if (route.road == Road::undetermined)
        face.reason = route.reason;
    else if (large)
        face.reason = "large_enough";
    return face.reason.empty() && framed() ? framed_crop(photo, face.face, restorer->needs()) : crop;
}

/// A picture for every face that has no reason to be left as it is; where it is not the restorer's the face gets one.
std::vector<Restored> Enhancer::Parts::restore(std::vector<EnhancedFace>& faces,
                                               std::span<const FaceCrop> crops) const {
    std::vector<Restored> pictures(faces.size());
    std::vector<std::size_t> asked;
    for (std::size_t i = 0; i < faces.size(); ++i)
        if (faces[i].reason.empty()) asked.push_back(i);
    for (std::size_t first = 0; first < asked.size(); first += kFacesPerPass) {
        const std::span pass = std::span(asked).subspan(first, std::min(kFacesPerPass, asked.size() - first));
        std::vector<FaceCrop> given;
        for (const std::size_t i : pass) given.push_back(crops[i]);
        std::vector<Restored> made = restore_checked(*restorer, given, made_px_of(restorer->needs()), points.get());
        for (std::size_t k = 0; k < pass.size(); ++k) {
            EnhancedFace& face = faces[pass[k]];
            face.restored = made[k].reason.empty() || did_without_landmarks(made[k].reason);
            (face.restored ? face.restorer_reason : face.reason) = made[k].reason;
            if (!face.restored) continue;
            face.made_px = made[k].picture.width;
            pictures[pass[k]] = std::move(made[k]);
        }
    }
    return pictures;
}

/// The picture of an already cropped face; `restored` may be empty.
Image Enhancer::Parts::cropped_picture(const Image& square, Image restored) const {
    const int side = square.width * (options.keep_size ? 1 : options.scale);
    return resize(restored.empty() ? square : restored, {side, side}, Filter::bicubic);
}

Enhancer::Enhancer(const EnhancerOptions& options, std::unique_ptr<const Detector> detector,
                   std::unique_ptr<const Restorer> restorer, std::unique_ptr<const PointFinder> points,
                   std::unique_ptr<const FaceParser> parser) {
    if (!restorer || (!detector && !options.already_cropped))
        throw UsageError("enhancing needs a restorer and, unless already_cropped, a detector");
    const RestorerNeeds needs = restorer->needs();
    if (needs.scale != 0 && needs.scale != options.scale)
        throw UsageError("the restorer " + options.restorer + " makes faces " + std::to_string(needs.scale) +
                             " times as large, --scale asks for " + std::to_string(options.scale) +
                             "; name a model file of that scale, or --scale " + std::to_string(needs.scale),
                         "other_scale");
    expect_landmarks(*restorer, detector.get(), points.get());
    const double most_px = options.most_face_px > 0 ? options.most_face_px : made_px_of(needs);
    parts_ = std::make_unique<const Parts>(
        Parts{options, std::move(detector), std::move(restorer), std::move(points), std::move(parser), most_px});
}

Enhancer::Enhancer(const EnhancerOptions& options) {
    expect_known_restorer(options.restorer);  // a mistyped name is told before a network is loaded
    std::unique_ptr<const Detector> detector = load_detector(options);
    std::unique_ptr<const Restorer> restorer =
        load_restorer(options.restorer, options.restorer_model, options.precision, kLearnedPx, options.scale,
                      options.asked_fidelity());
    std::unique_ptr<const PointFinder> points = load_point_finder(options, *restorer, detector.get());
    std::unique_ptr<const FaceParser> parser;
    if (!options.face_parser.empty()) {
        if (restorer->needs().framing.empty())
            throw UsageError(
                "--face-parser is for restorers that cut faces by a framing of their own (gfpgan, "
                "codeformer); leave it out for " +
                options.restorer);
        parser = std::make_unique<FaceParser>(options.face_parser, options.precision);
    }
    *this = Enhancer(options, std::move(detector), std::move(restorer), std::move(points), std::move(parser));
}

Enhancer::~Enhancer() = default;
Enhancer::Enhancer(Enhancer&&) noexcept = default;
Enhancer& Enhancer::operator=(Enhancer&&) noexcept = default;

ImageSize Enhancer::size_of(ImageSize photo) const {
    const EnhancerOptions& options = parts_->options;
    if (options.already_cropped) photo.width = photo.height = std::min(photo.width, photo.height);
    if (options.keep_size) return photo;
    const std::int64_t width = std::int64_t{photo.width} * options.scale,
                       height = std::int64_t{photo.height} * options.scale, megapixel = 1'000'000;
    const auto refuse = [&](const std::string& limit) {
        throw InputError("too_large",
                         sides(photo) + " px enlarged " + std::to_string(options.scale) + " times are " +
                             std::to_string((width * height + megapixel - 1) / megapixel) + " megapixels; " + limit +
                             ": --keep-size restores the faces and leaves the photograph as large as it is");
    };
    if (width * height > options.most_megapixels * megapixel)
        refuse("--most-megapixels allows " + std::to_string(options.most_megapixels));
    const int most_side = ImageLimits{}.side_px;
    if (std::max(width, height) > most_side) refuse("a side may have " + std::to_string(most_side) + " px");
    return {static_cast<int>(width), static_cast<int>(height)};
}

Enhanced Enhancer::run(const Image& photo) const {
    AFFECTSR_EXPECT(!photo.empty(), "a photo has pixels");
    const Parts& parts = *parts_;
    const bool whole = parts.options.already_cropped;
    const ImageSize size = size_of(photo.size());
    Enhanced made;
    timed(made.ms.total_ms, [&] {
        const std::vector<Face> faces = timed(made.ms.detect_ms, [&] {
            return find_faces(photo, whole ? nullptr : parts.detector.get(), parts.options.most_faces,
                              made.faces_found);
        });
        std::vector<FaceCrop> crops;
        timed(made.ms.cut_ms, [&] {
            for (const Face& face : faces) {
                made.faces.push_back({});
                made.faces.back().face = face;
                crops.push_back(parts.cut_face(photo, made.faces.back()));
            }
        });
        std::vector<Restored> restored = timed(made.ms.restore_ms, [&] { return parts.restore(made.faces, crops); });
        timed(made.ms.paste_ms, [&] {
            if (whole) {
                made.picture = parts.cropped_picture(cut_whole(photo, std::min(photo.width, photo.height)).pixels,
                                                     std::move(restored.front().picture));
                return;
            }
            made.picture = size == photo.size() ? photo : resize(photo, size, Filter::bicubic);
            const int upscale = size.width / photo.width;
            const Similarity picture_from_photo = enlarged_from_photo(upscale);
            // From the least sure face to the surest: where two overlap the surer lies above.
            for (std::size_t i = faces.size(); i-- > 0;) {
                const Image& face = restored[i].picture;
                if (face.empty()) continue;
                if (parts.framed()) {
                    paste_framed(made.picture, face, crops[i], upscale, parts.parser.get());
                    continue;
                }
                paste_back(made.picture, face, compose(picture_from_photo, photo_from_restored(crops[i], face.width)));
            }
        });
    });
    return made;
}

const EnhancerOptions& Enhancer::options() const {
    return parts_->options;
}

const Restorer& Enhancer::restorer() const {
    return *parts_->restorer;
}

}  // namespace affectsr
