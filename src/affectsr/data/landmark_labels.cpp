#include "affectsr/data/landmark_labels.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/base/fields.h"
#include "affectsr/base/log.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr {

namespace {

constexpr const char* kAbout = "affectsr.landmark_labels";
constexpr std::int64_t kMostFaces = 2'000'000, kMostPoints = 1024;

/// Where the points of a face lie: what the stored ones are relative to.
struct PointFrame {
    float x, y, half;
};

PointFrame frame_of(const Landmarks& points) {
    float left = std::numeric_limits<float>::max(), top = left, right = -left, bottom = -left;
    for (const Point& point : points) {
        left = std::min(left, point.x), right = std::max(right, point.x);
        top = std::min(top, point.y), bottom = std::max(bottom, point.y);
    }
    const float half = std::max(right - left, bottom - top) / 2;
    return {(left + right) / 2, (top + bottom) / 2, half > 0 ? half : 1};
}

/// A file of labels that is not one, told by its name.
class LabelFile {
 public:
    explicit LabelFile(const std::filesystem::path& file) : file_(file) {
        try {
            content_ = read_safetensors(file);
        } catch (const ModelError& error) {
            if (error.code() == "no_such_model")
                throw InputError("not_found", file.string() + ": there is no such file");
            if (error.code() == "model_not_readable") throw InputError("not_readable", error.what());
            throw InputError("bad_labels", error.what());
        }
    }

    [[noreturn]] void refuse(const std::string& why) const {
        throw InputError("bad_labels", file_.string() + ": " + why +
                                           "; name a file that \"affectsr annotate landmarks\" has written");
    }

    /// What the file says of itself, under `key`.
    std::string told(const std::string& key) const {
        const auto about = content_.metadata.find(kAbout);
        if (about == content_.metadata.end()) refuse("these are no landmark labels");
        const Json json = Json::parse(about->second, nullptr, false);
        if (!json.is_object() || !json.contains(key) || !json[key].is_string()) refuse("it does not tell its " + key);
        return json[key].get<std::string>();
    }

    /// A tensor of this type and shape; −1 stands for any side.
    const HostTensor& tensor(const char* name, DType type, const std::vector<std::int64_t>& shape) const {
        const auto found = content_.tensors.find(name);
        if (found == content_.tensors.end()) refuse(std::string("it has no tensor \"") + name + '"');
        const std::vector<std::int64_t>& sides = found->second.shape();
        const bool fits =
            found->second.type() == type && sides.size() == shape.size() &&
            std::equal(sides.begin(), sides.end(), shape.begin(),
                       [](std::int64_t side, std::int64_t wanted) { return wanted < 0 || side == wanted; });
        if (!fits) refuse(std::string("its tensor \"") + name + "\" has another type or shape");
        return found->second;
    }

    std::vector<std::string> names(std::size_t count) const {
        const std::span<const std::byte> bytes = tensor("files", DType::u8, {-1}).bytes();
        std::vector<std::string> names(1);
        for (const std::byte byte : bytes) {
            if (byte == std::byte{'\n'})
                names.emplace_back();
            else
                names.back() += static_cast<char>(byte);
            if (names.size() > count + 1) break;
        }
        if (names.size() != count + 1 || !names.back().empty())
            refuse("it does not have " + std::to_string(count) + " names");
        names.pop_back();
        for (const std::string& name : names) {
            const std::filesystem::path path = name;
            if (name.empty() || path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end())
                refuse("the name " + in_quotes(name) + " does not lie inside a data set");
        }
        return names;
    }

 private:
    const std::filesystem::path& file_;
    Safetensors content_;
};

}  // namespace

void write_landmark_labels(const std::filesystem::path& file, const LandmarkLabels& labels) {
    const auto n = static_cast<std::int64_t>(labels.faces.size());
    const std::size_t k = n == 0 ? 0 : labels.faces[0].landmarks_in_picture.size();
    std::vector<float> points, frames, scores;
    std::vector<std::int64_t> rows;
    std::string names;
    points.reserve(labels.faces.size() * k * 3);
    for (const LabelledFace& face : labels.faces) {
        AFFECTSR_EXPECT(face.landmarks_in_picture.size() == k && k > 0, "faces to store have equally many points");
        AFFECTSR_EXPECT(face.file.find('\n') == std::string::npos, "a name to store has no newline");
        const PointFrame frame = frame_of(face.landmarks_in_picture);
        for (const Point& point : face.landmarks_in_picture) {
            AFFECTSR_EXPECT(std::isfinite(point.x + point.y + point.z), "points to store are finite");
            points.insert(points.end(),
                          {(point.x - frame.x) / frame.half, (point.y - frame.y) / frame.half, point.z / frame.half});
        }
        frames.insert(frames.end(), {frame.x, frame.y, frame.half});
        scores.push_back(face.score);
        rows.push_back(face.row);
        names += face.file + '\n';
    }
    Safetensors content;
    content.metadata[kAbout] =
        Json{{"landmarker", labels.landmarker}, {"dataset", labels.dataset}, {"dataset_sha256", labels.dataset_sha256}}
            .dump(-1, ' ', false, Json::error_handler_t::replace);
    content.tensors["points"] = HostTensor::from_floats(points, {n, static_cast<std::int64_t>(k), 3}).cast(DType::f16);
    content.tensors["frame"] = HostTensor::from_floats(frames, {n, 3});
    content.tensors["score"] = HostTensor::from_floats(scores, {n});
    content.tensors["row"] = HostTensor::from_ints(rows, {n});
    content.tensors["files"] = HostTensor::from_bytes(std::as_bytes(std::span(names)));
    write_safetensors(file, content);
}

LandmarkLabels read_landmark_labels(const std::filesystem::path& file) {
    const LabelFile stored(file);
    LandmarkLabels labels;
    labels.landmarker = stored.told("landmarker");
    labels.dataset = stored.told("dataset");
    labels.dataset_sha256 = stored.told("dataset_sha256");
    const HostTensor& points = stored.tensor("points", DType::f16, {-1, -1, 3});
    const std::int64_t n = points.shape()[0], k = points.shape()[1];
    if (n > kMostFaces || k > kMostPoints || (n > 0 && k == 0))
        stored.refuse(std::to_string(n) + " faces of " + std::to_string(k) + " points are too many or none");
    const std::vector<float> places = points.floats(), frames = stored.tensor("frame", DType::f32, {n, 3}).floats(),
                             scores = stored.tensor("score", DType::f32, {n}).floats();
    const std::vector<std::int64_t> rows = stored.tensor("row", DType::i64, {n}).ints();
    const std::vector<std::string> names = stored.names(static_cast<std::size_t>(n));
    std::set<std::pair<std::string, std::int64_t>> seen;
    const float* at = places.data();
    for (std::size_t i = 0; i < names.size(); ++i) {
        LabelledFace face{names[i], rows[i], {}, scores[i]};
        const PointFrame frame{frames[3 * i], frames[3 * i + 1], frames[3 * i + 2]};
        if (!(face.score >= 0 && face.score <= 1)) stored.refuse(face.file + " has a score that is not 0–1");
        if (!seen.emplace(face.file, face.row).second) stored.refuse(face.file + " is there twice");
        for (std::int64_t p = 0; p < k; ++p, at += 3) {
            const Point point{frame.x + at[0] * frame.half, frame.y + at[1] * frame.half, at[2] * frame.half};
            if (!std::isfinite(point.x + point.y + point.z)) stored.refuse(face.file + " has a point that is nowhere");
            face.landmarks_in_picture.push_back(point);
        }
        labels.faces.push_back(std::move(face));
    }
    return labels;
}

std::string file_below(const std::filesystem::path& root, const SampleInfo& info) {
    return info.path.lexically_normal().lexically_relative(root.lexically_normal()).generic_string();
}

std::vector<const LabelledFace*> labels_of(const Dataset& dataset, const std::filesystem::path& root,
                                           const LandmarkLabels& labels, const std::string& where) {
    if (labels.dataset != dataset.card().name)
        throw InputError("other_dataset", where + " labels the data set " + in_quotes(labels.dataset) + ", not " +
                                              in_quotes(dataset.card().name) + "; name the labels of this one");
    if (labels.dataset_sha256 != dataset.card().sha256)
        log(LogLevel::warning, where + ": the list of " + dataset.card().name + " has changed since it was labelled");
    std::map<std::pair<std::string, std::int64_t>, const LabelledFace*> by_row;
    std::multimap<std::string, const LabelledFace*> by_file;
    std::map<std::string, int> samples;  // of each file
    for (const LabelledFace& face : labels.faces)
        by_row[{face.file, face.row}] = &face, by_file.emplace(face.file, &face);
    for (std::size_t i = 0; i < dataset.size(); ++i) ++samples[file_below(root, dataset.info(i))];
    std::vector<const LabelledFace*> found(dataset.size());
    std::size_t known = 0;
    for (std::size_t i = 0; i < dataset.size(); ++i) {
        const SampleInfo& info = dataset.info(i);
        const std::string file = file_below(root, info);
        // Rows move when a list is shortened; a file of one face is known by its name.
        if (const auto face = by_row.find({file, info.row}); face != by_row.end())
            found[i] = face->second;
        else if (by_file.count(file) == 1 && samples[file] == 1)
            found[i] = by_file.find(file)->second;
        known += found[i] != nullptr;
    }
    if (known == 0 && dataset.size() > 0)
        throw InputError("other_dataset", where + " has no face of " + dataset.card().name +
                                              " as it was opened; label this split of it");
    return found;
}

}  // namespace affectsr
