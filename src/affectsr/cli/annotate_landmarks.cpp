#include "affectsr/cli/annotate_landmarks.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/base/log.h"
#include "affectsr/base/sha256.h"
#include "affectsr/cli/in_order.h"
#include "affectsr/data/catalog.h"
#include "affectsr/data/landmark_labels.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/experiment/middle_face.h"
#include "affectsr/face/align.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/machine.h"
#include "affectsr/program/progress.h"
#include "affectsr/weights/model_file.h"

namespace affectsr::cli {

namespace {

constexpr double kSecondsBetweenWrites = 60;
constexpr std::int64_t kMostModelBytes = std::int64_t{1} << 30;
constexpr float kDoubtful = 0.9F;     // of a face's score, for the account
constexpr float kHardlyAFace = 0.5F;  // of a face's score: then the whole picture is tried

struct LandmarkSettings {
    std::string dataset = "manifest", split;
    std::filesystem::path root, output;
    std::string landmarker = "mediapipe", landmarker_model, detector = "yunet", detector_model;
    int threads = 0;
    bool resume = false, overwrite = false, quiet = false;
    void fields(auto&& f) {
        f("dataset", dataset, "kind of data set (affectsr models lists them)");
        f("root", root, "its folder");
        f("split", split, "which part of it, as the data set spells it; empty: all");
        f("landmarker", landmarker, "who says where the points lie");
        f("landmarker_model", landmarker_model, "its model file, where it needs one");
        f("detector", detector, "who finds the face in a picture; the one nearest to the middle is taken");
        f("detector_model", detector_model, "its model file, where it needs one");
        f("output", output, "file of the labels (.safetensors)");
        f("threads", threads, "pictures at once; 0: as many as the machine has cores", Range{0, 1024});
        f("resume", resume, "keep what the file has, and label the rest");
        f("overwrite", overwrite, "replace an existing file");
        f("quiet", quiet, "no progress and no account, only errors");
    }
};

Json model_options(const std::string& model) {
    Json options = Json::object();
    if (!model.empty()) options["model"] = model;
    return options;
}

/// The landmarker's name and the hash of its file.
std::string landmarker_told(const LandmarkSettings& settings) {
    const std::string& model = settings.landmarker_model;
    const std::filesystem::path file = std::filesystem::exists(model)
                                           ? std::filesystem::path(model)
                                           : find_model(model.empty() ? settings.landmarker : model);
    const std::vector<std::uint8_t> bytes = read_bytes(file, kMostModelBytes);
    return settings.landmarker + " " + sha256_hex(std::as_bytes(std::span(bytes)));
}

/// A face that fills its picture: cut() then gives the centre square.
Face whole_face(const Image& picture) {
    const double side = std::min(picture.width, picture.height), box = side / kCropOverBox;
    Face face;
    face.box_in_photo = {static_cast<float>((picture.width - box) / 2), static_cast<float>((picture.height - box) / 2),
                         static_cast<float>(box), static_cast<float>(box)};
    return face;
}

LandmarkedFace located(const Image& picture, const Detector& detector, const Landmarker& landmarker) {
    const std::optional<Face> face = middle_face(picture, detector);
    LandmarkedFace found;
    if (face) found = landmarker.locate_in(picture, *face);
    if (face && found.face_score >= kHardlyAFace) return found;
    LandmarkedFace whole = landmarker.locate_in(picture, whole_face(picture));
    return face && found.face_score >= whole.face_score ? found : whole;
}

/// Labels a data set; the labels grow in its order.
class Labelling {
 public:
    Labelling(const LandmarkSettings& settings, const Call& call)
        : settings_(settings),
          call_(call),
          dataset_(open_dataset(settings.dataset, {{"root", settings.root.string()}, {"split", settings.split}})),
          detector_(make_detector(settings.detector, model_options(settings.detector_model))),
          landmarker_(make_landmarker(settings.landmarker, model_options(settings.landmarker_model))) {
        labels_ = {landmarker_told(settings), dataset_->card().name, dataset_->card().sha256, {}};
        take_what_is_there();
    }

    int run() {
        limit_detector_threads(1);
        const std::size_t count = dataset_->size();
        Progress progress("annotate", static_cast<std::int64_t>(count), !settings_.quiet && stderr_is_lively());
        std::size_t failed = dataset_->card().unreadable.size();
        double written_at = 0;
        const std::size_t seen = in_order(
            count, settings_.threads > 0 ? settings_.threads : usable_cores(), call_.stop.token(), [&](std::size_t i) {
                auto [face, problem] = labelled(i);
                return [&, i, face = std::move(face), problem = std::move(problem)]() mutable {
                    if (face) labels_.faces.push_back(std::move(*face));
                    if (!problem.empty()) {
                        ++failed;
                        progress.hide();
                        log(LogLevel::warning, problem);
                    }
                    progress.update(static_cast<std::int64_t>(i + 1), std::to_string(failed) + " failed");
                    if (progress.seconds() - written_at < kSecondsBetweenWrites) return;
                    write_landmark_labels(settings_.output, labels_);
                    written_at = progress.seconds();
                };
            });
        write_landmark_labels(settings_.output, labels_);
        progress.hide();
        account(failed);
        if (seen < count) return call_.stop.exit_code();
        return failed == 0 ? 0 : 3;
    }

 private:
    void take_what_is_there() {
        if (!std::filesystem::exists(settings_.output)) return;
        if (!settings_.resume && !settings_.overwrite)
            throw UsageError(settings_.output.string() + " exists; go on with --resume, or replace it with --overwrite",
                             "output_exists");
        if (!settings_.resume) return;
        LandmarkLabels before = read_landmark_labels(settings_.output);
        if (before.landmarker != labels_.landmarker || before.dataset != labels_.dataset)
            throw UsageError(settings_.output.string() + " holds labels of " + before.dataset + " by " +
                                 before.landmarker + "; name another file, or replace it with --overwrite",
                             "other_labels");
        for (LabelledFace& face : before.faces) before_[{face.file, face.row}] = std::move(face);
    }

    /// The labelled face, or why there is none.
    std::pair<std::optional<LabelledFace>, std::string> labelled(std::size_t i) const {
        const SampleInfo& info = dataset_->info(i);
        LabelledFace face{file_below(settings_.root, info), info.row, {}, 0};
        const auto known = before_.find({face.file, face.row});
        if (known != before_.end()) return {known->second, ""};
        try {
            LandmarkedFace found = located(dataset_->at(i).picture, *detector_, *landmarker_);
            face.landmarks_in_picture = std::move(found.landmarks_in_crop);
            face.score = found.face_score;
            return {std::move(face), ""};
        } catch (const InputError& error) {
            return {std::nullopt, error.what()};
        }
    }

    void account(std::size_t failed) const {
        if (settings_.quiet) return;
        const auto doubtful = std::count_if(labels_.faces.begin(), labels_.faces.end(),
                                            [](const LabelledFace& face) { return face.score < kDoubtful; });
        log(LogLevel::info, std::to_string(labels_.faces.size()) + " faces, " + std::to_string(doubtful) +
                                " of a score below 0.9, " + std::to_string(failed) + " failed");
    }

    const LandmarkSettings& settings_;
    const Call& call_;
    const std::unique_ptr<Dataset> dataset_;
    const std::unique_ptr<Detector> detector_;
    const std::unique_ptr<Landmarker> landmarker_;
    std::map<std::pair<std::string, std::int64_t>, LabelledFace> before_;  // what an earlier run labelled
    LandmarkLabels labels_;
};

int annotate_landmarks(const LandmarkSettings& settings, const Call& call) {
    if (settings.output.empty()) throw UsageError("name the file to write: -o FILE.safetensors");
    if (settings.root.empty()) throw UsageError("name the folder of the data set: --root FOLDER");
    return Labelling(settings, call).run();
}

}  // namespace

Action declare_annotate_landmarks(CLI::App& command) {
    const auto settings = std::make_shared<LandmarkSettings>();
    add_flags(command, list_fields(*settings), "Options", {{"output", "o"}, {"quiet", "q"}});
    return [settings](const Call& call) { return annotate_landmarks(*settings, call); };
}

}  // namespace affectsr::cli
