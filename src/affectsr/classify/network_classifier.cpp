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

/// The file's tensors under the network's names, once they are known to fit.
TensorMap fitting(const ExpressionNetwork& network, const TensorMap& tensors, const std::string& where) {
    TensorMap named = network.renamed(tensors);
    expect_fit(network.plan, named, where);
    return named;
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

NetworkClassifier::NetworkClassifier(const ExpressionNetwork& network, const ModelFile& file, Precision precision,
                                     const std::string& where)
    : needs_(network.needs),
      heads_(network.heads),
      labels_(labels_of(file.card, where)),
      engine_(network.plan, fitting(network, file.tensors, where), precision) {}

std::vector<Expression> NetworkClassifier::classify_all(std::span<const Image> faces, const std::string& head) const {
    if (faces.empty()) return {};
    const std::string asked = head.empty() ? heads_.front() : head;
    if (std::find(heads_.begin(), heads_.end(), asked) == heads_.end()) {
        std::string names;
        for (const std::string& name : heads_) names += (names.empty() ? "" : ", ") + name;
        throw UsageError("the classifier has no head \"" + asked + "\"; it has: " + names, "unknown_head");
    }
    const auto count = static_cast<int>(faces.size());
    const std::size_t numbers = static_cast<std::size_t>(needs_.channels) * static_cast<std::size_t>(needs_.input_px) *
                                static_cast<std::size_t>(needs_.input_px);
    std::vector<float> inputs(faces.size() * numbers);  // [n, channels, px, px]
    for (std::size_t i = 0; i < faces.size(); ++i)
        write_planes(network_input(faces[i]), needs_.channels, std::span(inputs).subspan(i * numbers, numbers));
    std::vector<float> logits(faces.size() * kExpressionClasses);  // [n, 7]
    engine_.run({count, needs_.input_px, needs_.input_px}, inputs, {{asked, logits}}, threads());
    std::vector<Expression> answers;
    for (std::size_t i = 0; i < faces.size(); ++i)
        answers.push_back(
            {labels_, softmax(std::span(logits).subspan(i * kExpressionClasses, std::size_t{kExpressionClasses}))});
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
