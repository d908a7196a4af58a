#include "affectsr/train/training_faces.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/base/sha256.h"
#include "affectsr/data/catalog.h"
#include "affectsr/data/ferplus.h"
#include "affectsr/data/split.h"
#include "affectsr/data/text_list.h"
#include "affectsr/face/mesh.h"

namespace affectsr {

namespace {

FaceTarget one_hot(std::optional<Emotion> label) {
    FaceTarget target{};
    if (label && static_cast<int>(*label) < kExpressionClasses) target[static_cast<std::size_t>(*label)] = 1;
    return target;
}

FaceTarget expression_target(const SampleInfo& info, const std::string& kind) {
    if (kind == "votes" && info.votes) return ferplus_soft_target(*info.votes).value_or(FaceTarget{});
    return kind == "label" ? one_hot(info.label) : FaceTarget{};
}

bool any(const FaceTarget& target) {
    return std::any_of(target.begin(), target.end(), [](float p) { return p > 0; });
}

void expect_head(const TrainingSource& source, const std::vector<std::string>& heads) {
    if (source.own_labels_head.empty()) return;
    if (source.own_labels_head == "expression")
        throw UsageError(
            "\"own_labels_head\" cannot be \"expression\"; to teach that head the data set's labels, set "
            "\"expression\" to \"label\"");
    if (std::find(heads.begin(), heads.end(), source.own_labels_head) != heads.end()) return;
    std::string known;
    for (const std::string& head : heads) known += (known.empty() ? "" : ", ") + head;
    throw UsageError("\"own_labels_head\" names the head \"" + source.own_labels_head +
                     "\", which the network does not have; it has: " + known);
}

std::string digest_of(const FacePlanes& planes) {
    std::string bytes = std::to_string(planes.width) + "x" + std::to_string(planes.height) + "\n";
    bytes.append(reinterpret_cast<const char*>(planes.values.data()), planes.values.size());
    return sha256_of(bytes);
}

constexpr float kLeastScore = 0.5F;  // a landmarker that was less sure saw no face
constexpr std::int64_t kMostLabelBytes = std::int64_t{1} << 30;

std::int64_t bytes_of(const DecodedFace& face) {
    return static_cast<std::int64_t>(face.planes.values.size() + face.mesh.size() * sizeof(Point));
}

/// The least detail of the sharpest `share` of those that have any number; −1: all of them are.
double least_of_sharpest(std::vector<double> details, double share) {
    std::erase_if(details, [](double detail) { return detail < 0; });
    if (share >= 1 || details.empty()) return -1;
    const auto softer = static_cast<std::ptrdiff_t>((1 - share) * static_cast<double>(details.size()));
    std::nth_element(details.begin(), details.begin() + softer, details.end());
    return details[static_cast<std::size_t>(softer)];
}

bool is_sure(const LabelledFace* label) {
    return label != nullptr && label->score >= kLeastScore && label->landmarks_in_picture.size() == kMeshPoints;
}

}  // namespace

double fine_detail(const FacePlanes& planes) {
    const int width = planes.width / 2, height = planes.height / 2;
    const std::size_t area = static_cast<std::size_t>(planes.width) * static_cast<std::size_t>(planes.height);
    const std::size_t count = area == 0 ? 0 : planes.values.size() / area;
    double sum = 0;
    for (std::size_t plane = 0; plane < count; ++plane)
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) {
                const auto* const first = planes.values.data() + plane * area +
                                          static_cast<std::size_t>(2 * y) * static_cast<std::size_t>(planes.width) +
                                          static_cast<std::size_t>(2 * x);
                const auto* const below = first + planes.width;
                const double a = first[0], b = first[1], c = below[0], d = below[1], mean = (a + b + c + d) / 4;
                sum += a * a + b * b + c * c + d * d - 4 * mean * mean;
            }
    const double pixels = 4.0 * width * height * static_cast<double>(count);
    return pixels == 0 ? 0 : sum / pixels;
}

SourceFaces::SourceFaces(const TrainingSource& source, const FaceLoading& loading)
    : source_(source), loading_(loading) {
    expect_head(source_, loading_.heads);
    dataset_ = open_dataset(source_.dataset, source_.options);
    const IndexSplit parts = split_by_subject(*dataset_, loading_.validation_share, loading_.seed);
    if (!source_.landmark_labels.empty()) read_landmark_labels();
    training = choose(parts.rest);
    held_out = choose(parts.part);
    if (!training.empty()) return;
    throw UsageError("the data source \"" + dataset_->card().name + "\" teaches nothing: of " +
                     std::to_string(dataset_->size()) + " rows, " + std::to_string(not_usable_) + " are not usable, " +
                     std::to_string(without_target_) + " have no target (\"expression\" is \"" + source_.expression +
                     "\", \"own_labels_head\" is \"" + source_.own_labels_head + "\") and " +
                     std::to_string(held_out.size()) + " are held out; change these settings or take the source away");
}

void SourceFaces::read_landmark_labels() {
    const std::string& file = source_.landmark_labels;
    const std::vector<std::uint8_t> bytes = read_bytes(file, kMostLabelBytes);
    landmark_labels_sha256_ = sha256_hex(std::as_bytes(std::span(bytes)));
    landmark_labels_ = affectsr::read_landmark_labels(file);
    meshes_ = labels_of(*dataset_, source_.options.value("root", std::string()), landmark_labels_, file);
}

std::shared_ptr<const DecodedFace> SourceFaces::decode_face(std::size_t row) const {
    Sample sample = dataset_->at(row);
    DecodedFace face{to_planes(sample.picture, loading_.channels), std::move(sample.landmarks_in_picture), {}};
    if (!meshes_.empty() && is_sure(meshes_[row])) face.mesh = meshes_[row]->landmarks_in_picture;
    return std::make_shared<const DecodedFace>(std::move(face));
}

std::vector<TrainingFace> SourceFaces::choose(const std::vector<std::size_t>& rows) {
    std::vector<TrainingFace> chosen;
    for (const std::size_t row : rows) {
        const SampleInfo& info = dataset_->info(row);
        TrainingFace face;
        face.row = row;
        for (const std::string& head : loading_.heads)
            face.targets.push_back(head == "expression"              ? expression_target(info, source_.expression)
                                   : head == source_.own_labels_head ? one_hot(info.label)
                                                                     : FaceTarget{});
        const bool has_target = std::any_of(face.targets.begin(), face.targets.end(), any);
        if (!info.usable) {
            ++not_usable_;
            continue;
        }
        if (!has_target) ++without_target_;
        if (has_target || loading_.without_target) chosen.push_back(std::move(face));
    }
    return chosen;
}

std::size_t SourceFaces::faces_with_target(std::size_t head) const {
    return static_cast<std::size_t>(std::count_if(
        training.begin(), training.end(), [head](const TrainingFace& face) { return any(face.targets[head]); }));
}

void SourceFaces::decode() {
    decode(training, source_.sharpest);
    decode(held_out, 1);
}

void SourceFaces::decode(std::vector<TrainingFace>& faces, double sharpest) {
    std::vector<std::string> digests(faces.size()), failures(faces.size());
    std::vector<double> details(faces.size(), -1);  // of those that can be read
    std::atomic<std::size_t> next{0};
    std::exception_ptr failure;
    std::mutex failing;
    const auto work = [&] {
        for (std::size_t i = next++; i < faces.size() && !loading_.stop.stop_requested(); i = next++) try {
                std::shared_ptr<const DecodedFace> face = decode_face(faces[i].row);
                digests[i] = digest_of(face->planes);
                details[i] = fine_detail(face->planes);
                if (loading_.memory->take(bytes_of(*face))) faces[i].decoded = std::move(face);
            } catch (const InputError& error) {
                failures[i] = error.what();
            } catch (...) {  // the machine, not the picture
                const std::lock_guard lock(failing);
                if (!failure) failure = std::current_exception();
                next = faces.size();
            }
    };
    {
        std::vector<std::jthread> workers;
        for (int i = 1; i < loading_.threads; ++i) workers.emplace_back(work);
        work();
    }
    if (failure) std::rethrow_exception(failure);
    const double least = least_of_sharpest(details, sharpest);
    std::vector<TrainingFace> read;
    read.reserve(faces.size());
    for (std::size_t i = 0; i < faces.size(); ++i) {
        if (!failures[i].empty()) {
            broken_.push_back(failures[i]);
            continue;
        }
        if (details[i] < least) {
            ++too_soft_;
            if (faces[i].decoded) loading_.memory->give_back(bytes_of(*faces[i].decoded));
            continue;
        }
        labels_ += label_text(faces[i]);
        pixels_ += digests[i] + "\n";
        read.push_back(std::move(faces[i]));
    }
    labels_ += "--\n";  // between what is learned and what is held out
    pixels_ += "--\n";
    faces = std::move(read);
}

std::shared_ptr<const DecodedFace> SourceFaces::decoded(const TrainingFace& face) const {
    return face.decoded ? face.decoded : decode_face(face.row);
}

// Where the data lies does not matter, so names are taken from the data set's folder on.
std::string SourceFaces::label_text(const TrainingFace& face) const {
    const SampleInfo& info = dataset_->info(face.row);
    const Json root = source_.options.value("root", Json());
    const std::filesystem::path name =
        root.is_string() ? info.path.lexically_relative(root.get<std::string>()) : info.path;
    std::string text = name.generic_string() + "\n" + std::to_string(info.row) + " " + info.subject + "\n" +
                       (info.label ? name_of(*info.label) : "-");
    if (info.votes)
        for (const int votes : *info.votes) text += " " + std::to_string(votes);
    for (const FaceTarget& target : face.targets)
        text.append(reinterpret_cast<const char*>(target.data()), sizeof target);
    return text + "\n";
}

Json SourceFaces::description() const {
    const DatasetCard& card = dataset_->card();
    Json made{{"name", card.name},
              {"source", card.source},
              {"licence", card.licence},
              {"list_sha256", card.sha256},
              {"listed", card.listed},
              {"skipped", card.skipped},
              {"not_entered", card.unreadable.size()},
              {"rows", dataset_->size()},
              {"not_usable", not_usable_},
              {"without_target", without_target_},
              {"broken", broken_.size()},
              {"too_soft", too_soft_},
              {"faces", training.size()},
              {"held_out", held_out.size()},
              {"labels_sha256", sha256_of(labels_)},
              {"pictures_sha256", sha256_of(pixels_)}};
    if (!meshes_.empty()) {
        made["landmark_labels_sha256"] = landmark_labels_sha256_;
        made["with_landmarks"] = std::count_if(meshes_.begin(), meshes_.end(), is_sure);
    }
    return made;
}

}  // namespace affectsr
