#include "affectsr/classify/import_classifier.h"

#include <algorithm>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/classify/network_classifier.h"
#include "affectsr/face/expression.h"

namespace affectsr {

namespace {

std::string known_labels() {
    std::string known;
    for (const std::string& word : names_of(seven_emotions())) known += (known.empty() ? "" : ",") + word;
    return known;
}

/// The labels as we spell them.
std::vector<std::string> our_spelling(const std::vector<std::string>& labels) {
    if (labels.empty())
        throw UsageError("a classifier needs its labels in the order of its outputs, for example " + known_labels(),
                         "no_labels");
    std::vector<std::string> ours;
    for (const std::string& word : labels) {
        const std::optional<Emotion> emotion = emotion_from(word);
        if (!emotion)
            throw UsageError("no label is called \"" + word + "\"; known are " + known_labels(), "unknown_label");
        if (std::find(ours.begin(), ours.end(), name_of(*emotion)) != ours.end())
            throw UsageError("the label \"" + word + "\" is there twice; every output has one of its own",
                             "label_twice");
        ours.emplace_back(name_of(*emotion));
    }
    return ours;
}

}  // namespace

ImportedModel import_classifier(const std::string& name, const Json& options, const std::vector<std::string>& labels,
                                const TensorMap& published, const std::string& where) {
    const Entry<ExpressionNetwork>& entry = find(expression_network_catalog(), name, "classifier");
    const std::unique_ptr<ExpressionNetwork> network = entry.make(options);
    ImportedModel imported;
    ModelCard& card = imported.model.card;
    card.network = name;
    card.options = entry.default_options;
    card.options.update(options);
    card.labels = our_spelling(labels);
    card.heads[network->heads.front()] = {{"labels", card.labels}};
    card.input = {{"size_px", network->needs.input_px}, {"channels", network->needs.channels}};
    imported.model.tensors = adopt(network->plan, network->renamed(published), where);
    imported.parameters = network->plan.parameter_count();
    NetworkClassifier(*network, imported.model, Precision::f32, where);  // refuses labels that do not fit its head
    return imported;
}

}  // namespace affectsr
