#include "affectsr/pipeline/pipeline.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "affectsr/base/error.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/face/align.h"
#include "affectsr/face/roll.h"
#include "affectsr/image/resize.h"
#include "affectsr/pipeline/framing.h"
#include "affectsr/pipeline/parts.h"
#include "affectsr/pipeline/restoration.h"
#include "affectsr/pipeline/stopwatch.h"
#include "affectsr/restore/catalog.h"

namespace affectsr {

struct Pipeline::Parts {
    PipelineOptions options;
    std::unique_ptr<const Detector> detector;
    std::unique_ptr<const Restorer> restorer;
    std::unique_ptr<const Classifier> classifier;
    std::unique_ptr<const PointFinder> points;  ///< null: the restorer looks at none, or does without

    FaceCrop cut_face(const Image& photo, const Face& face) const;
    std::vector<FaceCrop> framed_crops(const Image& photo, std::span<const Face> faces,
                                       std::span<const FaceCrop> crops) const;
    Route route(const FaceCrop& crop) const;
    /// `framed`: every crop as the restorer wants it framed; empty: it has no framing, or there is no photo to cut
    /// from.
    std::vector<Look> look_all(std::span<const FaceCrop> crops, std::span<const FaceCrop> framed, Timings& ms) const;
    /// Asks the restorer about looks[i] for every i of `small`.
    void restore(std::vector<Look>& looks, std::span<const FaceCrop> crops, std::span<const FaceCrop> framed,
                 std::span<const std::size_t> small) const;
    /// Asks the classifier about looks[i] for every i of `judged`; what it cannot answer becomes undetermined.
    void classify(std::vector<Look>& looks, std::span<const FaceCrop> crops, std::span<const std::size_t> judged) const;
};

namespace {

// So many faces share one pass through the network: enough to keep it busy, few enough that the features of a crowd of
// hundreds do not pile up in memory.
constexpr std::size_t kFacesPerPass = 64;

void expect_known_head(const std::string& head, const Classifier& classifier) {
    if (head.empty()) return;
    std::string known;
    for (const std::string& name : classifier.heads()) {
        if (name == head) return;
        known += (known.empty() ? "" : ", ") + name;
    }
    throw UsageError("the classifier has no head \"" + head + "\"; it has: " + known, "unknown_head");
}

void expect_sizes(const Restorer& restorer, const Classifier& classifier) {
    const RestorerNeeds needs = restorer.needs();
    if (needs.input_px < 0 || needs.scale < 0 || (needs.scale == 0 && needs.output_px < 1))
        throw UsageError("the restorer must name how large its pictures are: a scale, or an output_px of at least 1");
    if (classifier.needs().input_px < 1)
        throw UsageError("the classifier must name an input_px of at least 1, got " +
                         std::to_string(classifier.needs().input_px));
}

bool is_answer(const Expression& expression) {
    return !expression.empty() && expression.labels.size() == expression.probability.size() &&
           std::all_of(expression.probability.begin(), expression.probability.end(),
                       [](float p) { return std::isfinite(p) && p >= 0; });
}

}  // namespace

FaceCrop Pipeline::Parts::cut_face(const Image& photo, const Face& face) const {
    const int input_px = classifier->needs().input_px;
    if (options.already_cropped) return cut_whole(photo, input_px);
    const double side_px = crop_side_px(face);
    if (side_px == 0) {
        FaceCrop nothing;
        const float box_px = face.box_in_photo.size_px();
        nothing.face_in_photo_px = box_px <= 0 ? box_px : std::numeric_limits<float>::quiet_NaN();
        return nothing;
    }
    const int native = static_cast<int>(std::lround(std::max(1.0, side_px)));
    if (native >= input_px) return cut(photo, face, input_px);
    const RestorerNeeds needs = restorer->needs();
    return cut(photo, face, needs.input_px > 0 && needs.framing.empty() ? needs.input_px : native);
}

/// Of every face that the restorer will be asked about; of the others nothing.
std::vector<FaceCrop> Pipeline::Parts::framed_crops(const Image& photo, std::span<const Face> faces,
                                                    std::span<const FaceCrop> crops) const {
    const RestorerNeeds needs = restorer->needs();
    std::vector<FaceCrop> framed;
    if (needs.framing.empty() || options.already_cropped) return framed;
    for (std::size_t i = 0; i < faces.size(); ++i)
        framed.push_back(route(crops[i]).road == Road::enlarged ? framed_crop(photo, faces[i], needs) : FaceCrop{});
    return framed;
}

Route Pipeline::Parts::route(const FaceCrop& crop) const {
    return route_of(crop, classifier->needs().input_px, options.least_face_px, !options.already_cropped);
}

std::vector<Look> Pipeline::Parts::look_all(std::span<const FaceCrop> crops, std::span<const FaceCrop> framed,
                                            Timings& ms) const {
    std::vector<Look> looks(crops.size());
    std::vector<std::size_t> judged, small;
    const auto in_passes = [](const std::vector<std::size_t>& all, auto work) {
        for (std::size_t first = 0; first < all.size(); first += kFacesPerPass)
            work(std::span(all).subspan(first, std::min(kFacesPerPass, all.size() - first)));
    };
    {
        const Stopwatch watch(ms.restore_ms);
        for (std::size_t i = 0; i < crops.size(); ++i) {
            Look& look = looks[i];
            look.roll_deg = roll_deg(crops[i]);
            look.route = route(crops[i]);
            if (look.route.road == Road::undetermined)
                look.reason = look.route.reason;
            else
                judged.push_back(i);
            if (look.route.road == Road::enlarged)
                small.push_back(i);
            else
                look.restored = crops[i].pixels;
        }
        in_passes(small, [&](std::span<const std::size_t> pass) { restore(looks, crops, framed, pass); });
    }
    const Stopwatch watch(ms.classify_ms);
    in_passes(judged, [&](std::span<const std::size_t> pass) { classify(looks, crops, pass); });
    return looks;
}

void Pipeline::Parts::restore(std::vector<Look>& looks, std::span<const FaceCrop> crops,
                              std::span<const FaceCrop> framed, std::span<const std::size_t> small) const {
    const int input_px = classifier->needs().input_px;
    std::vector<FaceCrop> faces;
    for (const std::size_t i : small) faces.push_back(framed.empty() ? crops[i] : framed[i]);
    std::vector<Restored> restored = restore_checked(*restorer, faces, input_px, points.get());
    for (std::size_t i = 0; i < small.size(); ++i) {
        const FaceCrop& own = crops[small[i]];
        const bool refused = !restored[i].reason.empty() && !did_without_landmarks(restored[i].reason);
        Image& shown = looks[small[i]].restored;
        if (framed.empty())
            shown = std::move(restored[i].picture);
        else if (refused)  // what stands in its place is of the wider frame
            shown = resize(own.pixels, {input_px, input_px}, Filter::bicubic);
        else
            shown = seen_through(restored[i].picture, faces[i], own, input_px);
        looks[small[i]].restorer_reason = std::move(restored[i].reason);
    }
}

void Pipeline::Parts::classify(std::vector<Look>& looks, std::span<const FaceCrop> crops,
                               std::span<const std::size_t> judged) const {
    std::vector<Image> faces;
    std::vector<float> sizes_px;  // before the restorer enlarged them
    for (const std::size_t i : judged) {
        faces.push_back(looks[i].restored);
        sizes_px.push_back(static_cast<float>(native_px(crops[i])));
        looks[i].network_input = classifier->network_input(looks[i].restored);
    }
    std::vector<Expression> answers = classifier->classify_all(faces, options.head, sizes_px);
    AFFECTSR_EXPECT(answers.size() == judged.size(), "a classifier answers for every face");
    for (std::size_t i = 0; i < judged.size(); ++i) {
        Look& look = looks[judged[i]];
        if (is_answer(answers[i])) {
            look.expression = std::move(answers[i]);
        } else {
            look.route = {Road::undetermined, "not_finite"};
            look.reason = look.route.reason;
        }
    }
}

Pipeline::Pipeline(const PipelineOptions& options, std::unique_ptr<const Detector> detector,
                   std::unique_ptr<const Restorer> restorer, std::unique_ptr<const Classifier> classifier,
                   std::unique_ptr<const PointFinder> points) {
    if (!restorer || !classifier || (!detector && !options.already_cropped))
        throw UsageError("a pipeline needs a restorer, a classifier and, unless already_cropped, a detector");
    expect_known_head(options.head, *classifier);
    expect_sizes(*restorer, *classifier);
    expect_landmarks(*restorer, detector.get(), points.get());
    parts_ = std::make_unique<const Parts>(
        Parts{options, std::move(detector), std::move(restorer), std::move(classifier), std::move(points)});
}

Pipeline::Pipeline(const PipelineOptions& options) {
    // The cheap ones first: a mistyped name is told before a network is loaded.
    expect_known_restorer(options.restorer);
    std::unique_ptr<const Detector> detector = load_detector(options);
    std::unique_ptr<const Classifier> classifier =
        load_classifier(options.classifier, options.classifier_model, options.precision, options.views);
    // A restorer that enlarges to any size gives the classifier the size it wants.
    std::unique_ptr<const Restorer> restorer =
        load_restorer(options.restorer, options.restorer_model, options.precision, classifier->needs().input_px, 0,
                      options.asked_fidelity());
    std::unique_ptr<const PointFinder> points = load_point_finder(options, *restorer, detector.get());
    *this = Pipeline(options, std::move(detector), std::move(restorer), std::move(classifier), std::move(points));
}

Pipeline::~Pipeline() = default;
Pipeline::Pipeline(Pipeline&&) noexcept = default;
Pipeline& Pipeline::operator=(Pipeline&&) noexcept = default;

Answer Pipeline::run(const Image& photo) const {
    AFFECTSR_EXPECT(!photo.empty(), "a photo has pixels");
    Answer answer;
    timed(answer.ms.total_ms, [&] {
        const int most_faces = parts_->options.most_faces;
        const Detector* const detector = parts_->options.already_cropped ? nullptr : parts_->detector.get();
        std::vector<Face> faces =
            timed(answer.ms.detect_ms, [&] { return find_faces(photo, detector, most_faces, answer.faces_found); });
        std::vector<FaceCrop> crops, framed;
        timed(answer.ms.cut_ms, [&] {
            for (const Face& face : faces) crops.push_back(parts_->cut_face(photo, face));
            framed = parts_->framed_crops(photo, faces, crops);
        });
        std::vector<Look> looks = parts_->look_all(crops, framed, answer.ms);
        for (std::size_t i = 0; i < faces.size(); ++i)
            answer.faces.push_back({std::move(faces[i]), std::move(crops[i]), std::move(looks[i])});
        timed(answer.ms.paste_ms, [&] {
            answer.picture = photo;
            for (const Answer::Seen& seen : answer.faces) {
                if (seen.look.route.road != Road::enlarged) continue;  // the photo shows that face better than the crop
                const Image& restored = seen.look.restored;
                paste_back(answer.picture, restored, photo_from_restored(seen.crop, restored.width));
            }
        });
    });
    return answer;
}

Look Pipeline::look(const FaceCrop& crop) const {
    Timings ignored;
    return std::move(parts_->look_all({&crop, 1}, {}, ignored).front());
}

std::vector<Look> Pipeline::look_all(std::span<const FaceCrop> crops) const {
    Timings ignored;
    return parts_->look_all(crops, {}, ignored);
}

const PipelineOptions& Pipeline::options() const {
    return parts_->options;
}

const Classifier& Pipeline::classifier() const {
    return *parts_->classifier;
}

const Restorer& Pipeline::restorer() const {
    return *parts_->restorer;
}

std::optional<Precision> Pipeline::precision() const {
    const std::optional<Precision> classifiers = parts_->classifier->precision();
    return classifiers ? classifiers : parts_->restorer->precision();
}

}  // namespace affectsr
