#include "affectsr/classify/import_classifier.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "affectsr/base/error.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

const Json kOptions = {{"input_px", 16}, {"widths", {8}}, {"depths", {1}}};
const std::vector<std::string> kLabels = {"anger", "disgust", "fear", "happy", "sad", "surprised", "neutral"};

/// The weights of a small small_net.
TensorMap published() {
    const auto& entry = find<ExpressionNetwork>(expression_network_catalog(), "small_net", "classifier");
    return first_weights(entry.make(kOptions)->plan, 1);
}

TEST(ImportClassifier, GivesAModelThatClassifies) {
    const ImportedModel imported = import_classifier("small_net", kOptions, kLabels, published(), "x.pth");
    const ModelCard& card = imported.model.card;
    EXPECT_EQ(card.network, "small_net");
    EXPECT_EQ(card.options["input_px"], 16);
    EXPECT_EQ(card.options["squeeze"], 8);  // what was not told is written down too
    EXPECT_EQ(card.labels[3], "happiness");
    EXPECT_EQ(card.heads["expression"]["labels"], Json(card.labels));
    EXPECT_EQ(card.input["size_px"], 16);
    EXPECT_GT(imported.parameters, 1000);

    const auto path =
        std::filesystem::temp_directory_path() / ("affectsr_import_" + std::to_string(::getpid()) + ".safetensors");
    imported.model.save(path);
    const auto classifier = load_classifier("small_net", path, "f32");
    std::filesystem::remove(path);
    EXPECT_EQ(classifier->classify_all(std::vector<Image>{Image(16, 16)}).front().labels.front(), Emotion::anger);
}

TEST(ImportClassifier, KnowsTheNamesOfTheFirstModelFiles) {
    TensorMap first;
    for (const auto& [name, tensor] : published()) first["net." + name] = tensor;
    const ImportedModel imported = import_classifier("small_net", kOptions, kLabels, first, "x.safetensors");
    EXPECT_EQ(imported.model.tensors.size(), published().size());
    EXPECT_TRUE(imported.model.tensors.contains("head.expression.weight"));
}

TEST(ImportClassifier, WantsLabelsThatItKnowsAndThatFit) {
    const auto with = [](const std::vector<std::string>& labels) {
        import_classifier("small_net", kOptions, labels, published(), "x.pth");
    };
    EXPECT_THROW(with({}), UsageError);
    EXPECT_THROW(with({"anger", "boredom"}), UsageError);
    EXPECT_THROW(with({"anger", "fear"}), ModelError);
    EXPECT_THROW(with({"anger", "disgust", "fear", "happy", "sad", "surprised", "angry"}), UsageError) << "anger twice";
}

TEST(ImportClassifier, RefusesOtherWeightsOptionsAndNames) {
    TensorMap other = published();
    other.erase(other.begin());
    EXPECT_THROW(import_classifier("small_net", kOptions, kLabels, other, "x.pth"), ModelError);
    EXPECT_THROW(import_classifier("small_net", Json::object(), kLabels, published(), "x.pth"), ModelError);
    EXPECT_THROW(import_classifier("small_net", {{"colour", 1}}, kLabels, published(), "x.pth"), UsageError);
    EXPECT_THROW(import_classifier("no_net", kOptions, kLabels, published(), "x.pth"), UsageError);
}

}  // namespace
}  // namespace affectsr
