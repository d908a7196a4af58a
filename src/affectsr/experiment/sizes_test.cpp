#include "affectsr/experiment/sizes.h"

#include <gtest/gtest.h>

#include "affectsr/experiment/test_dataset.h"
#include "affectsr/restore/catalog.h"

namespace affectsr {
namespace {

// Reads faces of 16 px and more rightly, smaller ones all as neutral.
std::vector<Look> short_sighted(std::span<const FaceCrop> crops) {
    std::vector<Look> looks = level_reader(crops);
    for (std::size_t i = 0; i < crops.size(); ++i) {
        if (crops[i].pixels.width < 16) looks[i].expression = sure_of(Emotion::neutral, 0.6f);
    }
    return looks;
}

TestDataset four_faces() {
    return TestDataset({labelled(Emotion::neutral, face_of(Emotion::neutral)),
                        labelled(Emotion::fear, face_of(Emotion::fear)),
                        labelled(Emotion::anger, face_of(Emotion::anger)),
                        labelled(Emotion::anger, face_of(Emotion::anger, 20)), labelled(std::nullopt, Image(48, 48))});
}

SizesOptions options_with(std::vector<int> sizes) {
    SizesOptions options;
    options.sizes = std::move(sizes);
    options.split = "val";
    options.threads = 1;
    return options;
}

TEST(Sizes, ARowForEverySizeInTheOrderAsked) {
    const Report report = sizes_report(four_faces(), short_sighted, options_with({8, 48}), {});
    ASSERT_EQ(report.rows.size(), 2u);
    EXPECT_EQ(report.rows[0]["size"], 8);
    EXPECT_EQ(report.rows[0]["accuracy"], 0.25);
    EXPECT_EQ(report.rows[1]["size"], 48);
    EXPECT_EQ(report.rows[1]["accuracy"], 1.0);
}

TEST(Sizes, EveryRowHasTheKeysOfTheContract) {
    const Report report = sizes_report(four_faces(), short_sighted, options_with({8}), {});
    const Json row = report.json()["rows"][0];
    for (const char* key : {"size", "n", "left_out", "accuracy", "macro_f1", "balanced_accuracy", "ece", "confusion"}) {
        EXPECT_TRUE(row.contains(key)) << key;
    }
    EXPECT_EQ(row["n"], 4);
    EXPECT_EQ(row["left_out"], 1);
}

TEST(Sizes, PicturesSmallerThanTheSizeAreCounted) {
    const Report report = sizes_report(four_faces(), short_sighted, options_with({48, 16}), {});
    EXPECT_EQ(report.rows[0]["not_reduced"], 1);
    EXPECT_EQ(report.rows[1]["not_reduced"], 0);
}

TEST(Sizes, TheReportNamesDataLabelsAndProtocol) {
    Provenance made_by;
    made_by.command = "affectsr evaluate sizes";
    const Json json = sizes_report(four_faces(), short_sighted, options_with({8}), made_by).json();
    EXPECT_EQ(json["provenance"]["command"], "affectsr evaluate sizes");
    EXPECT_EQ(json["provenance"]["dataset"], "faces");
    EXPECT_EQ(json["provenance"]["dataset_sha256"], "abc");
    EXPECT_EQ(json["provenance"]["split"], "val");
    EXPECT_EQ(json["labels"]["truths"][6], "anger");
    EXPECT_EQ(json["labels"]["answers"].size(), 7u);
    EXPECT_EQ(json["left_out"]["unlabelled"], 1);
    EXPECT_FALSE(json["provenance"]["protocol"].get<std::string>().empty());
}

TEST(Sizes, MarkdownShowsOverviewClassesAndConfusion) {
    const std::string text = sizes_report(four_faces(), short_sighted, options_with({48, 8}), {}).markdown();
    for (const char* part :
         {"| 48 | 4 | 1 | 1.000 |", "at 48 px 3 of 7 (neutral, fear, anger); at 8 px 3 of 7",
          "classes among the truths: 3 of 7 (neutral, fear, anger)", "## recall by class", "## precision by class",
          "### Confusion at 8 px", "| fear | 1 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |"}) {
        EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    }
}

// Bright faces are happy, dark ones sad.
class BrightnessClassifier : public Classifier {
 public:
    ClassifierNeeds needs() const override { return {.input_px = 48, .channels = 3}; }
    std::vector<std::string> heads() const override { return {"expression"}; }
    Image network_input(const Image& face) const override { return face; }
    std::vector<Expression> classify_all(std::span<const Image> faces, const std::string&, FaceSizes) const override {
        std::vector<Expression> answers;
        for (const Image& face : faces) {
            EXPECT_EQ(face.size(), (ImageSize{48, 48})) << "restored to what the classifier looks at";
            answers.push_back(sure_of(face.pixel(24, 24)[0] > 128 ? Emotion::happiness : Emotion::sadness));
        }
        return answers;
    }
};

Image shaded(int level, int side_px) {
    Image image(side_px, side_px, static_cast<std::uint8_t>(level));
    for (int x = 0; x < side_px; ++x) image.pixel(x, 0)[0] = image.pixel(x, 0)[1] = image.pixel(x, 0)[2] = 128;
    return image;
}

TEST(Sizes, FacesWalkTheRealPath) {
    PipelineOptions path;
    path.already_cropped = true;
    const Pipeline pipeline(path, nullptr, find(restorer_catalog(), "bicubic", "restorer").make({{"output_px", 48}}),
                            std::make_unique<BrightnessClassifier>());
    const LookAll look = [&](std::span<const FaceCrop> crops) { return pipeline.look_all(crops); };
    const TestDataset dataset({labelled(Emotion::happiness, shaded(230, 48)),
                               labelled(Emotion::sadness, shaded(20, 96)), labelled(Emotion::sadness, Image(48, 48))});
    const Report report = sizes_report(dataset, look, options_with({48, 12, 6}), {});
    for (const int row : {0, 1}) {
        EXPECT_EQ(report.rows[row]["found"], 2);
        EXPECT_EQ(report.rows[row]["accuracy_found"], 1.0);
        EXPECT_EQ(report.rows[row]["reasons"], Json({{"constant", 1}})) << "a blank picture is not judged, and a miss";
    }
    EXPECT_EQ(report.rows[2]["coverage"], 0.0) << "6 px are too few to be judged";
    EXPECT_EQ(report.rows[2]["reasons"]["too_small"], 3);
}

TEST(Sizes, ContemptAmongTheVotesIsExplained) {
    SizesOptions options = options_with({8});
    options.truth = "votes";
    const TestDataset dataset({voted(FerPlusVotes{0, 0, 0, 0, 0, 0, 0, 10, 0, 0}, face_of(Emotion::neutral))});
    const Report report = sizes_report(dataset, short_sighted, options, {});
    EXPECT_EQ(report.rows[0]["accuracy"], 0.0);
    EXPECT_EQ(report.json()["labels"]["truths"][7], "contempt");
    EXPECT_NE(report.markdown().find("contempt is a truth that no class can answer"), std::string::npos);
}

TEST(Sizes, APartOfTheListIsCalledSo) {
    SizesOptions options = options_with({48});
    EXPECT_EQ(sizes_report(four_faces(), short_sighted, options, {}).markdown().find("at most"), std::string::npos);
    options.limit = 4;
    EXPECT_EQ(sizes_report(four_faces(), short_sighted, options, {}).markdown().find("at most"), std::string::npos)
        << "all four were judged";
    options.limit = 2;
    const Report report = sizes_report(four_faces(), short_sighted, options, {});
    EXPECT_EQ(report.rows[0]["n"], 2);
    EXPECT_NE(report.markdown().find("at most 2 faces were judged of 4"), std::string::npos);
    EXPECT_EQ(report.json()["faces"], Json({{"with_truth", 4}, {"asked", 2}, {"judged", 2}}));
}

TEST(Sizes, TheReportTellsInHowManyViewsFacesWereRead) {
    SizesOptions options = options_with({48});
    const Report one = sizes_report(four_faces(), short_sighted, options, {});
    EXPECT_NE(one.made_by.protocol.find("read once"), std::string::npos);
    EXPECT_EQ(one.markdown().find("views"), std::string::npos);
    options.views = 2;
    const Report two = sizes_report(four_faces(), short_sighted, options, {});
    EXPECT_NE(two.made_by.protocol.find("read twice"), std::string::npos);
    EXPECT_NE(two.markdown().find("read in 2 views"), std::string::npos);
}

TEST(Sizes, AreNamedOnce) {
    EXPECT_THROW(sizes_report(four_faces(), short_sighted, options_with({48, 8, 48}), {}), UsageError);
    EXPECT_THROW(sizes_report(four_faces(), short_sighted, options_with({}), {}), UsageError);
}

TEST(Sizes, AnInterruptedReportIsFlagged) {
    std::stop_source stop;
    stop.request_stop();
    const Report report = sizes_report(four_faces(), short_sighted, options_with({8}), {}, {}, stop.get_token());
    EXPECT_TRUE(report.interrupted);
    EXPECT_EQ(report.rows[0]["n"], 0);
    EXPECT_NE(report.markdown().find("interrupted: 0 of 4 faces were finished"), std::string::npos);
    EXPECT_FALSE(report.markdown().empty());
}

TestDataset faces_and_trouble() {
    TestDataset dataset({labelled(Emotion::fear, face_of(Emotion::fear)), labelled(Emotion::anger, Image()),
                         labelled(Emotion::fear, Image(48, 48, 255)), labelled(Emotion::anger, Image())});
    DatasetCard& card = dataset.changed_card();
    card.listed = 9;
    card.skipped = 3;
    card.unreadable = {{"set/angry", "Permission denied", "val"}};
    return dataset;
}

TEST(Sizes, WhatCouldNotBeReadIsNamedOnceAndCounted) {
    const Report report = sizes_report(faces_and_trouble(), short_sighted, options_with({48, 16}), {});
    ASSERT_EQ(report.failed.size(), 3u) << "a folder and two pictures, however many sizes";
    EXPECT_EQ(report.failed[0].path, "set/angry");
    EXPECT_EQ(report.failed[0].code, "not_entered");
    EXPECT_EQ(report.failed[1].code, "truncated");
    EXPECT_EQ(failure_count(report.failed), "3 inputs failed: not_entered 1, truncated 2");
    const Json made_by = report.json()["provenance"];
    EXPECT_EQ(made_by["dataset_listed"], 9);
    EXPECT_EQ(made_by["dataset_skipped"], 3);
    EXPECT_EQ(made_by["dataset_unreadable"], 1);
    const std::string text = report.markdown();
    for (const char* note : {"3 of 9 cannot be used", "1 folder or link of the data set could not be entered",
                             "2 pictures could not be read", "Permission denied"}) {
        EXPECT_NE(text.find(note), std::string::npos) << note << "\n" << text;
    }
}

TEST(Sizes, EveryFaceIsARowWhateverBecameOfIt) {
    std::vector<Json> rows;
    sizes_report(faces_and_trouble(), short_sighted, options_with({48, 16}), {}, {}, {},
                 [&](const Json& row) { rows.push_back(row); });
    ASSERT_EQ(rows.size(), 8u);
    EXPECT_EQ(rows[0]["size"], 48);
    EXPECT_EQ(rows[0]["truth"], "fear");
    EXPECT_EQ(rows[0]["expression"], "fear");
    EXPECT_EQ(rows[0]["right"], true);
    EXPECT_EQ(rows[0]["probabilities"].size(), 7u);
    EXPECT_EQ(rows[1]["status"], "failed");
    EXPECT_EQ(rows[1]["reason"], "truncated");
    EXPECT_TRUE(rows[1]["expression"].is_null());
    EXPECT_EQ(rows[2]["status"], "ok");
    EXPECT_EQ(rows[2]["expression"], "undetermined");
    EXPECT_EQ(rows[2]["reason"], "constant");
    EXPECT_EQ(rows[4]["size"], 16);
}

TEST(Sizes, TheReportDoesNotDependOnTheThreads) {
    std::vector<Sample> samples;
    for (int i = 0; i < 200; ++i) {
        const auto emotion = static_cast<Emotion>(i * 5 % 7);
        samples.push_back(labelled(emotion, i % 11 == 0 ? Image() : face_of(static_cast<Emotion>(i % 7), 10 + i % 40)));
    }
    const TestDataset dataset(samples);
    const auto text = [&](int threads) {
        SizesOptions options = options_with({48, 12});
        options.batch = 7;
        options.threads = threads;
        return sizes_report(dataset, short_sighted, options, {}).json().dump();
    };
    EXPECT_EQ(text(1), text(5));
}

TEST(Sizes, WhatCannotBeMeasuredIsRefused) {
    EXPECT_THROW(sizes_report(four_faces(), short_sighted, options_with({}), {}), UsageError);
    EXPECT_THROW(sizes_report(four_faces(), short_sighted, options_with({0}), {}), UsageError);
    SizesOptions votes = options_with({8});
    votes.truth = "votes";
    EXPECT_THROW(sizes_report(four_faces(), short_sighted, votes, {}), UsageError) << "no row has votes";
}

TEST(Sizes, LabelsAreAskedOfTheHeadNamedAfterTheDataSet) {
    const std::vector<std::string> heads = {"expression", "fer2013"};
    EXPECT_EQ(head_for("", "label", "fer2013", heads), "fer2013");
    EXPECT_EQ(head_for("", "label", "fer2013_folders", heads), "fer2013") << "the same labels, unpacked";
    EXPECT_EQ(head_for("", "label", "FER2013", heads), "fer2013") << "a manifest's folder";
    EXPECT_EQ(head_for("", "label", "lfw128", heads), "") << "the answering head";
    EXPECT_EQ(head_for("", "votes", "fer2013", heads), "");
    EXPECT_EQ(head_for("expression", "label", "fer2013", heads), "expression");
    EXPECT_THROW(head_for("raf_db", "label", "fer2013", heads), UsageError);
}

}  // namespace
}  // namespace affectsr
