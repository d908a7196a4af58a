#include "affectsr/detect/opencv.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <functional>
#include <mutex>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>
#include <opencv2/objdetect/face.hpp>

#include "affectsr/base/error.h"
#include "affectsr/detect/grouping.h"
#include "affectsr/detect/ladder.h"

namespace affectsr {

namespace {

/// OpenCV's detectors keep scratch memory inside, so a call needs one of its own. Returned ones are lent again; there
/// are never more than calls at once.
template <class Tool>
class Pool {
 public:
    explicit Pool(std::function<Tool()> make) : make_(std::move(make)) { give_back(make_()); }
    template <class Work>
    auto with(Work work) {
        Tool tool = borrow();
        auto result = work(tool);  // if it throws, the tool is dropped: its state is unknown
        give_back(std::move(tool));
        return result;
    }

 private:
    Tool borrow() {
        {
            const std::lock_guard lock(mutex_);
            if (!idle_.empty()) {
                Tool tool = std::move(idle_.back());
                idle_.pop_back();
                return tool;
            }
        }
        return make_();
    }
    void give_back(Tool tool) {
        const std::lock_guard lock(mutex_);
        idle_.push_back(std::move(tool));
    }

    std::function<Tool()> make_;
    std::mutex mutex_;
    std::vector<Tool> idle_;
};

/// Runs a search; OpenCV's exceptions become ours.
template <class Search>
std::vector<Face> search_guarded(const Image& photo, Search search) {
    if (photo.empty()) return {};
    try {
        return search();
    } catch (const cv::Exception& error) {
        const std::string size = std::to_string(photo.width) + " × " + std::to_string(photo.height) + " px";
        if (error.code == cv::Error::StsNoMem)
            throw ResourceError("out_of_memory", "not enough memory to search a photo of " + size +
                                                     " for faces; make it smaller or use fewer threads");
        throw InputError("detect_failed", "OpenCV could not search a photo of " + size + " for faces: " + error.err);
    }
}

cv::Mat view_of(const Image& photo) {
    // cv::Mat has no read-only view; nothing writes through this one.
    return {photo.height, photo.width, CV_8UC3, const_cast<std::uint8_t*>(photo.rgb.data())};
}

cv::Mat at_level(const cv::Mat& photo, const Level& level) {
    const cv::Size size(level.size.width, level.size.height);
    if (size == photo.size()) return photo;
    cv::Mat resized;
    cv::resize(photo, resized, size, 0, 0, level.scale > 1 ? cv::INTER_CUBIC : cv::INTER_AREA);
    return resized;
}

double finest_scale(const Image& photo, int enlarge_below_px) {
    return std::max(photo.width, photo.height) <= enlarge_below_px ? 2 : 1;
}

void expect_file(const std::string& path, const std::string& cure) {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored))
        throw ModelError("no_such_model", "the detector's file \"" + path + "\" does not exist; " + cure);
}

std::once_flag threads_chosen;

void choose_one_thread_unless_told() {
    std::call_once(threads_chosen, [] { cv::setNumThreads(1); });
}

// ---- Haar ----

constexpr const char* kCascadeName = "haarcascade_frontalface_alt2.xml";

std::string default_cascade() {
    // Debian's place, then those of other packagings.
    const std::array<std::string, 3> folders{"/usr/share/opencv4/haarcascades", "/usr/local/share/opencv4/haarcascades",
                                             "/usr/share/opencv/haarcascades"};
    for (const std::string& folder : folders) {
        std::error_code ignored;
        if (std::filesystem::is_regular_file(folder + "/" + kCascadeName, ignored)) return folder + "/" + kCascadeName;
    }
    throw ModelError("no_such_model", std::string("the face cascade ") + kCascadeName + " is not in " + folders[0] +
                                          "; install the package opencv-data or name a file with --detector-model");
}

using Cascade = std::unique_ptr<cv::CascadeClassifier>;

Cascade load_cascade(const std::string& path) {
    const auto damaged = [&] {
        return ModelError("model_damaged",
                          "\"" + path + "\" is not a cascade that OpenCV can read; name a haarcascade_*.xml");
    };
    try {
        auto cascade = std::make_unique<cv::CascadeClassifier>(path);
        if (cascade->empty()) throw damaged();
        return cascade;
    } catch (const cv::Exception&) {
        throw damaged();
    }
}

/// The chance that a box on which `members` windows agree is a face: logistic fit to 2,250 groups on the 53 photos,
/// YuNet being the judge. It says .72 for 3 windows, .84 for 4, .97 for 8.
float chance_of_face(int members) {
    return static_cast<float>(1 / (1 + std::exp(1.72 - 2.44 * std::log(members))));
}

void search_level(cv::CascadeClassifier& cascade, const HaarOptions& options, const cv::Mat& grey, const Level& level,
                  bool coarsest, std::vector<Box>& windows) {
    const cv::Size least = cascade.getOriginalWindowSize();
    // The next level searches from twice the size on.
    const cv::Size most = coarsest ? cv::Size() : cv::Size(2 * least.width - 1, 2 * least.height - 1);
    for (const Tile& tile : level.tiles) {
        std::vector<cv::Rect> answers;
        cascade.detectMultiScale(grey(cv::Rect(tile.left, tile.top, tile.width, tile.height)), answers,
                                 options.scale_factor, 0, 0, least, most);
        for (const cv::Rect& window : answers) {
            const double x = tile.left + window.x, y = tile.top + window.y;
            if (!tile.owns(x + window.width / 2.0, y + window.height / 2.0)) continue;
            windows.push_back({static_cast<float>(x / level.scale), static_cast<float>(y / level.scale),
                               static_cast<float>(window.width / level.scale),
                               static_cast<float>(window.height / level.scale)});
        }
    }
}

// ---- YuNet ----

using Network = cv::Ptr<cv::FaceDetectorYN>;
constexpr int kLeastInputPx = 64;  // its coarsest layer divides by 64
constexpr int kRowLength = 15;     // box (4), five landmarks (10), score

Network load_network(const OpencvYunetOptions& options) {
    try {
        Network network = cv::FaceDetectorYN::create(options.model, "", cv::Size(kLeastInputPx, kLeastInputPx),
                                                     static_cast<float>(options.least_score), 0.3F, 5000);
        cv::Mat faces;
        network->detect(cv::Mat(kLeastInputPx, kLeastInputPx, CV_8UC3, cv::Scalar::all(128)),
                        faces);  // a misfit shows here first
        return network;
    } catch (const cv::Exception& error) {
        throw ModelError("model_damaged", "\"" + options.model +
                                              "\" is no YuNet that OpenCV " CV_VERSION " can play (" + error.err +
                                              "); use face_detection_yunet_2022mar.onnx");
    }
}

Face face_from_row(const float* row, const Tile& tile, double scale) {
    const auto in_photo = [&](float position, int start) {
        return static_cast<float>((static_cast<double>(position) + start) / scale);
    };
    Face face;
    face.box_in_photo = {in_photo(row[0], tile.left), in_photo(row[1], tile.top), in_photo(row[2], 0),
                         in_photo(row[3], 0)};
    // The network counts from the picture's edge; our points count from the centre of the first pixel.
    for (int i = 4; i < kRowLength - 1; i += 2)
        face.landmarks_in_photo.push_back({in_photo(row[i], tile.left) - 0.5F, in_photo(row[i + 1], tile.top) - 0.5F});
    face.score = std::clamp(row[kRowLength - 1], 0.0F, 1.0F);
    return face;
}

void search_level(cv::FaceDetectorYN& network, const cv::Mat& rgb, const Level& level, std::vector<Face>& faces) {
    for (const Tile& tile : level.tiles) {
        cv::Mat bgr, rows;
        cv::cvtColor(rgb(cv::Rect(tile.left, tile.top, tile.width, tile.height)), bgr, cv::COLOR_RGB2BGR);
        const int right = std::max(0, kLeastInputPx - bgr.cols), below = std::max(0, kLeastInputPx - bgr.rows);
        if (right > 0 || below > 0) cv::copyMakeBorder(bgr, bgr, 0, below, 0, right, cv::BORDER_REPLICATE);
        network.setInputSize(bgr.size());
        network.detect(bgr, rows);
        for (int i = 0; i < rows.rows; ++i) {
            const float* const row = rows.ptr<float>(i);
            const double centre_x = static_cast<double>(row[0] + row[2] / 2),
                         centre_y = static_cast<double>(row[1] + row[3] / 2);
            if (tile.owns(tile.left + centre_x, tile.top + centre_y))
                faces.push_back(face_from_row(row, tile, level.scale));
        }
    }
}

}  // namespace

struct Haar::Parts {
    HaarOptions options;
    Pool<Cascade> cascades;
    explicit Parts(const HaarOptions& given)
        : options(given), cascades([path = given.model] { return load_cascade(path); }) {}
};

Haar::Haar(const HaarOptions& options) {
    choose_one_thread_unless_told();
    HaarOptions complete = options;
    if (complete.model.empty()) complete.model = default_cascade();
    expect_file(complete.model, "name a haarcascade_*.xml of the package opencv-data");
    parts_ = std::make_unique<Parts>(complete);
}

Haar::~Haar() = default;

std::vector<Face> Haar::detect(const Image& photo) const {
    return search_guarded(photo, [&] {
        return parts_->cascades.with([&](const Cascade& cascade) {
            cv::Mat grey;
            cv::cvtColor(view_of(photo), grey, cv::COLOR_RGB2GRAY);
            LadderOptions rungs;
            rungs.finest_scale = finest_scale(photo, parts_->options.enlarge_below_px);
            rungs.least_side_px = cascade->getOriginalWindowSize().width;
            rungs.margin_px = 2 * rungs.least_side_px;
            const std::vector<Level> levels = ladder(photo.size(), rungs);
            std::vector<Box> windows;
            for (const Level& level : levels)
                search_level(*cascade, parts_->options, at_level(grey, level), level, &level == &levels.back(),
                             windows);
            std::vector<Face> faces;
            for (const Group& group : group_similar(std::move(windows), parts_->options.neighbours))
                faces.push_back({group.box, {}, chance_of_face(group.members)});
            return suppress_overlaps(std::move(faces), 0.3, 0.6);
        });
    });
}

struct OpencvYunet::Parts {
    OpencvYunetOptions options;
    Pool<Network> networks;
    explicit Parts(const OpencvYunetOptions& given)
        : options(given), networks([given] { return load_network(given); }) {}
};

OpencvYunet::OpencvYunet(const OpencvYunetOptions& options) {
    choose_one_thread_unless_told();
    const std::string cure = "name a copy of face_detection_yunet_2022mar.onnx with --detector-model";
    if (options.model.empty())
        throw UsageError("the detector yunet_opencv needs its model file; " + cure, "no_detector_model");
    expect_file(options.model, cure);
    parts_ = std::make_unique<Parts>(options);
}

OpencvYunet::~OpencvYunet() = default;

std::vector<Face> OpencvYunet::detect(const Image& photo) const {
    return search_guarded(photo, [&] {
        return parts_->networks.with([&](const Network& network) {
            LadderOptions rungs;
            rungs.finest_scale = finest_scale(photo, parts_->options.enlarge_below_px);
            // One level sees faces of about 10–300 px, so the next may be four times smaller.
            rungs.step = 4, rungs.least_side_px = 64, rungs.margin_px = 160;
            std::vector<Face> faces;
            for (const Level& level : ladder(photo.size(), rungs))
                search_level(*network, at_level(view_of(photo), level), level, faces);
            return suppress_overlaps(std::move(faces), 0.3, 0.8);
        });
    });
}

void limit_opencv_threads(int count) {
    std::call_once(threads_chosen, [] {});
    cv::setNumThreads(count);
}

}  // namespace affectsr
