#include "affectsr/cli/annotate.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <span>

#include "affectsr/base/error.h"
#include "affectsr/base/file.h"
#include "affectsr/base/log.h"
#include "affectsr/base/sha256.h"
#include "affectsr/cli/annotate_landmarks.h"
#include "affectsr/cli/inputs.h"
#include "affectsr/data/marked_photos.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/engine/threads.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/resize.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/machine.h"
#include "affectsr/program/progress.h"

namespace affectsr::cli {

const char* const kAnnotateExamples =
    R"(  affectsr annotate faces photos/ -o photos/faces.json --detector yunet --enlarge 2
  affectsr annotate faces photos/ -o photos/faces.json --resume                     goes on where it was stopped
  affectsr annotate landmarks --root lfw/ --landmarker-model mesh.tflite -o lfw.safetensors   a data set, to learn from)";

namespace {

constexpr double kSecondsBetweenWrites = 20;
constexpr double kMostMegapixels = 40;  // of an enlarged photograph; a larger one is enlarged less

struct AnnotateSettings {
    std::filesystem::path photos, output;
    std::string detector = "yunet", detector_model;
    double least_score = 0.5;
    int enlarge = 1;
    int threads = 0;
    bool resume = false, overwrite = false, quiet = false;
    void fields(auto&& f) {
        f("output", output, "JSON file of the photographs and their faces");
        f("detector", detector, "who finds the faces");
        f("detector_model", detector_model, "its model file, where it needs one");
        f("least_score", least_score, "faces of a lower score are not marked", Range{0.01, 1});
        f("enlarge", enlarge, "photographs are searched so many times larger, to find smaller faces", Range{1, 8});
        f("threads", threads, "cores to use; 0: as many as the machine has", Range{0, 1024});
        f("resume", resume, "keep what the file has of photographs that are still the same");
        f("overwrite", overwrite, "replace an existing file");
        f("quiet", quiet, "no progress and no account, only errors");
    }
};

std::unique_ptr<Detector> detector_of(const AnnotateSettings& settings) {
    Json options = Json::object();
    if (!settings.detector_model.empty()) options["model"] = settings.detector_model;
    if (find_detector(settings.detector).default_options.contains("least_score"))
        options["least_score"] = settings.least_score;
    return make_detector(settings.detector, options);
}

/// The faces of a photograph that is searched `enlarge` times larger, or as much as memory allows.
std::vector<MarkedFace> faces_of(const Image& photo, const Detector& detector, const AnnotateSettings& settings) {
    const double most = std::sqrt(kMostMegapixels * 1e6 / (double{1} * photo.width * photo.height));
    const double by = std::max(1.0, std::min(static_cast<double>(settings.enlarge), most));
    const ImageSize large{static_cast<int>(std::lround(photo.width * by)),
                          static_cast<int>(std::lround(photo.height * by))};
    const std::vector<Face> found =
        detector.detect(large == photo.size() ? photo : resize(photo, large, Filter::bicubic));
    std::vector<MarkedFace> faces;
    for (const Face& face : found) {
        if (double{face.score} < settings.least_score) continue;
        const auto back = [by](float value) { return static_cast<float>(double{value} / by); };
        MarkedFace marked;
        const Box& box = face.box_in_photo;
        marked.box_in_photo = {back(box.x), back(box.y), back(box.width), back(box.height)};
        for (const Point& point : face.landmarks_in_photo)
            marked.landmarks_in_photo.push_back({back(point.x + 0.5F) - 0.5F, back(point.y + 0.5F) - 0.5F});
        marked.score = face.score;
        faces.push_back(std::move(marked));
    }
    return faces;
}

/// What an earlier run marked, by file.
std::map<std::string, MarkedPhoto> marked_before(const AnnotateSettings& settings) {
    std::map<std::string, MarkedPhoto> before;
    if (!std::filesystem::exists(settings.output)) return before;
    if (!settings.resume && !settings.overwrite)
        throw UsageError(settings.output.string() + " exists; go on with --resume, or replace it with --overwrite",
                         "output_exists");
    if (settings.resume)
        for (MarkedPhoto& photo : read_marked_photos(settings.output)) before[photo.file] = std::move(photo);
    return before;
}

void write(const std::filesystem::path& file, const std::vector<MarkedPhoto>& photos) {
    write_file_atomically(file, to_json(photos).dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

int annotate_faces(const AnnotateSettings& settings, const Call& call) {
    if (settings.output.empty()) throw UsageError("name the file to write: -o FILE.json");
    if (!std::filesystem::is_directory(settings.photos))
        throw UsageError(settings.photos.string() + " is no folder; name the folder of the photographs");
    const std::map<std::string, MarkedPhoto> before = marked_before(settings);
    const std::unique_ptr<Detector> detector = detector_of(settings);
    const int threads = settings.threads > 0 ? settings.threads : usable_cores();
    set_threads(threads);
    limit_detector_threads(threads);
    const std::vector<Input> inputs = list_inputs({{settings.photos.string()}, {}});
    Progress progress("annotate", static_cast<std::int64_t>(inputs.size()), !settings.quiet && stderr_is_lively());
    std::vector<MarkedPhoto> photos;
    std::size_t failed = 0, seen = 0, faces = 0;
    double written_at = 0;
    for (const Input& input : inputs) {
        if (call.stop.token().stop_requested()) break;
        try {
            if (!input.error_code.empty()) throw InputError(input.error_code, input.error_message);
            const std::vector<std::uint8_t> bytes = read_bytes(input.path, ImageLimits{}.file_bytes);
            MarkedPhoto photo;
            photo.file = input.path.lexically_relative(settings.photos).generic_string();
            photo.sha256 = sha256_hex(std::as_bytes(std::span(bytes)));
            const auto known = before.find(photo.file);
            if (known != before.end() && known->second.sha256 == photo.sha256) {
                photo = known->second;
            } else {
                const Image picture = decode_image(bytes, input.path.string());
                photo.width = picture.width, photo.height = picture.height;
                photo.faces = faces_of(picture, *detector, settings);
            }
            faces += photo.faces.size();
            photos.push_back(std::move(photo));
        } catch (const InputError& error) {
            ++failed;
            progress.hide();
            log(LogLevel::warning, error.what());
        }
        progress.update(static_cast<std::int64_t>(++seen), std::to_string(faces) + " faces");
        if (progress.seconds() - written_at < kSecondsBetweenWrites) continue;
        write(settings.output, photos);
        written_at = progress.seconds();
    }
    write(settings.output, photos);
    progress.hide();
    if (!settings.quiet)
        log(LogLevel::info, std::to_string(photos.size()) + " photographs, " + std::to_string(faces) + " faces, " +
                                std::to_string(failed) + " failed");
    if (seen < inputs.size()) return call.stop.exit_code();
    return failed == 0 ? 0 : 3;
}

}  // namespace

Action declare_annotate(CLI::App& command) {
    const auto settings = std::make_shared<AnnotateSettings>();
    command.require_subcommand(1);
    CLI::App* faces =
        add_subcommand(command, "faces", "boxes, points and scores of a folder's photographs", kAnnotateExamples);
    faces->add_option("PHOTOS", settings->photos, "folder of the photographs, walked to the bottom")->required();
    add_flags(*faces, list_fields(*settings), "Options", {{"output", "o"}, {"quiet", "q"}});
    CLI::App* landmarks =
        add_subcommand(command, "landmarks", "the points of a data set's faces, to learn from", kAnnotateExamples);
    const Action label = declare_annotate_landmarks(*landmarks);
    return [=](const Call& call) { return landmarks->parsed() ? label(call) : annotate_faces(*settings, call); };
}

}  // namespace affectsr::cli
