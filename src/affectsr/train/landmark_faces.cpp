#include "affectsr/train/landmark_faces.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <map>
#include <mutex>
#include <span>
#include <thread>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/base/log.h"
#include "affectsr/base/random.h"
#include "affectsr/base/sha256.h"
#include "affectsr/data/catalog.h"
#include "affectsr/data/landmark_labels.h"
#include "affectsr/data/marked_photos.h"
#include "affectsr/data/split.h"
#include "affectsr/face/mesh.h"
#include "affectsr/image/resize.h"
#include "affectsr/train/face_framing.h"
#include "affectsr/train/training_faces.h"

namespace affectsr {

namespace {

constexpr int kMostPicturePx = 160;     // shorter side that a face is kept with
constexpr int kMostBackgroundPx = 320;  // longer side of a background
constexpr double kLeastEyeDistancePx = 8;
constexpr double kPieceOfFace = 1.0 / 3;  // share of what is no face that is cut out of faces
constexpr std::int64_t kMostLabelBytes = std::int64_t{1} << 30;

enum Purpose : std::uint64_t { kOrder = 21, kSample = 22, kHeldOutFace = 23, kHeldOutPiece = 24, kBackground = 25 };

double within(std::mt19937_64& random, double least, double most) {
    return least + (most - least) * uniform01(random);
}

std::size_t one_of(std::mt19937_64& random, std::size_t count) {
    return std::min(count - 1, static_cast<std::size_t>(uniform01(random) * static_cast<double>(count)));
}

/// `picture` not larger than `most_px` by the side that `side_of` gives, and by how much it was made smaller.
std::pair<Image, double> kept(Image picture, int side_px, int most_px) {
    if (side_px <= most_px) return {std::move(picture), 1};
    const double by = static_cast<double>(most_px) / side_px;
    const ImageSize size{std::max(1, static_cast<int>(std::lround(picture.width * by))),
                         std::max(1, static_cast<int>(std::lround(picture.height * by)))};
    return {resize(picture, size, Filter::bicubic), by};
}

/// Calls work(i) for every i < count, from several threads. The first exception comes out when all have stopped.
template <class Work>
void for_all(std::size_t count, int threads, const std::stop_token& stop, const Work& work) {
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex failing;
    const auto some = [&] {
        for (std::size_t i = next++; i < count && !stop.stop_requested(); i = next++) try {
                work(i);
            } catch (...) {
                const std::lock_guard lock(failing);
                if (!failure) failure = std::current_exception();
                next = count;
            }
    };
    {
        std::vector<std::jthread> workers;
        for (int i = 1; i < threads; ++i) workers.emplace_back(some);
        some();
    }
    if (failure) std::rethrow_exception(failure);
}

/// A face in memory, or known well enough to be decoded again.
struct MeshedFace {
    const Dataset* dataset;
    std::size_t row;
    Landmarks mesh;                        ///< in pixels of the picture as it is kept
    std::shared_ptr<const Image> picture;  ///< null where the memory was full
};

std::shared_ptr<const Image> decoded(const Dataset& dataset, std::size_t row) {
    Image picture = dataset.at(row).picture;
    const int shorter = std::min(picture.width, picture.height);
    return std::make_shared<const Image>(kept(std::move(picture), shorter, kMostPicturePx).first);
}

std::string hash_of(const std::filesystem::path& file) {
    const std::vector<std::uint8_t> bytes = read_bytes(file, kMostLabelBytes);
    return sha256_hex(std::as_bytes(std::span(bytes)));
}

}  // namespace

struct LandmarkFaces::Parts {
    LandmarkFacesOptions options;
    FaceMemory memory;
    std::vector<std::unique_ptr<Dataset>> datasets;
    std::vector<MeshedFace> training, held_out;
    /// By folder, each drawn from as often as the others; training and held out.
    std::vector<std::vector<Image>> backgrounds, held_out_backgrounds;
    std::vector<std::string> broken;
    Json description = Json::array();

    explicit Parts(LandmarkFacesOptions all) : options(std::move(all)), memory(options.memory_bytes) {}
    void open_faces(const LandmarkedFolder& folder);
    std::vector<MeshedFace> decode(const Dataset& dataset, const std::vector<std::size_t>& rows,
                                   const std::vector<const LabelledFace*>& labels);
    void open_backgrounds(const MarkedFolder& folder);
    const Image* background(const std::vector<std::vector<Image>>& folders, std::mt19937_64& random) const;
    CutFace face(const MeshedFace& of, const FaceFraming& framing, const Image* beyond) const;
    CutFace no_face(const std::vector<std::vector<Image>>& folders, const std::vector<MeshedFace>& faces,
                    std::mt19937_64& random) const;
    void write_training(std::size_t index, std::mt19937_64& random, Batch& batch, std::int64_t row) const;
    void write(const CutFace& cut, bool is_face, const Degradation& how, std::mt19937_64& random, Batch& batch,
               std::int64_t row) const;
    Batch empty_batch(std::int64_t count) const;
};

/// Decodes faces with labels; what cannot be read goes to `broken`.
std::vector<MeshedFace> LandmarkFaces::Parts::decode(const Dataset& dataset, const std::vector<std::size_t>& rows,
                                                     const std::vector<const LabelledFace*>& labels) {
    std::vector<MeshedFace> faces;
    for (const std::size_t row : rows) {
        const LabelledFace* label = labels[row];
        if (label == nullptr || !dataset.info(row).usable || double{label->score} < options.pictures.least_score ||
            label->landmarks_in_picture.size() != kMeshPoints ||
            eye_distance(label->landmarks_in_picture) < kLeastEyeDistancePx)
            continue;
        faces.push_back({&dataset, row, label->landmarks_in_picture, nullptr});
    }
    std::vector<std::string> failures(faces.size());
    for_all(faces.size(), options.threads, options.stop, [&](std::size_t i) {
        MeshedFace& face = faces[i];
        try {
            Image picture = dataset.at(face.row).picture;
            const int shorter = std::min(picture.width, picture.height);
            auto [smaller, by] = kept(std::move(picture), shorter, kMostPicturePx);
            for (Point& point : face.mesh)
                point = {static_cast<float>((double{point.x} + 0.5) * by - 0.5),
                         static_cast<float>((double{point.y} + 0.5) * by - 0.5),
                         static_cast<float>(double{point.z} * by)};
            if (memory.take(static_cast<std::int64_t>(smaller.rgb.size())))
                face.picture = std::make_shared<const Image>(std::move(smaller));
        } catch (const InputError& error) {
            failures[i] = error.what();
        }
    });
    std::vector<MeshedFace> read;
    for (std::size_t i = 0; i < faces.size(); ++i)
        failures[i].empty() ? read.push_back(std::move(faces[i])) : broken.push_back(failures[i]);
    return read;
}

void LandmarkFaces::Parts::open_faces(const LandmarkedFolder& folder) {
    const std::filesystem::path root = options.root / folder.pictures, file = options.root / folder.labels;
    datasets.push_back(open_dataset(folder.dataset, {{"root", root.string()}, {"split", folder.split}}));
    const Dataset& dataset = *datasets.back();
    const LandmarkLabels labels = read_landmark_labels(file);
    const std::vector<const LabelledFace*> by_row = labels_of(dataset, root, labels, file.string());
    const IndexSplit parts = split_by_subject(dataset, options.validation_share, options.seed);
    const std::size_t before = broken.size();
    std::vector<MeshedFace> rest = decode(dataset, parts.rest, by_row), part = decode(dataset, parts.part, by_row);
    const DatasetCard& card = dataset.card();
    description.push_back({{"name", card.name},
                           {"source", card.source},
                           {"licence", card.licence},
                           {"list_sha256", card.sha256},
                           {"rows", dataset.size()},
                           {"landmarker", labels.landmarker},
                           {"faces", rest.size()},
                           {"held_out", part.size()},
                           {"broken", broken.size() - before},
                           {"labels_sha256", hash_of(file)}});
    std::move(rest.begin(), rest.end(), std::back_inserter(training));
    std::move(part.begin(), part.end(), std::back_inserter(held_out));
}

void LandmarkFaces::Parts::open_backgrounds(const MarkedFolder& folder) {
    const std::filesystem::path photos = options.root / folder.photos, truth = options.root / folder.truth;
    std::vector<MarkedPhoto> marked = read_marked_photos(truth);
    if (!folder.faceless) std::erase_if(marked, [](const MarkedPhoto& photo) { return !photo.faces.empty(); });
    std::vector<Image> opened(marked.size());
    std::vector<std::string> failures(marked.size());
    for_all(marked.size(), options.threads, options.stop, [&](std::size_t i) {
        try {
            Image photo = open_marked_photo(marked[i], photos);
            const int longer = std::max(photo.width, photo.height);
            opened[i] = kept(std::move(photo), longer, kMostBackgroundPx).first;
        } catch (const InputError& error) {
            failures[i] = error.what();
        }
    });
    std::vector<Image> here, aside;
    for (std::size_t i = 0; i < marked.size(); ++i) {
        if (!failures[i].empty()) broken.push_back(failures[i]);
        if (opened[i].empty()) continue;
        const double place = unit_interval(
            chained_seed(options.seed, {kBackground, std::stoull(marked[i].sha256.substr(0, 15), nullptr, 16)}));
        (place < options.validation_share ? aside : here).push_back(std::move(opened[i]));
    }
    description.push_back({{"name", photos.filename().string()},
                           {"source", "backgrounds"},
                           {"listed", marked.size()},
                           {"photos", here.size()},
                           {"held_out", aside.size()},
                           {"labels_sha256", hash_of(truth)}});
    if (!here.empty()) backgrounds.push_back(std::move(here));
    if (!aside.empty()) held_out_backgrounds.push_back(std::move(aside));
}

LandmarkFaces::LandmarkFaces(LandmarkFacesOptions options) : parts_(std::make_unique<Parts>(std::move(options))) {
    Parts& p = *parts_;
    if (p.options.pictures.faces.empty()) throw UsageError("\"faces\" must name a data set with labels");
    for (const LandmarkedFolder& folder : p.options.pictures.faces) p.open_faces(folder);
    for (const MarkedFolder& folder : p.options.pictures.backgrounds) p.open_backgrounds(folder);
    if (p.options.stop.stop_requested()) return;
    const bool skip = p.options.skip_broken;
    for (const std::string& line : p.broken) log(skip ? LogLevel::warning : LogLevel::error, line);
    if (!p.broken.empty() && !skip)
        throw InputError("broken_pictures",
                         std::to_string(p.broken.size()) +
                             " pictures of the training data cannot be read (each has a line above); "
                             "mend them, or go on without them by --skip-broken");
    if (p.training.size() < static_cast<std::size_t>(p.options.batch_size))
        throw UsageError("there are " + std::to_string(p.training.size()) +
                         " faces with points to learn from, too few for a batch of " +
                         std::to_string(p.options.batch_size));
}

LandmarkFaces::~LandmarkFaces() = default;

std::uint64_t LandmarkFaces::steps_per_epoch() const {
    return parts_->training.size() / static_cast<std::size_t>(parts_->options.batch_size);
}
std::int64_t LandmarkFaces::held_out_count() const {
    const auto faces = static_cast<std::int64_t>(parts_->held_out.size());
    return faces + faces / 4;
}
const Json& LandmarkFaces::description() const {
    return parts_->description;
}

const Image* LandmarkFaces::Parts::background(const std::vector<std::vector<Image>>& folders,
                                              std::mt19937_64& random) const {
    if (folders.empty()) return nullptr;
    const std::vector<Image>& folder = folders[one_of(random, folders.size())];
    return &folder[one_of(random, folder.size())];
}

CutFace LandmarkFaces::Parts::face(const MeshedFace& of, const FaceFraming& framing, const Image* beyond) const {
    const std::shared_ptr<const Image> picture = of.picture ? of.picture : decoded(*of.dataset, of.row);
    return cut_framed(*picture, of.mesh, framing, options.px, beyond);
}

/// A square of a background, or so small a one of a face that it is none.
CutFace LandmarkFaces::Parts::no_face(const std::vector<std::vector<Image>>& folders,
                                      const std::vector<MeshedFace>& faces, std::mt19937_64& random) const {
    const Image* const photo = background(folders, random);
    if (photo == nullptr || uniform01(random) < kPieceOfFace) {
        const MeshedFace& of = faces[one_of(random, faces.size())];
        const double side = within(random, 0.15, 0.35);
        const Similarity face_from_piece{side, 0, within(random, 0.05, 0.95) - side / 2,
                                         within(random, 0.05, 0.95) - side / 2};
        const Similarity whole = framing_of(five_points_of(of.mesh)).picture_from_unit;
        CutFace cut = face(of, {compose(whole, face_from_piece), uniform01(random) < 0.5}, nullptr);
        cut.landmarks.clear();
        return cut;
    }
    const double most = std::min(photo->width, photo->height),
                 side = std::exp(within(random, std::log(std::min(24.0, most)), std::log(most)));
    const Similarity photo_from_unit{side, 0, within(random, 0, photo->width - side) - 0.5,
                                     within(random, 0, photo->height - side) - 0.5};
    return cut_framed(*photo, {}, {photo_from_unit, uniform01(random) < 0.5}, options.px);
}

Batch LandmarkFaces::Parts::empty_batch(std::int64_t n) const {
    Batch batch{{}, n};
    batch.tensors["face"] = at::zeros({n, 3, options.px, options.px}, at::kFloat);
    batch.tensors["points"] = at::zeros({n, static_cast<std::int64_t>(kMeshPoints), 3}, at::kFloat);
    batch.tensors["is_face"] = at::zeros({n}, at::kFloat);
    return batch;
}

void LandmarkFaces::Parts::write(const CutFace& cut, bool is_face, const Degradation& how, std::mt19937_64& random,
                                 Batch& batch, std::int64_t row) const {
    write_degraded(cut, how, random, batch.at("face")[row].data_ptr<float>());
    batch.at("is_face").data_ptr<float>()[row] = is_face ? 1 : 0;
    if (!is_face) return;
    float* to = batch.at("points")[row].data_ptr<float>();
    for (const Point& point : cut.landmarks) *to++ = point.x, *to++ = point.y, *to++ = point.z;
}

void LandmarkFaces::Parts::write_training(std::size_t index, std::mt19937_64& random, Batch& batch,
                                          std::int64_t row) const {
    const LandmarkPictures& how = options.pictures;
    const bool is_face = uniform01(random) >= how.no_face_share;
    CutFace cut;
    if (is_face) {
        const MeshedFace& of = training[index];
        const FaceFraming framing = moved_at_random(framing_of(five_points_of(of.mesh)), options.augmentation, random);
        const bool surrounded = uniform01(random) < how.surroundings_share;
        cut = face(of, framing, surrounded ? background(backgrounds, random) : nullptr);
        if (uniform01(random) < how.cover_share) cover_at_random(cut, random);
    } else {
        cut = no_face(backgrounds, training, random);
    }
    change_light(cut.levels, options.augmentation, random);
    if (uniform01(random) < how.grey_share) make_grey(cut);
    const Degradation degradation = draw_degradation(options.px, options.augmentation, random);
    write(cut, is_face, degradation, random, batch, row);
}

Batch LandmarkFaces::at(Position position, Share share) const {
    AFFECTSR_EXPECT(position.step < steps_per_epoch(), "no such step in an epoch");
    const Parts& p = *parts_;
    const std::int64_t size = p.options.batch_size;
    if (size % share.ranks != 0)
        throw UsageError("\"batch_size\" " + std::to_string(size) + " cannot be shared by " +
                         std::to_string(share.ranks) + " processes");
    // All faces in another order in every epoch.
    std::vector<std::uint32_t> order(p.training.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::uint32_t>(i);
    std::mt19937_64 shuffling(chained_seed(p.options.seed, {kOrder, position.epoch}));
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[one_of(shuffling, i)]);
    const std::int64_t rows = size / share.ranks;
    Batch batch = p.empty_batch(rows);
    for (std::int64_t row = 0; row < rows; ++row) {
        const auto number =
            position.step * static_cast<std::uint64_t>(size) + static_cast<std::uint64_t>(share.rank * rows + row);
        std::mt19937_64 random(chained_seed(p.options.seed, {kSample, position.epoch, number}));
        p.write_training(order[number], random, batch, row);
    }
    return batch;
}

Batch LandmarkFaces::held_out(std::int64_t first, std::int64_t count, int face_px) const {
    AFFECTSR_EXPECT(first >= 0 && first + count <= held_out_count(), "no such held-out faces");
    const Parts& p = *parts_;
    Augmentation little = p.options.augmentation;
    little.rotate_deg /= 3, little.zoom /= 3, little.shift /= 3, little.mirror = 0;
    const Degradation small = only_small(face_px > 0 ? face_px : p.options.px, p.options.px);
    const auto faces = static_cast<std::int64_t>(p.held_out.size());
    Batch batch = p.empty_batch(count);
    for (std::int64_t row = 0; row < count; ++row) {
        const bool is_face = first + row < faces;
        const auto number = static_cast<std::uint64_t>(is_face ? first + row : first + row - faces);
        std::mt19937_64 random(chained_seed(p.options.seed, {is_face ? kHeldOutFace : kHeldOutPiece, number}));
        CutFace cut;
        if (is_face) {
            const MeshedFace& of = p.held_out[number];
            cut = p.face(of, moved_at_random(framing_of(five_points_of(of.mesh)), little, random), nullptr);
        } else {
            cut = p.no_face(p.held_out_backgrounds, p.held_out, random);
        }
        p.write(cut, is_face, small, random, batch, row);
    }
    return batch;
}

}  // namespace affectsr
