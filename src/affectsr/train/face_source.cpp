#include "affectsr/train/face_source.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "affectsr/base/error.h"
#include "affectsr/base/log.h"
#include "affectsr/base/random.h"
#include "affectsr/face/mesh.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

namespace {

/// An independent generator for every (seed, purpose, epoch, item).
std::mt19937_64 generator(std::initializer_list<std::uint64_t> numbers) {
    return std::mt19937_64(chained_seed(kSplitMix64Step, numbers));
}
enum Purpose : std::uint64_t { kOrder = 1, kFace = 2, kMix = 3, kSide = 4 };

/// The number of a face in the chain that seeds its chance: source and index in 24 bits each, what goes beyond above
/// them, so that no two faces have the same and small sets keep theirs.
std::uint64_t chance_of(std::uint64_t source, std::uint64_t index) {
    return (index >> 24) << 48 | source << 24 | (index & 0xFFFFFF);
}

template <class Item>
void shuffle(std::vector<Item>& items, std::mt19937_64& random) {
    for (std::size_t i = items.size(); i > 1; --i)
        std::swap(items[i - 1], items[static_cast<std::size_t>(uniform01(random) * static_cast<double>(i))]);
}

/// A Beta(a, a) number by Jöhnk's method, for the small a of mixup.
double beta(double a, std::mt19937_64& random) {
    for (;;) {
        const double x = std::pow(uniform01(random), 1 / a), y = std::pow(uniform01(random), 1 / a);
        if (x + y <= 1 && x + y > 0) return x / (x + y);
    }
}

std::size_t faces_of_an_epoch(std::size_t faces, double share) {
    return static_cast<std::size_t>(static_cast<double>(faces) * share);
}

/// The middle of what a source's crops may be.
double middle_crop(const TrainingSource& source) {
    return (source.least_crop + source.most_crop) / 2;
}

/// A loss on a head without targets would be 0 in every step, and the head would stay as it began.
void expect_targets(const std::vector<SourceFaces>& sources, const FaceNeeds& needs) {
    for (const std::string& head : needs.trained_heads) {
        const auto place = std::find(needs.heads.begin(), needs.heads.end(), head);
        AFFECTSR_EXPECT(place != needs.heads.end(), "no head " + head);
        const auto index = static_cast<std::size_t>(place - needs.heads.begin());
        const auto teaches = [index](const SourceFaces& source) { return source.faces_with_target(index) > 0; };
        if (std::any_of(sources.begin(), sources.end(), teaches)) continue;
        std::string asked;
        for (std::size_t i = 0; i < sources.size(); ++i) {
            const TrainingSource& from = sources[i].settings();
            asked += (i == 0 ? "" : "; ") + sources[i].description()["name"].get<std::string>() +
                     " with \"expression\": \"" + from.expression + "\" and \"own_labels_head\": \"" +
                     from.own_labels_head + "\"";
        }
        throw UsageError("the loss on the head \"" + head +
                         "\" would train nothing: no face of the data has a target for it (" + asked +
                         "); let a source teach it, or take the loss away");
    }
}

/// One line for each picture or folder that cannot be read, then one refusal for all.
void tell_of_broken(const std::vector<SourceFaces>& sources, bool skip) {
    const LogLevel level = skip ? LogLevel::warning : LogLevel::error;
    std::size_t pictures = 0, folders = 0;
    std::string first;
    for (const SourceFaces& source : sources) {
        for (const Unreadable& one : source.unreadable()) {
            const std::string line = one.path.string() + ": cannot be entered: " + one.reason;
            log(level, line);
            if (folders++ == 0 && pictures == 0) first = line;
        }
        for (const std::string& line : source.broken()) {
            log(level, line);
            if (pictures++ == 0 && folders == 0) first = line;
        }
    }
    if (pictures + folders == 0) return;
    const std::string count =
        std::to_string(pictures) + " pictures of the training data cannot be read" +
        (folders == 0 ? "" : ", and " + std::to_string(folders) + " folders or files cannot be entered");
    if (!skip)
        throw InputError("broken_pictures", count + " (each has a line above); the first is " + first +
                                                "; mend them, or go on without them by --skip-broken");
    log(LogLevel::warning, count + "; training goes on without them, and the model card counts them");
}

}  // namespace

FaceSource::FaceSource(FaceSourceOptions options, FaceNeeds needs)
    : options_(std::move(options)), needs_(std::move(needs)) {
    expect_settings_fit();
    const FaceLoading loading{
        needs_.heads,  needs_.without_target, needs_.channels, options_.validation_share,
        options_.seed, options_.threads,      options_.stop,   std::make_shared<FaceMemory>(options_.memory_bytes)};
    for (const TrainingSource& source : options_.sources) sources_.emplace_back(source, loading);
    expect_targets(sources_, needs_);
    for (SourceFaces& source : sources_) source.decode();
    if (options_.stop.stop_requested()) return;
    tell_of_broken(sources_, options_.skip_broken);
    count_and_describe();
    if (needs_.teacher != nullptr) ask_teacher();
}

void FaceSource::expect_settings_fit() const {
    if (options_.sources.empty()) throw UsageError("training needs at least one data source");
    if (options_.batch_size % options_.copies != 0)
        throw UsageError("\"batch_size\" " + std::to_string(options_.batch_size) + " is no multiple of \"copies\" " +
                         std::to_string(options_.copies));
    AFFECTSR_EXPECT(!needs_.landmarks || !needs_.mesh, "a face's points are five or a mesh");
    if (needs_.lr_factor > 0 && needs_.px % needs_.lr_factor != 0)
        throw UsageError("faces of " + std::to_string(needs_.px) + " px cannot be made " +
                         std::to_string(needs_.lr_factor) + " times smaller; take a multiple");
}

void FaceSource::count_and_describe() {
    std::size_t faces = 0;
    for (std::size_t i = 0; i < sources_.size(); ++i) {
        description_.push_back(sources_[i].description());
        for (std::size_t k = 0; k < sources_[i].held_out.size(); ++k)
            held_out_.push_back({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(k), 0});
        const std::size_t seen = faces_of_an_epoch(sources_[i].training.size(), sources_[i].settings().share);
        if (seen == 0)
            throw UsageError("an epoch sees no face of the data source \"" +
                             description_[i]["name"].get<std::string>() + "\": it has " +
                             std::to_string(sources_[i].training.size()) + " faces, of which \"share\" takes " +
                             std::to_string(sources_[i].settings().share));
        faces += seen;
    }
    const auto at_once = static_cast<std::size_t>(options_.batch_size / options_.copies);
    steps_per_epoch_ = faces / at_once;
    if (steps_per_epoch_ == 0)
        throw UsageError("the data sources hold " + std::to_string(faces) + " usable faces, fewer than the " +
                         std::to_string(at_once) + " of one batch");
}

void FaceSource::ask_teacher() {
    constexpr std::size_t kFacesAtOnce = 256;
    teacher_heads_ = needs_.teacher->heads();
    for (SourceFaces& source : sources_)
        for (std::size_t first = 0; first < source.training.size(); first += kFacesAtOnce) {
            if (options_.stop.stop_requested()) return;
            const std::size_t count = std::min(kFacesAtOnce, source.training.size() - first);
            ask_teacher(source, std::span(source.training).subspan(first, count));
        }
    needs_.teacher = nullptr;  // it may not live as long as this
}

void FaceSource::ask_teacher(const SourceFaces& source, std::span<TrainingFace> faces) const {
    const int px = needs_.teacher->input_px();
    const auto n = static_cast<std::int64_t>(faces.size());
    const at::Tensor pictures = at::empty({n, needs_.channels, px, px}, at::kFloat);
    for (std::int64_t i = 0; i < n; ++i) {
        const auto face = source.decoded(faces[static_cast<std::size_t>(i)]);
        write_floats(middle(face->planes, {}, middle_crop(source.settings()), px), pictures[i].data_ptr<float>());
    }
    const std::map<std::string, at::Tensor> answers = needs_.teacher->answer(pictures);
    for (const std::string& head : teacher_heads_) {
        const at::Tensor answer = answers.at(head).to(at::kCPU, at::kFloat).contiguous();
        for (std::int64_t i = 0; i < n; ++i) {
            FaceTarget target;
            std::copy_n(answer[i].data_ptr<float>(), target.size(), target.begin());
            faces[static_cast<std::size_t>(i)].answers.push_back(target);
        }
    }
}

Landmarks FaceSource::points_of(const DecodedFace& face) const {
    return needs_.mesh ? face.mesh : needs_.landmarks ? face.landmarks : Landmarks();
}

std::int64_t FaceSource::faces() const {
    std::size_t faces = 0;
    for (const SourceFaces& source : sources_) faces += source.training.size();
    return static_cast<std::int64_t>(faces);
}

/// The faces of an epoch, shuffled; copies of one stand side by side.
std::vector<FaceSource::FaceId> FaceSource::order(std::uint64_t epoch) const {
    auto random = generator({options_.seed, kOrder, epoch});
    std::vector<FaceId> all;
    for (std::size_t source = 0; source < sources_.size(); ++source) {
        std::vector<FaceId> own(sources_[source].training.size());
        for (std::size_t i = 0; i < own.size(); ++i)
            own[i] = {static_cast<std::uint32_t>(source), static_cast<std::uint32_t>(i), 0};
        shuffle(own, random);
        own.resize(faces_of_an_epoch(own.size(), sources_[source].settings().share));
        all.insert(all.end(), own.begin(), own.end());
    }
    shuffle(all, random);
    if (options_.copies == 1) return all;
    std::vector<FaceId> copied;
    for (FaceId id : all)
        for (id.copy = 0; id.copy < static_cast<std::uint32_t>(options_.copies); ++id.copy) copied.push_back(id);
    return copied;
}

/// A slice of the batch's first half and the rows that mirror it, so that the partners of mixup stay together.
std::vector<std::int64_t> FaceSource::rows_of(Share share) const {
    const std::int64_t size = options_.batch_size;
    std::vector<std::int64_t> rows;
    if (share.ranks == 1) {
        for (std::int64_t row = 0; row < size; ++row) rows.push_back(row);
        return rows;
    }
    if (size % (2 * share.ranks) != 0)
        throw UsageError("\"batch_size\" " + std::to_string(size) + " cannot be shared by " +
                         std::to_string(share.ranks) + " processes; take a multiple of " +
                         std::to_string(2 * share.ranks));
    const std::int64_t slice = size / (2 * share.ranks), first = share.rank * slice;
    for (std::int64_t row = first; row < first + slice; ++row) rows.push_back(row);
    for (std::int64_t row = first + slice; row-- > first;) rows.push_back(size - 1 - row);
    return rows;
}

/// Of "lr"; 0: there is none.
int FaceSource::lr_side(Position position) const {
    if (needs_.lr_sides.empty()) return needs_.lr_factor > 0 ? needs_.px / needs_.lr_factor : 0;
    auto random = generator({options_.seed, kSide, position.epoch, position.step});
    return needs_.lr_sides[static_cast<std::size_t>(uniform01(random) * static_cast<double>(needs_.lr_sides.size()))];
}

Batch FaceSource::empty_batch(std::int64_t n, int lr_side) const {
    const auto pictures = [&](int px) { return at::zeros({n, needs_.channels, px, px}, at::kFloat); };
    Batch batch{{}, n};
    if (needs_.face) batch.tensors["face"] = pictures(needs_.px);
    if (needs_.hr) batch.tensors["hr"] = pictures(needs_.px);
    if (lr_side > 0) batch.tensors["lr"] = pictures(needs_.lr_enlarged ? needs_.px : lr_side);
    if (needs_.landmarks)
        batch.tensors["landmarks"] = at::full({n, 5, 2}, std::numeric_limits<float>::quiet_NaN(), at::kFloat);
    if (needs_.mesh)
        batch.tensors["mesh"] = at::full({n, 3, static_cast<std::int64_t>(kMeshPoints), 1}, kNowherePx, at::kFloat);
    for (const std::string& head : needs_.heads)
        batch.tensors["target." + head] = at::zeros({n, kExpressionClasses}, at::kFloat);
    for (const std::string& head : teacher_heads_)
        batch.tensors["teacher." + head] = at::zeros({n, kExpressionClasses}, at::kFloat);
    return batch;
}

void FaceSource::write_targets(Batch& batch, std::int64_t row, const TrainingFace& face) const {
    const auto write = [&](const std::string& name, const FaceTarget& target) {
        std::copy(target.begin(), target.end(), batch.at(name)[row].data_ptr<float>());
    };
    for (std::size_t h = 0; h < needs_.heads.size(); ++h) write("target." + needs_.heads[h], face.targets[h]);
    for (std::size_t h = 0; h < face.answers.size(); ++h) write("teacher." + teacher_heads_[h], face.answers[h]);
}

void FaceSource::write_pictures(Batch& batch, std::int64_t row, const CutFace& cut, const Degradation& degradation,
                                int lr_side, std::mt19937_64& random) const {
    const auto place = [&](const char* name) { return batch.at(name)[row].data_ptr<float>(); };
    if (needs_.face) write_degraded(cut, degradation, random, place("face"));
    if (needs_.hr) write_floats(cut, place("hr"));
    if (lr_side > 0) {
        Degradation small = degradation;
        small.size_px = lr_side;
        small.enlarge_back = needs_.lr_enlarged;
        write_degraded(cut, small, random, place("lr"));
    }
    if (!needs_.landmarks) return;
    float* to = place("landmarks");
    for (const Point& point : cut.landmarks) *to++ = point.x, *to++ = point.y;
}

/// Some faces without, the others a little off: at test time a landmarker finds the points on the small face.
Landmarks FaceSource::as_a_landmarker_might(Landmarks mesh, std::mt19937_64& random) const {
    const bool missing = uniform01(random) < needs_.mesh_missing;
    const auto [right, down] = two_standard_normals(random);
    if (missing || mesh.empty()) return {};
    const double off = needs_.mesh_shift * eye_distance(mesh);
    for (Point& point : mesh) {
        point.x += static_cast<float>(off * right);
        point.y += static_cast<float>(off * down);
    }
    return mesh;
}

/// `mesh` in pixels of px.
void FaceSource::write_mesh(Batch& batch, std::int64_t row, Landmarks mesh) const {
    if (mesh.empty()) return;
    const double scale = needs_.lr_enlarged || needs_.lr_factor == 0 ? 1 : 1.0 / needs_.lr_factor;
    float* const to = batch.at("mesh")[row].data_ptr<float>();
    for (std::size_t i = 0; i < mesh.size(); ++i) {
        to[i] = static_cast<float>((double{mesh[i].x} + 0.5) * scale - 0.5);
        to[kMeshPoints + i] = static_cast<float>((double{mesh[i].y} + 0.5) * scale - 0.5);
        to[2 * kMeshPoints + i] = static_cast<float>(double{mesh[i].z} * scale);
    }
}

Batch FaceSource::at(Position position, Share share) const {
    AFFECTSR_EXPECT(position.step < steps_per_epoch_, "no such step in an epoch");
    const std::vector<FaceId> faces = order(position.epoch);
    const std::vector<std::int64_t> rows = rows_of(share);
    const int side = lr_side(position);
    Batch batch = empty_batch(static_cast<std::int64_t>(rows.size()), side);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        const FaceId id = faces[position.step * static_cast<std::uint64_t>(options_.batch_size) +
                                static_cast<std::uint64_t>(rows[row])];
        const SourceFaces& source = sources_[id.source];
        const TrainingFace& face = source.training[id.index];
        const auto decoded = source.decoded(face);
        const std::uint64_t chance = chance_of(id.source, id.index);
        auto random = id.copy == 0 ? generator({options_.seed, kFace, position.epoch, chance})
                                   : generator({options_.seed, kFace, position.epoch, chance, id.copy});
        const double least = source.settings().least_crop, most = source.settings().most_crop;
        const double crop = least + (most - least) * uniform01(random);
        const CutFace cut =
            augmented(decoded->planes, points_of(*decoded), crop, needs_.px, options_.augmentation, random);
        const Degradation degradation = draw_degradation(needs_.px, options_.augmentation, random);
        write_pictures(batch, static_cast<std::int64_t>(row), cut, degradation, side, random);
        if (needs_.mesh)
            write_mesh(batch, static_cast<std::int64_t>(row), as_a_landmarker_might(cut.landmarks, random));
        write_targets(batch, static_cast<std::int64_t>(row), face);
    }
    if (needs_.mix > 0) {
        // Zhang et al. 2018: every face with its mirror position in the batch, one weight for all.
        auto random = generator({options_.seed, kMix, position.epoch, position.step});
        const double keep = beta(needs_.mix, random);
        for (auto& [name, tensor] : batch.tensors)
            if (name != "landmarks" && name != "mesh" && name != "hr" && name != "lr")
                tensor = tensor * keep + tensor.flip(0) * (1 - keep);
    }
    return batch;
}

Batch FaceSource::held_out(std::int64_t first, std::int64_t count, int face_px) const {
    AFFECTSR_EXPECT(first >= 0 && count >= 0 && first + count <= held_out_count(), "no such held-out faces");
    const int px = face_px > 0 ? face_px : needs_.px;
    const int side = needs_.lr_sides.empty() ? lr_side({}) : px;
    Batch batch = empty_batch(count, side);
    std::mt19937_64 unused;
    for (std::int64_t row = 0; row < count; ++row) {
        const FaceId id = held_out_[static_cast<std::size_t>(first + row)];
        const SourceFaces& source = sources_[id.source];
        const TrainingFace& face = source.held_out[id.index];
        const auto decoded = source.decoded(face);
        const CutFace cut = middle(decoded->planes, points_of(*decoded), middle_crop(source.settings()), needs_.px);
        if (needs_.mesh) write_mesh(batch, row, cut.landmarks);
        write_pictures(batch, row, cut, only_small(px, needs_.px), side, unused);
        write_targets(batch, row, face);
    }
    return batch;
}

}  // namespace affectsr
