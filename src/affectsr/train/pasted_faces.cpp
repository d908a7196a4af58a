#include "affectsr/train/pasted_faces.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>
#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/base/log.h"
#include "affectsr/base/random.h"
#include "affectsr/base/sha256.h"
#include "affectsr/face/overlap.h"
#include "affectsr/image/float_planes.h"
#include "affectsr/image/resize.h"
#include "affectsr/train/face_pasting.h"

namespace affectsr {

namespace {

constexpr int kMostPhotoPx = 640;     // longer side that a photograph is kept with
constexpr double kMostMeeting = 0.2;  // of two faces of one picture, intersection over the smaller
constexpr int kTries = 12;            // for a free place
constexpr std::int64_t kPoints = 5;

enum Purpose : std::uint64_t { kPicture = 11, kHeldOutPicture = 12, kHeldOut = 13 };

double within(std::mt19937_64& random, double least, double most) {
    return least + (most - least) * uniform01(random);
}

std::size_t one_of(std::mt19937_64& random, std::size_t count) {
    return std::min(count - 1, static_cast<std::size_t>(uniform01(random) * static_cast<double>(count)));
}

MarkedFace scaled(MarkedFace face, double by) {
    Box& box = face.box_in_photo;
    for (float* side : {&box.x, &box.y, &box.width, &box.height}) *side = static_cast<float>(double{*side} * by);
    for (Point& point : face.landmarks_in_photo)
        point = {static_cast<float>((double{point.x} + 0.5) * by - 0.5),
                 static_cast<float>((double{point.y} + 0.5) * by - 0.5)};
    return face;
}

/// A photograph in memory.
struct Photo {
    Image picture;
    std::vector<MarkedFace> faces;
};

/// A face to cut out: of which photograph, which of its faces.
struct FaceOfPhoto {
    std::size_t photo, face;
};

/// A picture that is being put together.
struct Canvas {
    Image picture;
    std::vector<MarkedFace> faces;
    std::vector<Box> passed_over;
};

}  // namespace

struct PastedFaces::Parts {
    PastedFacesOptions options;
    std::vector<Photo> face_photos;
    std::vector<std::vector<Photo>> backgrounds;  ///< by folder: each is drawn from as often as the others
    std::vector<FaceOfPhoto> training, held_out;
    Json description = Json::array();

    void open(const MarkedFolder& folder, bool with_faces, std::vector<std::string>& broken);
    Canvas background(std::mt19937_64& random) const;
    void paste(const FaceOfPhoto& face, Canvas& canvas, std::mt19937_64& random) const;
    void place_whole(const Photo& photo, const Pasting& at, Canvas& canvas, std::mt19937_64& random) const;
    void crowd(const std::vector<FaceOfPhoto>& faces, std::size_t first, Canvas& canvas, std::mt19937_64& random) const;
    Canvas canvas(const std::vector<FaceOfPhoto>& faces, std::size_t first, std::mt19937_64& random) const;
    void write(const Canvas& canvas, Batch& batch, std::int64_t row) const;
    Batch empty_batch(std::int64_t count) const;
};

/// Decodes a folder's photographs; those with faces are sorted into training and held out by their names.
void PastedFaces::Parts::open(const MarkedFolder& folder, bool with_faces, std::vector<std::string>& broken) {
    const std::filesystem::path photos = options.root / folder.photos, truth = options.root / folder.truth;
    const std::vector<MarkedPhoto> marked = read_marked_photos(truth);
    std::vector<Photo> opened(marked.size());
    std::vector<std::string> failures(marked.size());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < marked.size() && !options.stop.stop_requested(); i = next++) try {
                const Image photo = open_marked_photo(marked[i], photos);
                const double by =
                    std::min(1.0, static_cast<double>(kMostPhotoPx) / std::max(photo.width, photo.height));
                const ImageSize size{std::max(1, static_cast<int>(std::lround(photo.width * by))),
                                     std::max(1, static_cast<int>(std::lround(photo.height * by)))};
                opened[i].picture = by < 1 ? resize(photo, size, Filter::bilinear) : photo;
                if (folder.faceless) continue;
                for (const MarkedFace& face : marked[i].faces) opened[i].faces.push_back(scaled(face, by));
            } catch (const InputError& error) {
                failures[i] = error.what();
            }
    };
    {
        std::vector<std::jthread> workers;
        for (int i = 1; i < options.threads; ++i) workers.emplace_back(work);
        work();
    }
    std::int64_t kept = 0, faces = 0;
    if (!with_faces) backgrounds.emplace_back();
    std::vector<Photo>& to = with_faces ? face_photos : backgrounds.back();
    for (std::size_t i = 0; i < marked.size(); ++i) {
        if (!failures[i].empty()) broken.push_back(failures[i]);
        if (opened[i].picture.empty()) continue;
        const double place = unit_interval(
            chained_seed(kHeldOut + options.seed, {std::stoull(marked[i].sha256.substr(0, 15), nullptr, 16)}));
        for (std::size_t k = 0; with_faces && k < opened[i].faces.size(); ++k) {
            if (opened[i].faces[k].ignore) continue;
            (place < options.validation_share ? held_out : training).push_back({to.size(), k});
            ++faces;
        }
        to.push_back(std::move(opened[i]));
        ++kept;
    }
    const std::vector<std::uint8_t> text = read_bytes(truth, 64 << 20);
    description.push_back({{"name", photos.filename().string()},
                           {"source", with_faces ? "faces" : "backgrounds"},
                           {"listed", marked.size()},
                           {"photos", kept},
                           {"faces", faces},
                           {"faceless", folder.faceless},
                           {"broken", marked.size() - static_cast<std::size_t>(kept)},
                           {"labels_sha256", sha256_hex(std::as_bytes(std::span(text)))}});
}

PastedFaces::PastedFaces(PastedFacesOptions options) : parts_(std::make_unique<Parts>()) {
    Parts& p = *parts_;
    p.options = std::move(options);
    const PastingOptions& pasting = p.options.pasting;
    if (pasting.faces.empty() || pasting.backgrounds.empty())
        throw UsageError("\"faces\" and \"backgrounds\" must each name a folder of photographs");
    if (pasting.least_face_px > pasting.most_face_px || pasting.most_face_px > pasting.px)
        throw UsageError("\"least_face_px\" must not be above \"most_face_px\", nor that above \"px\"");
    std::vector<std::string> broken;
    for (const MarkedFolder& folder : pasting.faces) p.open(folder, true, broken);
    for (const MarkedFolder& folder : pasting.backgrounds) p.open(folder, false, broken);
    if (p.options.stop.stop_requested()) return;
    for (const std::string& line : broken) log(p.options.skip_broken ? LogLevel::warning : LogLevel::error, line);
    if (!broken.empty() && !p.options.skip_broken)
        throw InputError("broken_pictures",
                         std::to_string(broken.size()) +
                             " pictures of the training data cannot be read (each has a line above); "
                             "mend them, or go on without them by --skip-broken");
    if (p.training.size() < static_cast<std::size_t>(p.options.batch_size))
        throw UsageError("there are " + std::to_string(p.training.size()) +
                         " faces to learn from, too few for a batch of " + std::to_string(p.options.batch_size));
    const auto empty = [](const std::vector<Photo>& folder) { return folder.empty(); };
    if (std::any_of(p.backgrounds.begin(), p.backgrounds.end(), empty))
        throw UsageError("a folder of \"backgrounds\" has no photograph");
}

PastedFaces::~PastedFaces() = default;

std::uint64_t PastedFaces::steps_per_epoch() const {
    return parts_->training.size() / static_cast<std::size_t>(parts_->options.batch_size);
}
std::int64_t PastedFaces::held_out_count() const {
    return static_cast<std::int64_t>(parts_->held_out.size());
}
const Json& PastedFaces::description() const {
    return parts_->description;
}

/// A square of a background, so large that it is shrunk by up to 3 or enlarged by up to 2.
Canvas PastedFaces::Parts::background(std::mt19937_64& random) const {
    const std::vector<Photo>& folder = backgrounds[one_of(random, backgrounds.size())];
    const Photo& photo = folder[one_of(random, folder.size())];
    const int px = options.pasting.px, shorter = std::min(photo.picture.width, photo.picture.height);
    const double side = std::min<double>(shorter, px * std::exp(within(random, std::log(0.5), std::log(3.0))));
    const double left = within(random, 0, photo.picture.width - side),
                 top = within(random, 0, photo.picture.height - side);
    const int whole = std::max(1, static_cast<int>(side)), x0 = static_cast<int>(left), y0 = static_cast<int>(top);
    Image part(whole, whole);
    for (int y = 0; y < whole; ++y)
        std::copy_n(photo.picture.rgb.begin() + (static_cast<std::ptrdiff_t>(y0 + y) * photo.picture.width + x0) * 3,
                    whole * 3, part.rgb.begin() + static_cast<std::ptrdiff_t>(y) * whole * 3);
    Canvas canvas{resize(part, {px, px}, Filter::bilinear), {}, {}};
    const double by = static_cast<double>(px) / whole;
    for (const MarkedFace& face : photo.faces) {
        MarkedFace moved = face;
        moved.box_in_photo.x -= static_cast<float>(x0), moved.box_in_photo.y -= static_cast<float>(y0);
        canvas.passed_over.push_back(scaled(moved, by).box_in_photo);
    }
    return canvas;
}

/// A face with some of what is around it, where it meets no other; without such a place, nothing.
void PastedFaces::Parts::paste(const FaceOfPhoto& of, Canvas& canvas, std::mt19937_64& random) const {
    const Photo& photo = face_photos[of.photo];
    const MarkedFace& face = photo.faces[of.face];
    const Box& box = face.box_in_photo;
    const PastingOptions& how = options.pasting;
    const double width = std::exp(within(random, std::log(how.least_face_px), std::log(how.most_face_px)));
    const double tilt = within(random, -1, 1);
    const double angle = tilt * std::abs(tilt) * how.most_roll_deg * std::numbers::pi / 180;
    Pasting at{};
    at.half = double{std::max(box.width, box.height)} * within(random, 0.75, 1.5);
    at.middle_x = double{box.x} + double{box.width} * within(random, 0.4, 0.6) - 0.5;
    at.middle_y = double{box.y} + double{box.height} * within(random, 0.45, 0.6) - 0.5;
    at.scale = width / double{box.width};
    at.cosine = std::cos(angle), at.sine = std::sin(angle);
    at.mirror = uniform01(random) < 0.5 ? -1 : 1;
    const double gain = within(random, 0.75, 1.25), lift = within(random, -20, 20);
    for (int i = 0; i < kTries; ++i) {
        at.centre_x = within(random, width / 2, how.px - width / 2);
        at.centre_y = within(random, width / 2, how.px - width / 2);
        const MarkedFace pasted = on_canvas(face, at);
        const auto meets = [&](const Box& other) { return cover_of(pasted.box_in_photo, other) > kMostMeeting; };
        // The patch, not the face alone, must leave other faces alone.
        const auto reach = static_cast<float>(at.half * at.scale);
        const Box patch{static_cast<float>(at.centre_x) - reach, static_cast<float>(at.centre_y) - reach, 2 * reach,
                        2 * reach};
        const auto hides = [&](const MarkedFace& other) { return cover_of(patch, other.box_in_photo) > kMostMeeting; };
        if (std::any_of(canvas.faces.begin(), canvas.faces.end(), hides) ||
            std::any_of(canvas.passed_over.begin(), canvas.passed_over.end(), meets))
            continue;
        draw_patch(photo.picture, at, gain, lift, canvas.picture);
        for (std::size_t k = 0; k < photo.faces.size(); ++k) {
            if (k == of.face) continue;
            const Box other = on_canvas(photo.faces[k], at).box_in_photo;
            if (cover_of(patch, other) > 0.1) canvas.passed_over.push_back(other);
        }
        canvas.faces.push_back(pasted);
        return;
    }
}

/// A photograph with all its faces. One that the canvas cuts off, or that is to be ignored, is passed over.
void PastedFaces::Parts::place_whole(const Photo& photo, const Pasting& at, Canvas& canvas,
                                     std::mt19937_64& random) const {
    draw_patch(photo.picture, at, within(random, 0.75, 1.25), within(random, -20, 20), canvas.picture);
    const auto px = static_cast<float>(options.pasting.px);
    for (const MarkedFace& face : photo.faces) {
        const MarkedFace placed = on_canvas(face, at);
        const Box& box = placed.box_in_photo;
        const bool whole = box.x >= 0 && box.y >= 0 && box.x + box.width <= px && box.y + box.height <= px;
        if (whole && !face.ignore)
            canvas.faces.push_back(placed);
        else
            canvas.passed_over.push_back(box);
    }
}

/// Whole photographs with faces side by side: faces in their places, over shoulders and before what was behind them.
/// How large they are is drawn as for pasted ones, by the first; what is left of the canvas stays background.
void PastedFaces::Parts::crowd(const std::vector<FaceOfPhoto>& faces, std::size_t first, Canvas& canvas,
                               std::mt19937_64& random) const {
    const PastingOptions& how = options.pasting;
    const auto side_of = [](const Photo& photo) { return double(std::min(photo.picture.width, photo.picture.height)); };
    const Photo& one = face_photos[faces[first].photo];
    const double share = double{one.faces[faces[first].face].box_in_photo.width} / side_of(one);
    const double width = std::exp(within(random, std::log(how.least_face_px), std::log(how.most_face_px)));
    const double tile = std::clamp(width / share, 8.0, double(how.px));
    for (double top = 0; top < how.px; top += tile)
        for (double left = 0; left < how.px; left += tile) {
            const FaceOfPhoto& of = top + left == 0 ? faces[first] : faces[one_of(random, faces.size())];
            const Photo& photo = face_photos[of.photo];
            if (canvas.faces.size() + photo.faces.size() > static_cast<std::size_t>(how.most_faces)) continue;
            Pasting at{};
            at.half = side_of(photo) / 2;
            at.middle_x = photo.picture.width / 2.0 - 0.5, at.middle_y = photo.picture.height / 2.0 - 0.5;
            at.scale = tile / side_of(photo);
            at.centre_x = left + tile / 2 - 0.5, at.centre_y = top + tile / 2 - 0.5;
            at.cosine = 1;
            at.mirror = uniform01(random) < 0.5 ? -1 : 1;
            place_whole(photo, at, canvas, random);
        }
}

Canvas PastedFaces::Parts::canvas(const std::vector<FaceOfPhoto>& faces, std::size_t first,
                                  std::mt19937_64& random) const {
    Canvas canvas = background(random);
    if (uniform01(random) >= options.pasting.empty_share) {
        if (options.pasting.crowd_share > 0 && uniform01(random) < options.pasting.crowd_share) {
            crowd(faces, first, canvas, random);
        } else {
            const std::size_t count = 1 + one_of(random, static_cast<std::size_t>(options.pasting.most_faces));
            for (std::size_t i = 0; i < count; ++i)
                paste(i == 0 ? faces[first] : faces[one_of(random, faces.size())], canvas, random);
        }
    }
    Degradation how = draw_degradation(options.pasting.px, options.augmentation, random);
    if (how.jpeg_quality == 0 && uniform01(random) < options.augmentation.jpeg_share)
        how.jpeg_quality = static_cast<int>(within(random, 30, 96));
    canvas.picture = degrade(canvas.picture, how, random);
    return canvas;
}

Batch PastedFaces::Parts::empty_batch(std::int64_t n) const {
    const std::int64_t px = options.pasting.px, most = options.pasting.most_faces;
    Batch batch{{}, n};
    batch.tensors["photo"] = at::zeros({n, 3, px, px}, at::kFloat);
    batch.tensors["boxes"] = at::zeros({n, most, 4}, at::kFloat);
    batch.tensors["points"] = at::full({n, most, 2 * kPoints}, std::numeric_limits<float>::quiet_NaN(), at::kFloat);
    batch.tensors["faces"] = at::zeros({n}, at::kLong);
    batch.tensors["passed_over"] = at::zeros({n, most, 4}, at::kFloat);
    return batch;
}

void PastedFaces::Parts::write(const Canvas& canvas, Batch& batch, std::int64_t row) const {
    const std::int64_t area = std::int64_t{3} * options.pasting.px * options.pasting.px;
    write_planes(canvas.picture, 3,
                 std::span(batch.at("photo")[row].data_ptr<float>(), static_cast<std::size_t>(area)));
    const auto write_box = [](const Box& box, float* to) {
        to[0] = box.x, to[1] = box.y, to[2] = box.width, to[3] = box.height;
    };
    const auto most = static_cast<std::size_t>(options.pasting.most_faces);
    for (std::size_t i = 0; i < canvas.faces.size(); ++i) {
        const auto k = static_cast<std::int64_t>(i);
        write_box(canvas.faces[i].box_in_photo, batch.at("boxes")[row][k].data_ptr<float>());
        float* to = batch.at("points")[row][k].data_ptr<float>();
        for (const Point& point : canvas.faces[i].landmarks_in_photo) *to++ = point.x, *to++ = point.y;
    }
    batch.at("faces")[row].fill_(static_cast<std::int64_t>(canvas.faces.size()));
    for (std::size_t i = 0; i < std::min(most, canvas.passed_over.size()); ++i)
        write_box(canvas.passed_over[i], batch.at("passed_over")[row][static_cast<std::int64_t>(i)].data_ptr<float>());
}

Batch PastedFaces::at(Position position, Share share) const {
    AFFECTSR_EXPECT(position.step < steps_per_epoch(), "no such step in an epoch");
    const Parts& p = *parts_;
    const std::int64_t size = p.options.batch_size;
    if (size % share.ranks != 0)
        throw UsageError("\"batch_size\" " + std::to_string(size) + " cannot be shared by " +
                         std::to_string(share.ranks) + " processes");
    const std::int64_t rows = size / share.ranks;
    Batch batch = p.empty_batch(rows);
    for (std::int64_t row = 0; row < rows; ++row) {
        const auto number =
            position.step * static_cast<std::uint64_t>(size) + static_cast<std::uint64_t>(share.rank * rows + row);
        std::mt19937_64 random(chained_seed(p.options.seed, {kPicture, position.epoch, number}));
        // A walk through all faces, another in every epoch.
        const std::size_t first = (number + mix_bits(position.epoch + p.options.seed)) % p.training.size();
        p.write(p.canvas(p.training, first, random), batch, row);
    }
    return batch;
}

Batch PastedFaces::held_out(std::int64_t first, std::int64_t count, int) const {
    AFFECTSR_EXPECT(first >= 0 && first + count <= held_out_count(), "no such held-out pictures");
    const Parts& p = *parts_;
    Batch batch = p.empty_batch(count);
    for (std::int64_t row = 0; row < count; ++row) {
        std::mt19937_64 random(
            chained_seed(p.options.seed, {kHeldOutPicture, static_cast<std::uint64_t>(first + row)}));
        p.write(p.canvas(p.held_out, static_cast<std::size_t>(first + row), random), batch, row);
    }
    return batch;
}

}  // namespace affectsr
