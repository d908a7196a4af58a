#include "affectsr/experiment/landmarks.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numbers>
#include <random>
#include <set>
#include <span>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/base/random.h"
#include "affectsr/base/sha256.h"
#include "affectsr/data/catalog.h"
#include "affectsr/data/landmark_labels.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/engine/threads.h"
#include "affectsr/experiment/rank_correlation.h"
#include "affectsr/face/align.h"
#include "affectsr/face/mesh.h"
#include "affectsr/image/degrade.h"
#include "affectsr/metric/landmark_shift.h"

namespace affectsr {

namespace {

constexpr double kFarOff = 0.1;  // error of a face that counts as missed

std::string hash_of_file(const std::filesystem::path& file) {
    constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;
    const std::vector<std::uint8_t> bytes = read_bytes(file, kMostBytes);
    return sha256_hex(std::as_bytes(std::span(bytes)));
}

/// A labelled data set: the rows that have points.
struct LabelledSet {
    LandmarkLabels labels;
    std::unique_ptr<Dataset> dataset;
    std::vector<std::pair<std::size_t, const LabelledFace*>> faces;
};

LabelledSet open_set(const std::filesystem::path& file, const std::filesystem::path& root,
                     const LandmarksOptions& options) {
    LabelledSet set;
    set.labels = read_landmark_labels(file);
    Json settings{{"root", root.string()}};
    if (!options.split.empty()) settings["split"] = options.split;
    set.dataset = open_dataset(options.dataset, settings);
    const std::vector<const LabelledFace*> by_row = labels_of(*set.dataset, root, set.labels, file.string());
    for (std::size_t i = 0; i < by_row.size(); ++i)
        if (by_row[i] != nullptr && by_row[i]->landmarks_in_picture.size() == kMeshPoints &&
            eye_distance(by_row[i]->landmarks_in_picture) > 0)
            set.faces.emplace_back(i, by_row[i]);
    if (options.limit > 0 && set.faces.size() > static_cast<std::size_t>(options.limit))
        set.faces.resize(static_cast<std::size_t>(options.limit));
    return set;
}

/// A face as a detector would report it: its five points, off by the jitter, and the box around its mesh.
Face face_of(const Landmarks& mesh, double jitter, std::mt19937_64& random) {
    const auto [left, right] =
        std::minmax_element(mesh.begin(), mesh.end(), [](Point a, Point b) { return a.x < b.x; });
    const auto [top, bottom] =
        std::minmax_element(mesh.begin(), mesh.end(), [](Point a, Point b) { return a.y < b.y; });
    Face face{{left->x, top->y, right->x - left->x, bottom->y - top->y}, five_points_of(mesh), 1};
    if (jitter == 0) return face;
    const double side = crop_side_px(face), angle = jitter * (2 * uniform01(random) - 1) * std::numbers::pi / 2,
                 scale = std::exp((2 * uniform01(random) - 1) * std::log1p(jitter));
    const double x = jitter * side * (2 * uniform01(random) - 1), y = jitter * side * (2 * uniform01(random) - 1);
    const Point middle = face.landmarks_in_photo[2];
    for (Point& point : face.landmarks_in_photo) {
        const double dx = double{point.x} - double{middle.x}, dy = double{point.y} - double{middle.y};
        point.x = static_cast<float>(double{middle.x} + x + scale * (std::cos(angle) * dx - std::sin(angle) * dy));
        point.y = static_cast<float>(double{middle.y} + y + scale * (std::sin(angle) * dx + std::cos(angle) * dy));
    }
    return face;
}

/// One landmarker at one size.
struct LandmarkTally {
    std::vector<double> errors, expected;
    double eyes = 0, brows = 0, lips = 0, refused = 0, seconds = 0;

    void add(const LandmarkedFace& face, const Landmarks& truth, double least_score) {
        const Landmarks& found = face.landmarks_in_crop;
        errors.push_back(landmark_shift(found, truth));
        if (face.expected_error) expected.push_back(double{*face.expected_error});
        const double rims = static_cast<double>(mesh_eyes().size()), irises = static_cast<double>(mesh_irises().size());
        eyes +=
            (landmark_shift(found, truth, mesh_eyes()) * rims + landmark_shift(found, truth, mesh_irises()) * irises) /
            (rims + irises);
        brows += landmark_shift(found, truth, mesh_brows());
        lips += landmark_shift(found, truth, mesh_lips());
        refused += double{face.face_score} < least_score;
    }
};

Json row_of(const std::string& landmarker, int size, LandmarkTally tally) {
    const auto n = static_cast<double>(tally.errors.size());
    const auto mean = [](const std::vector<double>& values) {
        double sum = 0;
        for (const double value : values) sum += value;
        return values.empty() ? Json(nullptr) : Json(sum / static_cast<double>(values.size()));
    };
    const auto share = [n](double sum) { return n > 0 ? Json(sum / n) : Json(nullptr); };
    const auto over = std::count_if(tally.errors.begin(), tally.errors.end(), [](double e) { return e > kFarOff; });
    const bool says = !tally.expected.empty() && tally.expected.size() == tally.errors.size();
    Json row{
        {"landmarker", landmarker},
        {"size", size},
        {"faces", tally.errors.size()},
        {"mean", mean(tally.errors)},
        {"over_tenth", share(static_cast<double>(over))},
        {"eyes", share(tally.eyes)},
        {"brows", share(tally.brows)},
        {"lips", share(tally.lips)},
        {"refused", share(tally.refused)},
        {"expected", says ? mean(tally.expected) : Json(nullptr)},
        {"rank_correlation", says ? measure_to_json(rank_correlation(tally.expected, tally.errors)) : Json(nullptr)},
        {"ms", share(1000 * tally.seconds)}};
    std::sort(tally.errors.begin(), tally.errors.end());
    const std::size_t half = tally.errors.size() / 2;
    row["median"] = tally.errors.empty() ? Json(nullptr)
                                         : Json((tally.errors[half] + tally.errors[(tally.errors.size() - 1) / 2]) / 2);
    return row;
}

/// One face at every size, seen by everyone in turns.
class LandmarkRound {
 public:
    LandmarkRound(const std::vector<LandmarkerUnderTest>& landmarkers, const LandmarksOptions& options)
        : landmarkers_(landmarkers), options_(options) {
        for (const int size : options.sizes) tallies[size].resize(landmarkers.size());
    }

    void see(const Image& picture, const Landmarks& mesh, std::uint64_t number) {
        using Clock = std::chrono::steady_clock;
        std::mt19937_64 random(chained_seed(options_.seed, {number}));
        const Face face = face_of(mesh, options_.jitter, random);
        const int side = std::max(1, static_cast<int>(std::lround(crop_side_px(face))));
        for (auto& [size, tally] : tallies) {
            const FaceCrop whole = cut(picture, face, std::max(size, side));
            FaceCrop crop = resized(whole, size);
            Degradation small;
            small.size_px = size;
            crop.pixels = degrade(whole.pixels, small, random);
            const Similarity crop_from_picture = crop.photo_from_crop.inverse();
            Landmarks truth;
            for (const Point& point : mesh) truth.push_back(crop_from_picture.apply(point));
            for (std::size_t i = 0; i < landmarkers_.size(); ++i) {
                const std::size_t at = (i + number) % landmarkers_.size();
                const Clock::time_point start = Clock::now();
                const std::vector<LandmarkedFace> found = landmarkers_[at].landmarker->locate_all(std::span(&crop, 1));
                tally[at].seconds += std::chrono::duration<double>(Clock::now() - start).count();
                tally[at].add(found.at(0), truth, options_.least_score);
            }
        }
    }

    std::map<int, std::vector<LandmarkTally>, std::greater<>> tallies;  ///< by size, one for each landmarker

 private:
    const std::vector<LandmarkerUnderTest>& landmarkers_;
    const LandmarksOptions& options_;
};

void lay_out_landmarks(Report& report) {
    report.tables = {{"",
                      {{"landmarker", "landmarker"},
                       {"size", "crop px"},
                       {"faces", "faces"},
                       {"mean", "error", 4},
                       {"median", "median", 4},
                       {"over_tenth", "over .1", 3},
                       {"eyes", "eyes", 4},
                       {"brows", "brows", 4},
                       {"lips", "lips", 4},
                       {"refused", "refused", 3},
                       {"expected", "expected", 4},
                       {"rank_correlation", "Spearman", 3},
                       {"ms", "ms a face", 2}}}};
    report.notes = {
        "an error is the mean distance of a face's 478 points over the distance of the outer eye corners (33 and 263); "
        "refused faces count in it",
        "the labels are another landmarker's answers to the picture as it is, not a person's"};
}

void check_landmarks_options(const LandmarksOptions& options) {
    if (options.labels.empty()) throw UsageError("name the files of the true points: --labels FILE,…");
    if (options.labels.size() != options.data.size())
        throw UsageError("\"labels\" names " + std::to_string(options.labels.size()) + " files and \"data\" " +
                         std::to_string(options.data.size()) + " folders; name one for each, in the same order");
    if (options.sizes.empty()) throw UsageError("\"sizes\" must name at least one");
}

}  // namespace

std::vector<LandmarkerUnderTest> landmarkers_of(const LandmarksOptions& options) {
    if (options.landmarkers.empty()) throw UsageError("\"landmarkers\" must name at least one");
    std::vector<LandmarkerUnderTest> landmarkers;
    std::set<std::string> seen;
    for (const std::string& item : options.landmarkers) {
        if (!seen.insert(item).second) throw UsageError("\"landmarkers\" names " + item + " twice");
        const std::size_t equals = item.find('=');
        LandmarkerUnderTest one;
        one.name = item.substr(0, equals);
        Json settings = Json::object();
        if (equals != std::string::npos) settings["model"] = item.substr(equals + 1);
        one.landmarker = make_landmarker(one.name, settings);
        if (equals != std::string::npos) one.model_sha256 = hash_of_file(item.substr(equals + 1));
        landmarkers.push_back(std::move(one));
    }
    return landmarkers;
}

Report landmarks_report(const std::vector<LandmarkerUnderTest>& landmarkers, const LandmarksOptions& options,
                        Provenance made_by, const LandmarksProgress& progress, std::stop_token stop) {
    check_landmarks_options(options);
    std::vector<LabelledSet> sets;
    std::size_t total = 0, done = 0;
    for (std::size_t i = 0; i < options.labels.size(); ++i) {
        sets.push_back(open_set(options.labels[i], options.data[i], options));
        total += sets.back().faces.size();
    }
    set_threads(options.threads);
    LandmarkRound round(landmarkers, options);
    Report report;
    report.made_by = std::move(made_by);
    for (std::size_t s = 0; s < sets.size(); ++s) {
        const DatasetCard& card = sets[s].dataset->card();
        report.made_by.dataset += (s == 0 ? "" : ", ") + card.name;
        report.made_by.dataset_listed += card.listed;
        report.facts["labels"].push_back({{"dataset", card.name},
                                          {"list_sha256", card.sha256},
                                          {"labels_sha256", hash_of_file(options.labels[s])},
                                          {"landmarker", sets[s].labels.landmarker},
                                          {"faces", sets[s].faces.size()}});
        for (const auto& [row, label] : sets[s].faces) {
            if (stop.stop_requested()) break;
            try {
                round.see(sets[s].dataset->at(row).picture, label->landmarks_in_picture, done);
            } catch (const InputError& error) {
                const SampleInfo& info = sets[s].dataset->info(row);
                report.failed.push_back({info.path.string(), info.row, error.code(), error.what()});
            }
            if (progress) progress(++done, total, report.failed.size());
        }
    }
    report.title = "Points of faces by size: " + report.made_by.dataset;
    report.interrupted = stop.stop_requested() && done < total;
    report.made_by.split = options.split;
    report.made_by.seed = options.seed;
    report.made_by.options = to_json(options);
    report.made_by.protocol =
        "each face is cut upright by the true points (or off by the jitter), reduced to the size by MATLAB's bicubic, "
        "and shown to every landmarker in turns";
    for (std::size_t i = 0; i < landmarkers.size(); ++i) {
        const LandmarkerUnderTest& one = landmarkers[i];
        report.facts["models"][one.name] = one.model_sha256.empty() ? Json(nullptr) : Json(one.model_sha256);
        for (const auto& [size, tally] : round.tallies) report.rows.push_back(row_of(one.name, size, tally[i]));
    }
    lay_out_landmarks(report);
    return report;
}

}  // namespace affectsr
