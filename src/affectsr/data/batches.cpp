#include "affectsr/data/batches.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/base/random.h"
#include "affectsr/data/catalog.h"
#include "affectsr/data/ferplus.h"
#include "affectsr/data/split.h"

namespace affectsr {

namespace {

using Target = std::array<float, kExpressionClasses>;

/// An independent generator for every (seed, purpose, epoch, item).
std::mt19937_64 generator(std::initializer_list<std::uint64_t> numbers) {
    return std::mt19937_64(chained_seed(kSplitMix64Step, numbers));
}
enum Purpose : std::uint64_t { kOrder = 1, kFace = 2, kMix = 3 };

Target one_hot(std::optional<Emotion> label) {
    Target target{};
    if (label && static_cast<int>(*label) < kExpressionClasses) target[static_cast<std::size_t>(*label)] = 1;
    return target;
}

Target expression_target(const SampleInfo& info, const std::string& kind) {
    if (kind == "votes" && info.votes) return ferplus_soft_target(*info.votes).value_or(Target{});
    return kind == "label" ? one_hot(info.label) : Target{};
}

bool any(const Target& target) {
    return std::any_of(target.begin(), target.end(), [](float p) { return p > 0; });
}

void shuffle(std::vector<std::uint32_t>& items, std::mt19937_64& random) {
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

}  // namespace

Batches::Batches(Options options) : options_(std::move(options)) {
    if (options_.sources.empty()) throw UsageError("training needs at least one data source");
    for (std::size_t i = 0; i < options_.sources.size(); ++i) load(i);
    std::size_t faces = 0;
    for (std::size_t i = 0; i < training_.size(); ++i)
        faces += static_cast<std::size_t>(static_cast<double>(training_[i].size()) * options_.sources[i].share);
    steps_per_epoch_ = faces / static_cast<std::size_t>(options_.batch_size);
    if (steps_per_epoch_ == 0)
        throw UsageError("the data sources hold " + std::to_string(faces) + " usable faces, fewer than one batch of " +
                         std::to_string(options_.batch_size));
}

void Batches::load(std::size_t source) {
    const TrainingSource& from = options_.sources[source];
    const std::unique_ptr<Dataset> dataset = open_dataset(from.dataset, from.options);
    const IndexSplit parts = split_by_subject(*dataset, options_.validation_share, options_.seed);
    training_.emplace_back();
    decode(*dataset, parts.rest, source, training_.back());
    decode(*dataset, parts.part, source, validation_);
    const DatasetCard& card = dataset->card();
    description_.push_back({{"name", card.name},
                            {"source", card.source},
                            {"licence", card.licence},
                            {"list_sha256", card.sha256},
                            {"faces", training_.back().size()}});
}

void Batches::decode(const Dataset& dataset, const std::vector<std::size_t>& rows, std::size_t source,
                     std::vector<Face>& faces) {
    const TrainingSource& from = options_.sources[source];
    std::vector<Face> found;
    std::vector<std::size_t> wanted;
    for (const std::size_t row : rows) {
        const SampleInfo& info = dataset.info(row);
        Face face;
        face.source = source;
        for (const std::string& head : options_.heads)
            face.targets.push_back(head == "expression"           ? expression_target(info, from.expression)
                                   : head == from.own_labels_head ? one_hot(info.label)
                                                                  : Target{});
        if (!info.usable || std::none_of(face.targets.begin(), face.targets.end(), any)) continue;
        found.push_back(std::move(face));
        wanted.push_back(row);
    }
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex failing;
    const auto work = [&] {
        for (std::size_t i = next++; i < wanted.size(); i = next++) try {
                found[i].planes = to_planes(dataset.at(wanted[i]).picture, options_.channels);
            } catch (...) {
                const std::lock_guard lock(failing);
                if (!failure) failure = std::current_exception();
                next = wanted.size();
            }
    };
    {
        std::vector<std::jthread> workers;
        for (int i = 1; i < options_.threads; ++i) workers.emplace_back(work);
        work();
    }
    if (failure) std::rethrow_exception(failure);
    faces.insert(faces.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
}

std::size_t Batches::training_faces() const {
    std::size_t faces = 0;
    for (const auto& source : training_) faces += source.size();
    return faces;
}
std::size_t Batches::validation_faces() const {
    return validation_.size();
}
Json Batches::description() const {
    return description_;
}

/// The faces of an epoch, shuffled: source in the upper 8 bits, index in the lower 24.
std::vector<std::uint32_t> Batches::order(std::uint64_t epoch) const {
    auto random = generator({options_.seed, kOrder, epoch});
    std::vector<std::uint32_t> all;
    for (std::size_t source = 0; source < training_.size(); ++source) {
        std::vector<std::uint32_t> own(training_[source].size());
        for (std::size_t i = 0; i < own.size(); ++i) own[i] = static_cast<std::uint32_t>(source << 24 | i);
        shuffle(own, random);
        own.resize(static_cast<std::size_t>(static_cast<double>(own.size()) * options_.sources[source].share));
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

void Batches::write_target(Batch& batch, std::size_t row, const Face& face) const {
    for (std::size_t h = 0; h < options_.heads.size(); ++h)
        std::copy(face.targets[h].begin(), face.targets[h].end(),
                  batch.targets.at(options_.heads[h]).data_ptr<float>() + row * kExpressionClasses);
}

Batch Batches::at(std::uint64_t epoch, std::uint64_t step) const {
    AFFECTSR_EXPECT(step < steps_per_epoch_, "no such step in an epoch");
    const std::vector<std::uint32_t> faces = order(epoch);
    const auto size = static_cast<std::size_t>(options_.batch_size);
    Batch batch = empty_batch(size);
    const std::size_t values = static_cast<std::size_t>(options_.channels * options_.px * options_.px);
    for (std::size_t row = 0; row < size; ++row) {
        const std::uint32_t id = faces[step * size + row];
        const Face& face = training_[id >> 24][id & 0xFFFFFF];
        const TrainingSource& source = options_.sources[face.source];
        auto random = generator({options_.seed, kFace, epoch, id});
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
        const Face& face = validation_[first + row];
        const TrainingSource& source = options_.sources[face.source];
        prepare(face.planes, (source.least_crop + source.most_crop) / 2, options_.px, small_px,
                batch.faces.data_ptr<float>() + row * values);
        write_target(batch, row, face);
    }
    return batch;
}

}  // namespace affectsr
