#include "affectsr/cli/evaluate_landmarks.h"

#include <gtest/gtest.h>

#include "affectsr/data/catalog.h"
#include "affectsr/data/landmark_labels.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/detect/landmark_net.h"
#include "affectsr/image/encode.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/program/run_affectsr.h"
#include "affectsr/weights/model_file.h"

namespace affectsr::cli {
namespace {

constexpr const char* kEvaluate =
    "affectsr evaluate landmarks --labels points.safetensors --data faces --landmarkers landmark_net=net.safetensors ";

/// Two pictures with points, and a landmarker that has learned nothing.
void fill(const TemporaryFolder& folder) {
    LandmarkLabels labels;
    std::string manifest = "path,split\n";
    for (int i = 0; i < 2; ++i) {
        const std::string name = std::to_string(i) + ".png";
        folder.fill("faces/" + name, text_of(encode_png(stripes(64, 64, i))));
        manifest += name + ",val\n";
        LabelledFace face{name, i + 2, {}, 1};
        const std::vector<float> mesh = mesh_at_rest(64);
        for (std::size_t k = 0; k < mesh.size(); k += 3)
            face.landmarks_in_picture.push_back({mesh[k], mesh[k + 1], mesh[k + 2]});
        labels.faces.push_back(face);
    }
    folder.fill("faces/manifest.csv", manifest);
    const auto dataset = open_dataset("manifest", {{"root", (folder / "faces").string()}});
    labels.dataset = dataset->card().name;
    labels.dataset_sha256 = dataset->card().sha256;
    write_landmark_labels(folder / "points.safetensors", labels);
    ModelFile model;
    model.card.network = "landmark_net";
    model.tensors = first_weights(landmark_net({}).plan, 1);
    model.save(folder / "net.safetensors");
}

TEST(EvaluateLandmarks, AReportHasARowForEverySize) {
    const TemporaryFolder folder;
    fill(folder);
    const Ran ran = run(folder, std::string(kEvaluate) + "--sizes 32,12 --format json");
    EXPECT_EQ(ran.exit_code, 0) << ran.err;
    const Json report = Json::parse(ran.out);
    ASSERT_EQ(report["rows"].size(), 2U);
    EXPECT_EQ(report["rows"][0]["size"], 32);
    EXPECT_EQ(report["rows"][1]["faces"], 2);
    EXPECT_GT(report["rows"][1]["ms"].get<double>(), 0);
    EXPECT_EQ(report["models"]["landmark_net"].get<std::string>().size(), 64U);
    EXPECT_EQ(report["labels"][0]["labels_sha256"].get<std::string>().size(), 64U);
}

TEST(EvaluateLandmarks, APictureThatCannotBeReadIsAFailedInput) {
    const TemporaryFolder folder;
    fill(folder);
    folder.fill("faces/1.png", "no picture");
    const Ran ran = run(folder, std::string(kEvaluate) + "--sizes 32");
    EXPECT_EQ(ran.exit_code, 3);
    EXPECT_NE(ran.out.find("| landmark_net | 32 | 1 |"), std::string::npos) << ran.out;
}

TEST(EvaluateLandmarks, NothingThatIsReadIsWrittenOnto) {
    const TemporaryFolder folder;
    fill(folder);
    EXPECT_EQ(run(folder, std::string(kEvaluate) + "-o points.safetensors --overwrite").exit_code, 2);
    EXPECT_EQ(run(folder, std::string(kEvaluate) + "-o net.safetensors --overwrite").exit_code, 2);
    EXPECT_EQ(run(folder, "affectsr evaluate landmarks --landmarkers landmark_net=net.safetensors").exit_code, 2)
        << "no labels are named";
}

}  // namespace
}  // namespace affectsr::cli
