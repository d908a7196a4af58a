#include "affectsr/train/pasted_faces.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <span>
#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/base/log.h"
#include "affectsr/base/random.h"
#include "affectsr/base/sha256.h"
#include "affectsr/data/marked_photos.h"
#include "affectsr/image/float_planes.h"
#include "affectsr/image/resize.h"
#include "affectsr/train/face_pasting.h"

namespace affectsr {

namespace {

constexpr int kMostPhotoPx = 640;  // longer side that a photograph is kept with
constexpr std::int64_t kPoints = 5;

enum Purpose : std::uint64_t { kPicture = 11, kHeldOutPicture = 12, kHeldOut = 13 };

}  // namespace

struct PastedFaces::Parts {
    PastedFacesOptions options;
    CollageParts collage_parts;
    std::vector<FaceOfPicture> training, held_out;
    Json description = Json::array();

    void open(const MarkedFolder& folder, bool with_faces, std::vector<std::string>& broken);
    Collage collage(const std::vector<FaceOfPicture>& faces, std::size_t first, std::mt19937_64& random) const;
    void write(const Collage& collage, Batch& batch, std::int64_t row) const;
    Batch empty_batch(std::int64_t count) const;
};

/// Decodes a folder's photographs; those with faces are sorted into training and held out by their names.
void PastedFaces::Parts::open(const MarkedFolder& folder, bool with_faces, std::vector<std::string>& broken) {
    const std::filesystem::path photos = options.root / folder.photos, truth = options.root / folder.truth;
    const std::vector<MarkedPhoto> marked = read_marked_photos(truth);
    std::vector<MarkedPicture> opened(marked.size());
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
    if (!with_faces) collage_parts.backgrounds.emplace_back();
    std::vector<MarkedPicture>& to = with_faces ? collage_parts.photos : collage_parts.backgrounds.back();
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
    const auto empty = [](const std::vector<MarkedPicture>& folder) { return folder.empty(); };
    if (std::any_of(p.collage_parts.backgrounds.begin(), p.collage_parts.backgrounds.end(), empty))
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

Collage PastedFaces::Parts::collage(const std::vector<FaceOfPicture>& faces, std::size_t first,
                                    std::mt19937_64& random) const {
    return make_collage(collage_parts, options.pasting, options.augmentation, faces, first, random);
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

void PastedFaces::Parts::write(const Collage& collage, Batch& batch, std::int64_t row) const {
    const std::int64_t area = std::int64_t{3} * options.pasting.px * options.pasting.px;
    write_planes(collage.picture, 3,
                 std::span(batch.at("photo")[row].data_ptr<float>(), static_cast<std::size_t>(area)));
    const auto write_box = [](const Box& box, float* to) {
        to[0] = box.x, to[1] = box.y, to[2] = box.width, to[3] = box.height;
    };
    const auto most = static_cast<std::size_t>(options.pasting.most_faces);
    for (std::size_t i = 0; i < collage.faces.size(); ++i) {
        const auto k = static_cast<std::int64_t>(i);
        write_box(collage.faces[i].box_in_photo, batch.at("boxes")[row][k].data_ptr<float>());
        float* to = batch.at("points")[row][k].data_ptr<float>();
        for (const Point& point : collage.faces[i].landmarks_in_photo) *to++ = point.x, *to++ = point.y;
    }
    batch.at("faces")[row].fill_(static_cast<std::int64_t>(collage.faces.size()));
    for (std::size_t i = 0; i < std::min(most, collage.passed_over.size()); ++i)
        write_box(collage.passed_over[i], batch.at("passed_over")[row][static_cast<std::int64_t>(i)].data_ptr<float>());
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
        p.write(p.collage(p.training, first, random), batch, row);
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
        p.write(p.collage(p.held_out, static_cast<std::size_t>(first + row), random), batch, row);
    }
    return batch;
}

}  // namespace affectsr
