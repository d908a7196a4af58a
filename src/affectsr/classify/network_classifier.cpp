#include "affectsr/classify/network_classifier.h"

#include <torch/torch.h>

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/image/resize.h"
#include "affectsr/learn/plan_module.h"

namespace affectsr {

NetworkClassifier::NetworkClassifier(std::shared_ptr<ExpressionNetwork> network, const ModelFile& file,
                                     Precision precision, const std::string& where)
    : network_(std::move(network)), precision_(used_precision(precision)) {
    for (const std::string& word : file.card.labels) {
        const auto emotion = emotion_from(word);
        if (!emotion)
            throw ModelError("model_does_not_fit", where + ": its card has the unknown label \"" + word + "\"");
        if (std::find(labels_.begin(), labels_.end(), *emotion) != labels_.end())
            throw ModelError("model_does_not_fit", where + ": its card has the label \"" + word + "\" twice");
        labels_.push_back(*emotion);
    }
    if (labels_.size() != kExpressionClasses)
        throw ModelError("model_does_not_fit", where + ": its card names " + std::to_string(labels_.size()) +
                                                   " labels, the network has " + std::to_string(kExpressionClasses));
    load_state(*network_, file.tensors, where);
    network_->eval();
    for (Tensor& parameter : network_->parameters()) parameter.set_requires_grad(false);
    compile_plans(*network_, precision);
}

std::vector<Expression> NetworkClassifier::classify_all(std::span<const Image> faces, const std::string& head) const {
    if (faces.empty()) return {};
    const std::vector<std::string> known = network_->heads();
    const std::string asked = head.empty() ? known.front() : head;
    if (std::find(known.begin(), known.end(), asked) == known.end()) {
        std::string names;
        for (const std::string& name : known) names += (names.empty() ? "" : ", ") + name;
        throw UsageError("the classifier has no head \"" + asked + "\"; it has: " + names, "unknown_head");
    }
    std::vector<Image> inputs;
    inputs.reserve(faces.size());
    for (const Image& face : faces) inputs.push_back(network_input(face));
    const torch::InferenceMode inference;
    const Tensor batch = to_tensor(inputs, network_->needs().channels);  // [n, channels, px, px]
    const Tensor logits = network_->logits(batch).at(asked);             // [n, 7]
    const Tensor probability = torch::softmax(logits.to(torch::kFloat), 1).contiguous();
    std::vector<Expression> answers;
    for (std::int64_t i = 0; i < probability.size(0); ++i) {
        const float* row = probability.data_ptr<float>() + i * kExpressionClasses;
        answers.push_back({labels_, std::vector<float>(row, row + kExpressionClasses)});
    }
    return answers;
}

Image NetworkClassifier::network_input(const Image& face) const {
    AFFECTSR_EXPECT(!face.empty(), "a classifier was given an empty picture");
    const ClassifierNeeds needs = network_->needs();
    Image input = face.size() == ImageSize{needs.input_px, needs.input_px}
                      ? face
                      : resize(face, {needs.input_px, needs.input_px}, Filter::bicubic);
    if (needs.channels == 1) {
        const std::vector<float> grey = luma(input);
        for (std::size_t i = 0; i < grey.size(); ++i)
            std::fill_n(input.rgb.begin() + static_cast<std::ptrdiff_t>(i * 3), 3,
                        static_cast<std::uint8_t>(grey[i] + 0.5f));
    }
    return input;
}

}  // namespace affectsr
