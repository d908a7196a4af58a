#include "affectsr/experiment/calibrate.h"

#include <gtest/gtest.h>

#include "affectsr/base/catalog.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

/// A small network with made-up weights, and a data set of striped pictures that it did not learn from.
class CalibrateTest : public ::testing::Test {
 protected:
    CalibrateTest() {
        model_.card.network = "small_net";
        model_.card.options = {{"input_px", 32}, {"widths", {8, 16}}, {"depths", {1, 1}}};
        model_.card.labels = names_of(seven_emotions());
        for (const char* head : {"expression", "fer2013"}) model_.card.heads[head]["labels"] = model_.card.labels;
        const auto network = find(expression_network_catalog(), "small_net", "network").make(model_.card.options);
        model_.tensors = first_weights(network->plan, 3);
        std::string list = "path,label,split\n";
        for (int i = 0; i < 42; ++i) {
            const std::string name = std::to_string(i) + ".png";
            folder_.fill("set/" + name, text_of(encode_png(stripes(32, 32, i))));
            list += name + "," + name_of(static_cast<Emotion>(i % 7)) + ",test\n";
        }
        folder_.fill("set/manifest.csv", list);
        options_.dataset = "manifest";
        options_.data = folder_ / "set";
        options_.sizes = {32, 8};
        options_.least_faces = 40;
        options_.precision = "f32";
        options_.threads = 1;
    }

    std::string code_of_refusal() {
        try {
            calibrate(model_, "m", options_, "");
        } catch (const Error& error) {
            return error.code();
        }
        return "";
    }

    TemporaryFolder folder_;
    ModelFile model_;
    CalibrateOptions options_;
};

TEST_F(CalibrateTest, EveryNumberOfViewsAndSizeGetsATemperatureAndTheWeightsStay) {
    const Calibrated made = calibrate(model_, "m", options_, "affectsr models calibrate");
    ASSERT_EQ(made.report.rows.size(), 4u);
    const Json& temperatures = made.model.card.heads["expression"]["temperatures"];
    for (const char* views : {"1", "2"}) {
        ASSERT_EQ(temperatures[views].size(), 2u) << temperatures;
        EXPECT_EQ(temperatures[views][0][0], 8);
        EXPECT_EQ(temperatures[views][1][0], 32);
    }
    EXPECT_FALSE(made.model.card.heads["fer2013"].contains("temperatures")) << "nobody asked that head";
    for (const auto& [name, tensor] : model_.tensors)
        EXPECT_EQ(made.model.tensors.at(name).floats(), tensor.floats()) << name;
    for (const Json& row : made.report.rows) EXPECT_LE(row["nll"], row["nll_before"]) << row;
    EXPECT_EQ(made.model.card.figures["calibration"][0]["rows"], Json(made.report.rows));
    EXPECT_EQ(made.model.card.figures["calibration"][0]["data"][0]["faces"], 42);
    EXPECT_FALSE(made.model.card.figures["calibration"][0]["data"][0]["dataset_sha256"].empty());
}

TEST_F(CalibrateTest, ALineHasTwoPointsAndPointsHaveOneForEverySize) {
    options_.sizes = {32, 16, 8};
    const auto table = [&](const char* shape) {
        options_.shape = shape;
        return calibrate(model_, "m", options_, "").model.card.heads["expression"]["temperatures"]["1"];
    };
    EXPECT_EQ(table("line").size(), 2u);
    EXPECT_EQ(table("points").size(), 3u);
}

TEST_F(CalibrateTest, ASecondCalibrationFindsTheSameTemperatures) {
    const Calibrated once = calibrate(model_, "m", options_, "");
    const Calibrated twice = calibrate(once.model, "m", options_, "");
    for (std::size_t i = 0; i < once.report.rows.size(); ++i) {
        EXPECT_EQ(twice.report.rows[i]["temperature"], once.report.rows[i]["temperature"]);
        EXPECT_EQ(twice.report.rows[i]["temperature_before"], once.report.rows[i]["temperature"]);
        EXPECT_EQ(twice.report.rows[i]["nll_before"], once.report.rows[i]["nll"]);
    }
    EXPECT_EQ(twice.model.card.figures["calibration"].size(), 1u) << "its rows take the place of the earlier ones";
}

TEST_F(CalibrateTest, OtherViewsKeepTheirTemperaturesAndTheirFigures) {
    const Calibrated both = calibrate(model_, "m", options_, "");
    options_.views = {2};
    options_.sizes = {32};
    const Calibrated one = calibrate(both.model, "m", options_, "");
    const Json &before = both.model.card.heads["expression"]["temperatures"],
               &after = one.model.card.heads["expression"]["temperatures"];
    EXPECT_EQ(after["1"], before["1"]);
    EXPECT_EQ(after["2"].size(), 1u);
    ASSERT_EQ(one.model.card.figures["calibration"].size(), 2u);
    EXPECT_EQ(one.model.card.figures["calibration"][0]["rows"].size(), 2u);
}

TEST_F(CalibrateTest, CalibrationErrorsOfTheOldTemperaturesAreNotKept) {
    model_.card.figures["evaluation"] = Json::parse(R"([{"rows": [{"size": 8, "accuracy": 0.5, "ece": 0.1}]}])");
    const Json row = calibrate(model_, "m", options_, "").model.card.figures["evaluation"][0]["rows"][0];
    EXPECT_TRUE(row["ece"].is_null());
    EXPECT_EQ(row["accuracy"], 0.5);
}

TEST_F(CalibrateTest, TooFewFacesOfAllOrOfAClassAreRefused) {
    options_.least_faces = 43;
    EXPECT_EQ(code_of_refusal(), "too_few_faces");
    options_.least_faces = 42;
    options_.least_of_class = 7;
    EXPECT_EQ(code_of_refusal(), "too_few_faces");
    options_.least_of_class = 6;
    EXPECT_EQ(code_of_refusal(), "");
    options_.sizes = {48};
    EXPECT_EQ(code_of_refusal(), "too_few_faces") << "no picture is as large";
}

TEST_F(CalibrateTest, WithoutADataSetTheRecipeMustTellTheHeldOutFaces) {
    options_.dataset.clear();
    EXPECT_EQ(code_of_refusal(), "no_recipe");
    model_.card.recipe = Json::parse(R"({"data": [{"options": {"root": "set"}, "expression": "label"}],
                                         "validation": {"share": 0.5}, "seed": 1})");
    options_.data = folder_.path();
    options_.least_faces = options_.least_of_class = 1;
    const Calibrated made = calibrate(model_, "m", options_, "");
    EXPECT_LT(made.report.facts["data"][0]["faces"], 42);
    EXPECT_EQ(made.model.card.figures["calibration"][0]["held_out"]["seed"], 1);
    options_.head = "mood";
    EXPECT_EQ(code_of_refusal(), "unknown_head");
}

TEST_F(CalibrateTest, SizesAndViewsAreNamedOnce) {
    options_.sizes = {8, 8};
    EXPECT_THROW(calibrate(model_, "m", options_, ""), UsageError);
    options_.sizes = {8};
    options_.views = {};
    EXPECT_THROW(calibrate(model_, "m", options_, ""), UsageError);
}

TEST_F(CalibrateTest, AStoppedRunLeavesTheModelAsItWas) {
    std::stop_source stop;
    stop.request_stop();
    const Calibrated made = calibrate(model_, "m", options_, "", {}, stop.get_token());
    EXPECT_TRUE(made.report.interrupted);
    EXPECT_EQ(to_json(made.model.card), to_json(model_.card));
}

}  // namespace
}  // namespace affectsr
