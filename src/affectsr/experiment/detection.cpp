#include "affectsr/experiment/detection.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <random>
#include <set>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/base/random.h"
#include "affectsr/base/sha256.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/engine/threads.h"
#include "affectsr/image/degrade.h"
#include "affectsr/metric/detection_score.h"
#include "affectsr/metric/metric.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

namespace {

constexpr double kFaintest = 0.2;  // of the faces that average precision looks at

std::string hash_of(const std::filesystem::path& file) {
    constexpr std::int64_t kMostBytes = std::int64_t{1} << 30;
    const std::vector<std::uint8_t> bytes = read_bytes(file, kMostBytes);
    return sha256_hex(std::as_bytes(std::span(bytes)));
}

/// What a damage does to a photograph, in its own pixels.
Degradation degradation_of(const std::string& damage, int reduce) {
    Degradation how;
    how.scale = reduce;
    if (damage == "blur")
        how.blur_sigma_px = 1.5 * reduce;
    else if (damage == "noise")
        how.noise_sigma = 12;
    else if (damage == "jpeg")
        how.jpeg_quality = 30;
    else if (damage != "none")
        throw UsageError("\"damage\" names \"" + damage + "\"; known are: none, blur, noise, jpeg");
    return how;
}

std::vector<MarkedFace> reduced(std::vector<MarkedFace> faces, double by) {
    for (MarkedFace& face : faces) {
        Box& box = face.box_in_photo;
        for (float* side : {&box.x, &box.y, &box.width, &box.height}) *side = static_cast<float>(double{*side} / by);
    }
    return faces;
}

/// One detector on one kind of picture.
struct Tally {
    DetectionScore score;
    double seconds = 0, megapixels = 0;
};

std::vector<Json> rows_of(const DetectorUnderTest& detector, int reduce, const std::string& damage,
                          const Tally& tally) {
    std::vector<Json> rows;
    const auto photos = static_cast<double>(std::max<std::int64_t>(tally.score.photos(), 1));
    for (const DetectionFigures& figures : tally.score.figures()) {
        const bool all = figures.width == "all";
        rows.push_back({{"detector", detector.name},
                        {"reduce", reduce},
                        {"damage", damage},
                        {"width", figures.width},
                        {"photos", tally.score.photos()},
                        {"faces", figures.faces},
                        {"found", figures.found},
                        {"recall", figures.faces == 0 ? Json(nullptr) : Json(figures.recall())},
                        {"false_faces", figures.false_faces},
                        {"false_per_photo", static_cast<double>(figures.false_faces) / photos},
                        {"average_precision", measure_to_json(figures.average_precision)},
                        {"ms_per_megapixel",
                         all && tally.megapixels > 0 ? Json(1000 * tally.seconds / tally.megapixels) : Json(nullptr)}});
    }
    return rows;
}

void lay_out(Report& report, const std::vector<DetectorUnderTest>& detectors) {
    report.tables = {{"",
                      {{"detector", "detector"},
                       {"reduce", "reduced"},
                       {"damage", "damage"},
                       {"width", "face px"},
                       {"faces", "faces"},
                       {"recall", "recall", 3},
                       {"false_faces", "false"},
                       {"false_per_photo", "false a photo", 3},
                       {"average_precision", "AP", 3},
                       {"ms_per_megapixel", "ms a megapixel", 1}}}};
    std::string scores;
    for (const DetectorUnderTest& one : detectors) {
        char text[32];
        std::snprintf(text, sizeof text, "%.2f", one.least_score);
        scores += (scores.empty() ? "" : ", ") + one.name + " " + text;
    }
    report.notes = {
        "recall and false faces count answers of at least the score: " + scores,
        "AP is the area under precision over recall of answers from a score of 0.2 on, where a detector has "
        "scores that can be lowered"};
}

using Key = std::pair<int, std::string>;  // reduction, damage

}  // namespace

std::vector<DetectorUnderTest> detectors_of(const DetectionOptions& options) {
    if (options.detectors.empty()) throw UsageError("\"detectors\" must name at least one");
    std::vector<DetectorUnderTest> detectors;
    std::set<std::string> seen;
    for (const std::string& item : options.detectors) {
        if (!seen.insert(item).second) throw UsageError("\"detectors\" names " + item + " twice");
        const std::size_t equals = item.find('=');
        const std::string name = item.substr(0, equals);
        const Entry<Detector>& entry = find_detector(name);
        Json settings = Json::object();
        DetectorUnderTest one;
        one.name = name;
        if (equals != std::string::npos) {
            const std::string model = item.substr(equals + 1);
            settings["model"] = model;
            one.model_sha256 = hash_of(model);
        }
        one.least_score = options.least_score;
        if (entry.default_options.contains("least_score")) {
            if (one.least_score == 0) one.least_score = entry.default_options["least_score"].get<double>();
            settings["least_score"] = std::min(kFaintest, one.least_score);
        }
        one.detector = entry.make(settings);
        detectors.push_back(std::move(one));
    }
    return detectors;
}

Report detection_report(const std::vector<DetectorUnderTest>& detectors, const DetectionOptions& options,
                        Provenance made_by, const DetectionProgress& progress, std::stop_token stop) {
    using Clock = std::chrono::steady_clock;
    for (const std::string& damage : options.damage) degradation_of(damage, 1);
    std::vector<MarkedPhoto> photos = read_marked_photos(options.truth);
    if (options.limit > 0 && photos.size() > static_cast<std::size_t>(options.limit))
        photos.resize(static_cast<std::size_t>(options.limit));
    const std::filesystem::path folder = options.photos.empty() ? options.truth.parent_path() : options.photos;
    std::map<Key, std::vector<Tally>> tallies;
    for (const int reduce : options.reduce)
        for (const std::string& damage : options.damage)
            for (const DetectorUnderTest& detector : detectors)
                tallies[{reduce, damage}].push_back(
                    {DetectionScore({options.least_overlap, detector.least_score, DetectionScoreOptions{}.edges_px})});
    set_threads(options.threads);
    limit_detector_threads(options.threads);
    Report report;
    std::size_t done = 0;
    for (const MarkedPhoto& marked : photos) {
        if (stop.stop_requested()) break;
        try {
            const Image photo = open_marked_photo(marked, folder);
            for (auto& [key, tally] : tallies) {
                std::mt19937_64 random(chained_seed(options.seed, {done}));
                const Image picture = degrade(photo, degradation_of(key.second, key.first), random);
                const double by = static_cast<double>(photo.width) / picture.width;
                const std::vector<MarkedFace> faces = reduced(marked.faces, by);
                for (std::size_t i = 0; i < detectors.size(); ++i) {
                    const Clock::time_point start = Clock::now();
                    const std::vector<Face> found = detectors[i].detector->detect(picture);
                    tally[i].seconds += std::chrono::duration<double>(Clock::now() - start).count();
                    tally[i].megapixels += 1e-6 * picture.width * picture.height;
                    tally[i].score.add(faces, found);
                }
            }
        } catch (const InputError& error) {
            report.failed.push_back({(folder / marked.file).string(), 0, error.code(), error.what()});
        }
        if (progress) progress(++done, photos.size(), report.failed.size());
    }
    report.title = "Finding faces by their size: " + options.truth.filename().string();
    report.interrupted = stop.stop_requested() && done < photos.size();
    report.made_by = std::move(made_by);
    report.made_by.dataset = options.truth.filename().string();
    report.made_by.dataset_sha256 = hash_of(options.truth);
    report.made_by.dataset_listed = static_cast<std::int64_t>(photos.size());
    report.made_by.seed = options.seed;
    report.made_by.options = to_json(options);
    report.made_by.protocol =
        "each photograph is reduced by MATLAB's bicubic, damaged, and searched by every detector in turns; widths are "
        "those of "
        "the marked boxes in the reduced photograph";
    for (const DetectorUnderTest& detector : detectors)
        report.facts["models"][detector.name] =
            detector.model_sha256.empty() ? Json(nullptr) : Json(detector.model_sha256);
    for (const int reduce : options.reduce)
        for (const std::string& damage : options.damage)
            for (std::size_t i = 0; i < detectors.size(); ++i)
                for (Json& row : rows_of(detectors[i], reduce, damage, tallies[{reduce, damage}][i]))
                    report.rows.push_back(std::move(row));
    lay_out(report, detectors);
    return report;
}

}  // namespace affectsr
