#include "affectsr/data/landmark_labels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <span>

#include "affectsr/base/fields.h"
#include "affectsr/base/test_folder.h"
#include "affectsr/data/manifest.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr {
namespace {

/// A face of 478 points on a spiral of `radius` px around (x, y).
LabelledFace spiral(const std::string& file, std::int64_t row, float x, float y, float radius) {
    LabelledFace face{file, row, {}, 0.75F};
    for (int i = 0; i < 478; ++i) {
        const float r = radius * static_cast<float>(i) / 477, angle = 0.1F * static_cast<float>(i);
        face.landmarks_in_picture.push_back({x + r * std::cos(angle), y + r * std::sin(angle), r / 3 - radius / 5});
    }
    return face;
}

LandmarkLabels two_faces() {
    return {
        "mediapipe 0123", "faces", "4567", {spiral("train/a.png", 2, 64, 60, 50), spiral("b ü.png", 3, 700, 20, 9)}};
}

/// What reading says of the labels after `change`.
std::string refusal_after(const std::function<void(Safetensors&)>& change) {
    const TestFolder folder;
    write_landmark_labels(folder.path() / "a.safetensors", two_faces());
    Safetensors content = read_safetensors(folder.path() / "a.safetensors");
    change(content);
    write_safetensors(folder.path() / "b.safetensors", content);
    return refusal([&] { read_landmark_labels(folder.path() / "b.safetensors"); });
}

TEST(LandmarkLabels, AreReadAsTheyWereWrittenToAFourThousandthOfTheFace) {
    const TestFolder folder;
    const LandmarkLabels wanted = two_faces();
    write_landmark_labels(folder.path() / "a.safetensors", wanted);
    const LandmarkLabels found = read_landmark_labels(folder.path() / "a.safetensors");
    EXPECT_EQ(found.landmarker, wanted.landmarker);
    EXPECT_EQ(found.dataset, wanted.dataset);
    EXPECT_EQ(found.dataset_sha256, wanted.dataset_sha256);
    ASSERT_EQ(found.faces.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        const float most = (i == 0 ? 50.0F : 9.0F) / 4096 + 1e-4F;
        EXPECT_EQ(found.faces[i].file, wanted.faces[i].file);
        EXPECT_EQ(found.faces[i].row, wanted.faces[i].row);
        EXPECT_EQ(found.faces[i].score, 0.75F);
        ASSERT_EQ(found.faces[i].landmarks_in_picture.size(), 478U);
        for (std::size_t p = 0; p < 478; ++p) {
            const Point &a = found.faces[i].landmarks_in_picture[p], &b = wanted.faces[i].landmarks_in_picture[p];
            EXPECT_NEAR(a.x, b.x, most) << p;
            EXPECT_NEAR(a.y, b.y, most) << p;
            EXPECT_NEAR(a.z, b.z, most) << p;
        }
    }
}

TEST(LandmarkLabels, OfThirteenThousandFacesTakeFortyMegabytes) {
    const TestFolder folder;
    LandmarkLabels labels = two_faces();
    labels.faces.assign(100, labels.faces[0]);
    for (int i = 0; i < 100; ++i) labels.faces[static_cast<std::size_t>(i)].row = i;
    write_landmark_labels(folder.path() / "a.safetensors", labels);
    EXPECT_LT(std::filesystem::file_size(folder.path() / "a.safetensors") / 100, 40'000'000U / 13'000);
}

TEST(LandmarkLabels, OfNobodyAreLabelsToo) {
    const TestFolder folder;
    write_landmark_labels(folder.path() / "a.safetensors", {"mediapipe", "faces", "", {}});
    EXPECT_TRUE(read_landmark_labels(folder.path() / "a.safetensors").faces.empty());
}

TEST(LandmarkLabels, WhatIsDamagedIsRefusedByName) {
    const auto replace = [](const char* name, const HostTensor& tensor) {
        return refusal_after([&](Safetensors& content) { content.tensors[name] = tensor; });
    };
    const std::vector<float> scores = {0.5F, 1.5F}, frame = {1, 2, std::numeric_limits<float>::infinity(), 1, 2, 3};
    for (const std::string& said :
         {replace("score", HostTensor::from_floats(scores, {2})),
          replace("score", HostTensor::from_floats(std::vector<float>{0.5F}, {1})),
          replace("frame", HostTensor::from_floats(frame, {2, 3})),
          replace("points", HostTensor::from_floats(std::vector<float>(6), {2, 1, 3})),
          replace("points", HostTensor::from_floats(std::vector<float>(), {2, 0, 3}).cast(DType::f16)),
          refusal_after([](Safetensors& content) { content.metadata.clear(); }),
          refusal_after([](Safetensors& content) { content.tensors.erase("row"); })})
        EXPECT_TRUE(said.starts_with("bad_labels: ") && said.find("b.safetensors") != std::string::npos) << said;
}

TEST(LandmarkLabels, NamesLieInsideTheDataSetAndAreThereOnce) {
    const auto named = [](const std::string& names) {
        return refusal_after([&](Safetensors& content) {
            content.tensors["files"] = HostTensor::from_bytes(std::as_bytes(std::span(names)));
        });
    };
    for (const char* names : {"a\n../b\n", "a\n/b\n", "a\n\n", "a\nb", "a\n", "a\nb\nc\n", ""})
        EXPECT_TRUE(named(names).starts_with("bad_labels")) << names;
    EXPECT_EQ(named("a\nb\n"), "");
    EXPECT_EQ(named("a\na\n"), "") << "of two rows";
    EXPECT_NE(refusal_after([](Safetensors& content) {
                  content.tensors["row"] = HostTensor::from_ints(std::vector<std::int64_t>{1, 1}, {2});
                  const std::string twice = "a\na\n";
                  content.tensors["files"] = HostTensor::from_bytes(std::as_bytes(std::span(twice)));
              }).find("twice"),
              std::string::npos);
}

TEST(LandmarkLabels, AFileThatIsNotThereOrNoLabelsSaysSo) {
    const TestFolder folder;
    folder.write("text.safetensors", "no labels");
    const auto said = [&](const char* name) { return refusal([&] { read_landmark_labels(folder.path() / name); }); };
    EXPECT_TRUE(said("nowhere.safetensors").starts_with("not_found"));
    EXPECT_TRUE(said("text.safetensors").starts_with("bad_labels"));
    EXPECT_TRUE(said("").starts_with("not_readable")) << "a folder";
}

TEST(LandmarkLabels, FindTheSamplesOfTheirDataSetOnly) {
    const TestFolder folder;
    folder.write("manifest.csv", "path\na.png\nin/b.png\n");
    DatasetOptions options;
    options.root = folder.path() / ".";
    const Manifest dataset(options);
    LandmarkLabels labels{"mediapipe", dataset.card().name, dataset.card().sha256, {spiral("in/b.png", 3, 9, 9, 4)}};
    const std::vector<const LabelledFace*> found = labels_of(dataset, options.root, labels, "x");
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0], nullptr);
    EXPECT_EQ(found[1], labels.faces.data());
    labels.faces[0].row = 9;
    EXPECT_EQ(labels_of(dataset, options.root, labels, "x")[1], labels.faces.data()) << "the list was longer once";
    labels.faces[0].file = "c.png";
    EXPECT_TRUE(refusal([&] { labels_of(dataset, options.root, labels, "x"); }).starts_with("other_dataset"));
    labels.dataset = "others";
    EXPECT_TRUE(refusal([&] { labels_of(dataset, options.root, labels, "x"); }).starts_with("other_dataset"));
}

}  // namespace
}  // namespace affectsr
