#include "affectsr/classify/catalog.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "affectsr/base/error.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/classify/test_networks.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {
namespace {

/// A model file of one catalog entry with first weights, removed at the end.
class Catalog : public ::testing::TestWithParam<std::string> {
 protected:
    void SetUp() override {
        path_ = std::filesystem::temp_directory_path() /
                ("affectsr_catalog_" + std::to_string(::getpid()) + ".safetensors");
        const auto& entry = find(expression_network_catalog(), GetParam(), "classifier");
        file_.card.options = small_options(entry);
        file_.tensors = first_weights(entry.make(file_.card.options)->plan, 5);
        file_.card.network = entry.name;
        file_.card.labels = names_of(seven_emotions());
        file_.save(path_);
    }
    void TearDown() override { std::filesystem::remove(path_); }

    static Image face() {
        Image picture(30, 30);
        for (std::size_t i = 0; i < picture.rgb.size(); ++i) picture.rgb[i] = static_cast<std::uint8_t>(i * 37 % 251);
        return picture;
    }

    std::filesystem::path path_;
    ModelFile file_;
};

TEST_P(Catalog, EveryNetworkAnswersAFaceWithProbabilities) {
    const auto classifier = load_classifier(GetParam(), path_, "f32");
    const Expression answer = classifier->classify(face());
    ASSERT_EQ(answer.labels, seven_emotions());
    float sum = 0;
    for (const float p : answer.probability) sum += p;
    EXPECT_NEAR(sum, 1, 1e-5);
}

TEST_P(Catalog, ManyFacesAnswerAsOneByOne) {
    const auto classifier = load_classifier(GetParam(), path_, "f32");
    const std::vector<Image> faces{face(), Image(48, 48, 90), Image(9, 9, 200)};
    const auto together = classifier->classify_all(faces);
    for (std::size_t i = 0; i < faces.size(); ++i)
        for (std::size_t c = 0; c < 7; ++c)
            EXPECT_NEAR(together[i].probability[c], classifier->classify(faces[i]).probability[c], 1e-5);
}

TEST_P(Catalog, Bfloat16AnswersNearlyTheSame) {
    const Expression exact = load_classifier(GetParam(), path_, "f32")->classify(face());
    const Expression fast = load_classifier(GetParam(), path_, "bf16")->classify(face());
    for (std::size_t c = 0; c < 7; ++c) EXPECT_NEAR(exact.probability[c], fast.probability[c], 0.05);
}

TEST_P(Catalog, TheNetworkInputHasTheNetworksSize) {
    const auto classifier = load_classifier(GetParam(), path_, "f32");
    const int px = classifier->needs().input_px;
    EXPECT_EQ(classifier->network_input(face()).size(), (ImageSize{px, px}));
}

TEST_P(Catalog, UnknownHeadsNameTheKnownOnes) {
    const auto classifier = load_classifier(GetParam(), path_, "f32");
    try {
        classifier->classify(face(), "mood");
        FAIL();
    } catch (const UsageError& error) {
        EXPECT_NE(std::string(error.what()).find(classifier->heads().front()), std::string::npos);
    }
}

TEST_P(Catalog, AModelOfAnotherShapeIsRefused) {
    file_.tensors.erase(file_.tensors.begin());
    file_.save(path_);
    EXPECT_THROW(load_classifier(GetParam(), path_, "f32"), ModelError);
}

TEST_P(Catalog, LabelsThatAreNotEmotionsAreRefused) {
    file_.card.labels[2] = "hungry";
    file_.save(path_);
    EXPECT_THROW(load_classifier(GetParam(), path_, "f32"), ModelError);
}

std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const auto& entry : expression_network_catalog()) all.push_back(entry.name);
    return all;
}
INSTANTIATE_TEST_SUITE_P(Every, Catalog, ::testing::ValuesIn(names()));

TEST(Catalog, EveryHeadNamesParametersThatAreThere) {
    for (const auto& entry : expression_network_catalog()) {
        const auto network = entry.make(small_options(entry));
        const TensorMap weights = first_weights(network->plan, 1);
        for (const std::string& head : network->heads) {
            EXPECT_EQ(network->head_parameters(head).size(), 2u) << entry.name;
            for (const std::string& name : network->head_parameters(head))
                EXPECT_TRUE(weights.contains(name)) << entry.name << ": " << name;
        }
        EXPECT_THROW(network->head_parameters("mood"), Bug) << entry.name;
    }
}

TEST(Catalog, UnknownNamesListTheKnown) {
    EXPECT_THROW(load_classifier("large_net", {}, "f32"), UsageError);
    EXPECT_THROW(load_classifier("small_net", {}, "f64"), UsageError);
}

}  // namespace
}  // namespace affectsr
