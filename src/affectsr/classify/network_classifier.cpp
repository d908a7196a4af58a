#include "affectsr/classify/network_classifier.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/engine/threads.h"
#include "affectsr/image/float_planes.h"
#include "affectsr/image/resize.h"
#include "affectsr/plan/fit.h"

namespace affectsr {

namespace {

std::vector<Emotion> labels_of(const ModelCard& card, const std::string& where) {
    std::vector<Emotion> labels;
    for (const std::string& word : card.labels) {
        const auto emotion = emotion_from(word);
        if (!emotion)
            throw ModelError("model_does_not_fit", where + ": its card has the unknown label \"" + word + "\"");
        if (std::find(labels.begin(), labels.end(), *emotion) != labels.end())
            throw ModelError("model_does_not_fit", where + ": its card has the label \"" + word + "\" twice");
        labels.push_back(*emotion);
    }
    if (labels.size() != kExpressionClasses)
        throw ModelError("model_does_not_fit", where + ": its card names " + std::to_string(labels.size()) +
                                                   " labels, the network has " + std::to_string(kExpressionClasses));
    return labels;
}

/// The planes of a picture seen in a mirror: left is right.
void mirror_planes(std::span<const float> planes, int width, std::span<float> mirrored) {
    for (std::size_t row = 0; row < planes.size(); row += static_cast<std::size_t>(width))
        std::reverse_copy(planes.begin() + static_cast<std::ptrdiff_t>(row),
                          planes.begin() + static_cast<std::ptrdiff_t>(row) + width,
                          mirrored.begin() + static_cast<std::ptrdiff_t>(row));
}

/// The mean of some views' logits, which lie one after the other. Not of their probabilities: as accurate, and a
/// temperature would not be exact (docs/evaluation.md).
std::vector<float> mean_of_views(std::span<const float> logits, int views) {
    std::vector<float> mean(logits.begin(), logits.begin() + kExpressionClasses);
    if (views == 1) return mean;
    for (std::size_t i = kExpressionClasses; i < logits.size(); ++i) mean[i % kExpressionClasses] += logits[i];
    for (float& logit : mean) logit /= static_cast<float>(views);
    return mean;
}

std::vector<float> softmax(std::span<const float> logits) {
    const float largest = *std::max_element(logits.begin(), logits.end());
    std::vector<double> powers;
    double sum = 0;
    for (const float logit : logits) {
        powers.push_back(std::exp(static_cast<double>(logit - largest)));
        sum += powers.back();
    }
    std::vector<float> probability;
    for (const double power : powers) probability.push_back(static_cast<float>(power / sum));
    return probability;
}

}  // namespace

void expect_known_views(int views) {
    if (views != 1 && views != 2)
        throw UsageError("a face is read in 1 view (as it is) or in 2 (also mirrored), not in " + std::to_string(views),
                         "unknown_views");
}

NetworkClassifier::NetworkClassifier(const ExpressionNetwork& network, const ModelFile& file, Precision precision,
                                     const std::string& where, int views)
    : needs_(network.needs),
      heads_(network.heads),
      labels_(labels_of(file.card, where)),
      views_(views),
      temperatures_(temperatures_of(file.card, views, where)),
      flops_(network.plan.flops(network.needs.input_px, network.needs.input_px)),
      engine_(network.plan, fitting(network.plan, network.renamed(file.tensors), where), precision) {
    expect_known_views(views);
}

std::vector<float> NetworkClassifier::planes_of(std::span<const Image> faces) const {
    const std::size_t numbers = static_cast<std::size_t>(needs_.channels) * static_cast<std::size_t>(needs_.input_px) *
                                static_cast<std::size_t>(needs_.input_px);
    std::vector<float> inputs(faces.size() * static_cast<std::size_t>(views_) * numbers);
    std::span<float> rest(inputs);
    for (const Image& face : faces) {
        const std::span<float> seen = rest.first(numbers);
        write_planes(network_input(face), needs_.channels, seen);
        if (views_ == 2) mirror_planes(seen, needs_.input_px, rest.subspan(numbers, numbers));
        rest = rest.subspan(static_cast<std::size_t>(views_) * numbers);
    }
    return inputs;
}

std::vector<Expression> NetworkClassifier::classify_all(std::span<const Image> faces, const std::string& head,
                                                        FaceSizes sizes_px) const {
    AFFECTSR_EXPECT(sizes_px.empty() || sizes_px.size() == faces.size(), "a size for every face, or none");
    if (faces.empty()) return {};
    const std::string asked = head.empty() ? heads_.front() : head;
    if (std::find(heads_.begin(), heads_.end(), asked) == heads_.end()) {
        std::string names;
        for (const std::string& name : heads_) names += (names.empty() ? "" : ", ") + name;
        throw UsageError("the classifier has no head \"" + asked + "\"; it has: " + names, "unknown_head");
    }
    const std::vector<float> inputs = planes_of(faces);
    const std::size_t of_face = static_cast<std::size_t>(views_) * kExpressionClasses;
    std::vector<float> logits(faces.size() * of_face);  // [n, views, 7]
    engine_.run({static_cast<int>(faces.size()) * views_, needs_.input_px, needs_.input_px}, inputs, {{asked, logits}},
                threads_for(flops_ * static_cast<std::int64_t>(faces.size()) * views_));
    const auto known = temperatures_.find(asked);
    const TemperatureBySize temperatures = known == temperatures_.end() ? TemperatureBySize() : known->second;
    std::vector<Expression> answers;
    for (std::size_t i = 0; i < faces.size(); ++i) {
        std::vector<float> mean = mean_of_views(std::span(logits).subspan(i * of_face, of_face), views_);
        const float told_px = sizes_px.empty() ? 0 : sizes_px[i];
        const double face_px = told_px > 0 ? told_px : std::min(faces[i].width, faces[i].height);
        for (float& logit : mean) logit /= static_cast<float>(temperatures.at(face_px));
        answers.push_back({labels_, softmax(mean)});
    }
    return answers;
}

Image NetworkClassifier::network_input(const Image& face) const {
    AFFECTSR_EXPECT(!face.empty(), "a classifier was given an empty picture");
    Image input = face.size() == ImageSize{needs_.input_px, needs_.input_px}
                      ? face
                      : resize(face, {needs_.input_px, needs_.input_px}, Filter::bicubic);
    if (needs_.channels == 1) {
        const std::vector<float> grey = luma(input);
        for (std::size_t i = 0; i < grey.size(); ++i)
            std::fill_n(input.rgb.begin() + static_cast<std::ptrdiff_t>(i * 3), 3,
                        static_cast<std::uint8_t>(grey[i] + 0.5f));
    }
    return input;
}

}  // namespace affectsr
