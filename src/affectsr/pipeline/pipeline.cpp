#include "affectsr/pipeline/pipeline.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/face/align.h"
#include "affectsr/pipeline/route.h"
#include "affectsr/restore/catalog.h"

namespace affectsr {

struct Pipeline::Parts {
    PipelineOptions options;
    std::unique_ptr<const Detector> detector;
    std::unique_ptr<const Restorer> restorer;
    std::unique_ptr<const Classifier> classifier;
};

namespace {

/// Milliseconds since it was made or last read.
class Stopwatch {
 public:
    double lap_ms() {
        const auto now = std::chrono::steady_clock::now();
        const double ms = std::chrono::duration<double, std::milli>(now - last_).count();
        last_ = now;
        return ms;
    }

 private:
    std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

std::unique_ptr<const Detector> detector_for(const PipelineOptions& o) {
    if (o.already_cropped) return nullptr;
    Json options = Json::object();
    if (!o.detector_model.empty()) options["model"] = o.detector_model;
    return make_detector(o.detector, options);
}

/// A restorer that enlarges to any size gives the classifier the size it wants.
std::unique_ptr<const Restorer> restorer_for(const PipelineOptions& o, const Classifier& classifier) {
    const Entry<Restorer>& found = find(restorer_catalog(), o.restorer, "restorer");
    Json options = Json::object();
    if (found.default_options.contains("output_px")) options["output_px"] = classifier.needs().input_px;
    return found.make(options);
}

bool is_finite(const Expression& expression) {
    return std::all_of(expression.probability.begin(), expression.probability.end(),
                       [](float p) { return std::isfinite(p); });
}

}  // namespace

Pipeline::Pipeline(const PipelineOptions& options) {
    auto parts = std::make_unique<Parts>();
    parts->options = options;
    parts->classifier = load_classifier(options.classifier, options.classifier_model, options.precision);
    parts->restorer = restorer_for(options, *parts->classifier);
    parts->detector = detector_for(options);
    const std::vector<std::string> heads = parts->classifier->heads();
    if (!options.head.empty() && std::find(heads.begin(), heads.end(), options.head) == heads.end())
        throw UsageError("the classifier " + options.classifier + " has no head \"" + options.head + "\"",
                         "unknown_head");
    parts_ = std::move(parts);
}

Pipeline::Pipeline(const PipelineOptions& options, std::unique_ptr<const Detector> detector,
                   std::unique_ptr<const Restorer> restorer, std::unique_ptr<const Classifier> classifier) {
    if (!restorer || !classifier || (!detector && !options.already_cropped))
        throw UsageError("a pipeline needs a restorer, a classifier and, unless already_cropped, a detector");
    parts_ =
        std::make_unique<const Parts>(Parts{options, std::move(detector), std::move(restorer), std::move(classifier)});
}

Pipeline::~Pipeline() = default;
Pipeline::Pipeline(Pipeline&&) noexcept = default;

Answer Pipeline::run(const Image& photo) const {
    AFFECTSR_EXPECT(!photo.empty(), "a pipeline was given an empty photo");
    const PipelineOptions& options = parts_->options;
    const RestorerNeeds needs = parts_->restorer->needs();
    const int input_px = parts_->classifier->needs().input_px;
    Stopwatch whole, stage;
    Answer answer;
    std::vector<Face> faces;
    if (options.already_cropped)
        faces.push_back({{0, 0, static_cast<float>(photo.width), static_cast<float>(photo.height)}, {}, 1});
    else
        faces = parts_->detector->detect(photo);
    answer.ms.detect_ms = stage.lap_ms();

    answer.faces_found = faces.size();
    faces.resize(std::min(faces.size(), static_cast<std::size_t>(options.most_faces)));
    std::vector<FaceCrop> crops;
    std::vector<std::size_t> cropped;  // which face each crop is of
    for (Face& face : faces) {
        const double side_px = options.already_cropped ? std::min(photo.width, photo.height) : crop_side_px(face);
        const Route way = route(side_px, options.least_face_px, input_px);
        answer.faces.push_back({std::move(face), {}, {}});
        Answer::Seen& seen = answer.faces.back();
        if (way.road == Road::undetermined) {
            seen.look.reason = way.reason;
            continue;
        }
        const int crop_px = needs.input_px > 0 ? needs.input_px : way.crop_px;
        seen.crop = options.already_cropped ? cut_whole(photo, crop_px) : cut(photo, seen.face, crop_px);
        cropped.push_back(answer.faces.size() - 1);
        crops.push_back(seen.crop);
    }
    answer.ms.cut_ms = stage.lap_ms();

    std::vector<Look> looks = look_all(crops, &answer.ms);
    stage.lap_ms();
    answer.picture = photo;
    for (std::size_t i = 0; i < looks.size(); ++i) {
        Answer::Seen& seen = answer.faces[cropped[i]];
        seen.look = std::move(looks[i]);
        // A face that was large enough keeps its own pixels: pasting the classifier's small crop would only blur it.
        const Similarity way_back = photo_from_restored(seen.crop, seen.look.restored.width);
        if (!seen.look.expression.empty() && way_back.scale() < 1)
            paste_back(answer.picture, seen.look.restored, way_back);
    }
    answer.ms.paste_ms = stage.lap_ms();
    answer.ms.total_ms = whole.lap_ms();
    return answer;
}

Look Pipeline::look(const FaceCrop& crop) const {
    return std::move(look_all(std::span(&crop, 1)).front());
}

std::vector<Look> Pipeline::look_all(std::span<const FaceCrop> crops) const {
    return look_all(crops, nullptr);
}

std::vector<Look> Pipeline::look_all(std::span<const FaceCrop> crops, Timings* ms) const {
    Stopwatch stage;
    std::vector<Look> looks(crops.size());
    std::vector<Image> restored;
    std::vector<std::size_t> readable;
    for (std::size_t i = 0; i < crops.size(); ++i) {
        const FaceCrop& crop = crops[i];
        const int side_px = std::min(crop.pixels.width, crop.pixels.height);
        if (route(side_px, parts_->options.least_face_px, side_px).road == Road::undetermined)
            looks[i].reason = "too_small";
        else if (is_constant(crop.pixels))
            looks[i].reason = "constant";
        else {
            looks[i].restored = parts_->restorer->restore(crop);
            looks[i].network_input = parts_->classifier->network_input(looks[i].restored);
            readable.push_back(i);
            restored.push_back(looks[i].restored);
        }
    }
    if (ms) ms->restore_ms = stage.lap_ms();
    const std::vector<Expression> expressions = parts_->classifier->classify_all(restored, parts_->options.head);
    for (std::size_t i = 0; i < readable.size(); ++i) {
        Look& look = looks[readable[i]];
        if (is_finite(expressions[i]))
            look.expression = expressions[i];
        else
            look.reason = "not_finite";
    }
    if (ms) ms->classify_ms = stage.lap_ms();
    return looks;
}

const PipelineOptions& Pipeline::options() const {
    return parts_->options;
}
const Classifier& Pipeline::classifier() const {
    return *parts_->classifier;
}

}  // namespace affectsr
