#include "affectsr/train/batches.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "affectsr/base/error.h"
#include "affectsr/base/log.h"
#include "affectsr/base/random.h"

namespace affectsr {

namespace {

/// An independent generator for every (seed, purpose, epoch, item).
std::mt19937_64 generator(std::initializer_list<std::uint64_t> numbers) {
    return std::mt19937_64(chained_seed(kSplitMix64Step, numbers));
}
enum Purpose : std::uint64_t { kOrder = 1, kFace = 2, kMix = 3 };

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

/// A loss on a head without targets would be 0 in every step, and the head would stay as it began.
void expect_targets(const std::vector<SourceFaces>& sources, const Batches::Options& options) {
    for (const std::string& head : options.trained_heads) {
        const auto place = std::find(options.heads.begin(), options.heads.end(), head);
        AFFECTSR_EXPECT(place != options.heads.end(), "no head " + head);
        const auto index = static_cast<std::size_t>(place - options.heads.begin());
        const auto teaches = [index](const SourceFaces& source) { return source.faces_with_target(index) > 0; };
        if (std::any_of(sources.begin(), sources.end(), teaches)) continue;
        std::string asked;
        for (std::size_t i = 0; i < sources.size(); ++i) {
            const TrainingSource& from = options.sources[i];
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

Batches::Batches(Options options) : options_(std::move(options)) {
    if (options_.sources.empty()) throw UsageError("training needs at least one data source");
    const FaceLoading loading{options_.heads, options_.channels, options_.validation_share,
                              options_.seed,  options_.threads,  options_.stop};
    std::vector<SourceFaces> sources;
    for (std::size_t i = 0; i < options_.sources.size(); ++i) sources.emplace_back(options_.sources[i], i, loading);
    expect_targets(sources, options_);
    for (SourceFaces& source : sources) source.decode();
    if (options_.stop.stop_requested()) return;
    tell_of_broken(sources, options_.skip_broken);
    take(sources);
}

void Batches::take(std::vector<SourceFaces>& sources) {
    std::size_t faces = 0;
    for (std::size_t i = 0; i < sources.size(); ++i) {
        description_.push_back(sources[i].description());
        training_.push_back(std::move(sources[i].training));
        std::move(sources[i].held_out.begin(), sources[i].held_out.end(), std::back_inserter(validation_));
        const std::size_t seen = faces_of_an_epoch(training_[i].size(), options_.sources[i].share);
        if (seen == 0)
            throw UsageError("an epoch sees no face of the data source \"" +
                             description_[i]["name"].get<std::string>() + "\": it has " +
                             std::to_string(training_[i].size()) + " faces, of which \"share\" takes " +
                             std::to_string(options_.sources[i].share));
        faces += seen;
    }
    steps_per_epoch_ = faces / static_cast<std::size_t>(options_.batch_size);
    if (steps_per_epoch_ == 0)
        throw UsageError("the data sources hold " + std::to_string(faces) + " usable faces, fewer than one batch of " +
                         std::to_string(options_.batch_size));
}

std::size_t Batches::training_faces() const {
    std::size_t faces = 0;
    for (const auto& source : training_) faces += source.size();
    return faces;
}
std::size_t Batches::validation_faces() const {
    return validation_.size();
}

/// The faces of an epoch, shuffled.
std::vector<Batches::FaceId> Batches::order(std::uint64_t epoch) const {
    auto random = generator({options_.seed, kOrder, epoch});
    std::vector<FaceId> all;
    for (std::size_t source = 0; source < training_.size(); ++source) {
        std::vector<FaceId> own(training_[source].size());
        for (std::size_t i = 0; i < own.size(); ++i)
            own[i] = {static_cast<std::uint32_t>(source), static_cast<std::uint32_t>(i)};
        shuffle(own, random);
        own.resize(faces_of_an_epoch(own.size(), options_.sources[source].share));
        all.insert(all.end(), own.begin(), own.end());
    }
    shuffle(all, random);
    return all;
}

Batch Batches::empty_batch(std::size_t faces) const {
    const auto n = static_cast<std::int64_t>(faces);
    Batch batch{at::zeros({n, options_.channels, options_.px, options_.px}, at::kFloat), {}};
    for (const std::string& head : options_.heads) batch.targets[head] = at::zeros({n, kExpressionClasses}, at::kFloat);
    return batch;
}

void Batches::write_target(Batch& batch, std::size_t row, const TrainingFace& face) const {
    for (std::size_t h = 0; h < options_.heads.size(); ++h)
        std::copy(face.targets[h].begin(), face.targets[h].end(),
                  batch.targets.at(options_.heads[h]).data_ptr<float>() + row * kExpressionClasses);
}

Batch Batches::at(std::uint64_t epoch, std::uint64_t step) const {
    AFFECTSR_EXPECT(step < steps_per_epoch_, "no such step in an epoch");
    const std::vector<FaceId> faces = order(epoch);
    const auto size = static_cast<std::size_t>(options_.batch_size);
    Batch batch = empty_batch(size);
    const std::size_t values = static_cast<std::size_t>(options_.channels * options_.px * options_.px);
    for (std::size_t row = 0; row < size; ++row) {
        const FaceId id = faces[step * size + row];
        const TrainingFace& face = training_[id.source][id.index];
        const TrainingSource& source = options_.sources[face.source];
        auto random = generator({options_.seed, kFace, epoch, chance_of(id.source, id.index)});
        const double crop = source.least_crop + (source.most_crop - source.least_crop) * uniform01(random);
        augment(face.planes, crop, options_.px, options_.augmentation, random,
                batch.faces.data_ptr<float>() + row * values);
        write_target(batch, row, face);
    }
    if (options_.mix > 0) {
        // Zhang et al. 2018: every face with its mirror position in the batch, one weight for all.
        auto random = generator({options_.seed, kMix, epoch, step});
        const double keep = beta(options_.mix, random);
        batch.faces = batch.faces * keep + batch.faces.flip(0) * (1 - keep);
        for (auto& [head, target] : batch.targets) target = target * keep + target.flip(0) * (1 - keep);
    }
    return batch;
}

Batch Batches::validation(std::size_t first, std::size_t count, int small_px) const {
    AFFECTSR_EXPECT(first + count <= validation_.size(), "no such held-out faces");
    Batch batch = empty_batch(count);
    const std::size_t values = static_cast<std::size_t>(options_.channels * options_.px * options_.px);
    for (std::size_t row = 0; row < count; ++row) {
        const TrainingFace& face = validation_[first + row];
        const TrainingSource& source = options_.sources[face.source];
        prepare(face.planes, (source.least_crop + source.most_crop) / 2, options_.px, small_px,
                batch.faces.data_ptr<float>() + row * values);
        write_target(batch, row, face);
    }
    return batch;
}

}  // namespace affectsr
