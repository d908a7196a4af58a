#include "affectsr/experiment/card_changes.h"

#include <gtest/gtest.h>

namespace affectsr {
namespace {

ModelFile model() {
    ModelFile file;
    file.card.network = "small_net";
    file.card.recipe = {{"epochs", 12}, {"seed", 1}};
    file.card.figures = Json::parse(R"({"evaluation": [
        {"dataset": "faces", "split": "test", "truth": "votes", "dataset_sha256": "ab", "rows": [
            {"size": 48, "accuracy": 0.8, "balanced_accuracy": 0.7, "ece": 0.04, "recall": {"fear": 0.5, "anger": null}},
            {"size": 8, "accuracy": 0.6, "balanced_accuracy": 0.4, "ece": null, "recall": {}}]}]})");
    file.tensors["w"] = HostTensor::from_floats(std::vector<float>{1, 2, 3}, {3});
    return file;
}

TEST(CardChanges, OfAModelToItselfAreNone) {
    const Json changes = card_changes(model(), model());
    EXPECT_EQ(changes["same_weights"], true);
    EXPECT_EQ(changes["recipe"], "");
    EXPECT_EQ(changes["card"], "");
    EXPECT_EQ(changes["parameters"], Json::parse(R"({"before": 3, "now": 3, "difference": 0})"));
    ASSERT_EQ(changes["figures"].size(), 2u);
    EXPECT_EQ(changes["figures"][0]["accuracy"]["difference"], 0.0);
    EXPECT_EQ(changes["figures"][0]["same_data"], true);
}

TEST(CardChanges, NameRecipeCardAndWeights) {
    ModelFile now = model();
    now.card.recipe["epochs"] = 24;
    now.card.licence = "MIT";
    now.tensors["w"] = HostTensor::from_floats(std::vector<float>{1, 2, 4}, {3});
    const Json changes = card_changes(model(), now);
    EXPECT_EQ(changes["recipe"], "epochs: 12, now 24");
    EXPECT_EQ(changes["card"], "licence: \"\", now \"MIT\"");
    EXPECT_EQ(changes["same_weights"], false);
    now.tensors["b"] = HostTensor::from_floats(std::vector<float>{0}, {1});
    EXPECT_EQ(card_changes(model(), now)["parameters"]["difference"], 1);
}

TEST(CardChanges, FiguresAreComparedBySizeAndClass) {
    ModelFile now = model();
    Json& evaluation = now.card.figures["evaluation"][0];
    evaluation["rows"][0]["accuracy"] = 0.85;
    evaluation["rows"][0]["recall"]["fear"] = 0.4;
    evaluation["dataset_sha256"] = "cd";
    const Json figures = card_changes(model(), now)["figures"];
    EXPECT_NEAR(figures[0]["accuracy"]["difference"], 0.05, 1e-9);
    EXPECT_NEAR(figures[0]["recall"]["fear"]["difference"], -0.1, 1e-9);
    EXPECT_TRUE(figures[0]["recall"]["anger"]["difference"].is_null()) << "a class that does not occur";
    EXPECT_TRUE(figures[1]["ece"]["difference"].is_null());
    EXPECT_EQ(figures[0]["same_data"], false);
}

TEST(CardChanges, FiguresThatOneAloneHasAreShownToo) {
    ModelFile now = model();
    now.card.figures["evaluation"][0]["rows"].erase(1);
    now.card.figures["evaluation"][0]["views"] = 1;
    now.card.figures["evaluation"].push_back(now.card.figures["evaluation"][0]);
    now.card.figures["evaluation"][1]["views"] = 2;
    const Json figures = card_changes(model(), now)["figures"];
    ASSERT_EQ(figures.size(), 3u) << figures.dump(1);
    EXPECT_EQ(figures[0]["accuracy"]["difference"], 0.0) << "one view is what a card means that names none";
    EXPECT_TRUE(figures[1]["accuracy"]["now"].is_null());
    EXPECT_EQ(figures[2]["views"], 2);
    EXPECT_TRUE(figures[2]["accuracy"]["before"].is_null());
    EXPECT_EQ(figures[2]["accuracy"]["now"], 0.8);
}

}  // namespace
}  // namespace affectsr
