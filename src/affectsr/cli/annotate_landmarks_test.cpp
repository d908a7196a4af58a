#include "affectsr/cli/annotate_landmarks.h"

#include <gtest/gtest.h>

#include "affectsr/data/landmark_labels.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/detect/detection_network.h"
#include "affectsr/detect/import_detector.h"
#include "affectsr/detect/test_mediapipe.h"
#include "affectsr/image/encode.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/program/run_affectsr.h"

namespace affectsr::cli {
namespace {

/// A data set of three pictures, one of them broken, and networks that have learned nothing.
void fill(const TemporaryFolder& folder) {
    folder.fill("faces/manifest.csv", "path,split\na.png,train\nc.png,train\nin/b.png,train\nlast.png,val\n");
    folder.fill("faces/a.png", text_of(encode_png(stripes(64, 64, 1))));
    folder.fill("faces/in/b.png", text_of(encode_png(stripes(48, 64, 2))));
    folder.fill("faces/c.png", "no picture");
    folder.fill("faces/last.png", text_of(encode_png(stripes(32, 32, 3))));
    folder.fill("mesh.tflite", unmoved_face());
    const auto network = find(detection_network_catalog(), "yunet", "detector").make(Json::object());
    import_detector("yunet", Json::object(), first_weights(network->plan, 1), "made up")
        .model.save(folder / "yunet.safetensors");
}

constexpr const char* kAnnotate =
    "affectsr annotate landmarks --root faces/ --landmarker-model mesh.tflite --detector-model yunet.safetensors "
    "-o labels.safetensors ";

TEST(AnnotateLandmarks, EveryPictureOfASplitIsLabelledInOrderAndABrokenOneFails) {
    const TemporaryFolder folder;
    fill(folder);
    const Ran ran = run(folder, std::string(kAnnotate) + "--split train --threads 2");
    EXPECT_EQ(ran.exit_code, 3) << ran.err;
    EXPECT_NE(ran.err.find("c.png"), std::string::npos) << ran.err;
    const LandmarkLabels labels = read_landmark_labels(folder / "labels.safetensors");
    ASSERT_EQ(labels.faces.size(), 2U);
    EXPECT_EQ(labels.dataset, "faces");
    EXPECT_TRUE(labels.landmarker.starts_with("mediapipe ") && labels.landmarker.size() == 10 + 64)
        << labels.landmarker;
    EXPECT_EQ(labels.faces[0].file, "a.png");
    EXPECT_EQ(labels.faces[1].file, "in/b.png");
    for (const LabelledFace& face : labels.faces) {
        EXPECT_EQ(face.landmarks_in_picture.size(), 478U);
        EXPECT_GT(face.score, 0) << face.file;
    }
}

TEST(AnnotateLandmarks, AResumedRunKeepsWhatIsThereAndAnotherLandmarkersFileIsNotMixedIn) {
    const TemporaryFolder folder;
    fill(folder);
    run(folder, std::string(kAnnotate) + "--split train");
    LandmarkLabels labels = read_landmark_labels(folder / "labels.safetensors");
    ASSERT_EQ(labels.faces.size(), 2U);
    labels.faces.pop_back();
    labels.faces[0].score = 0.125F;
    write_landmark_labels(folder / "labels.safetensors", labels);
    EXPECT_EQ(run(folder, kAnnotate).exit_code, 2) << "it is not replaced unasked";
    EXPECT_EQ(run(folder, std::string(kAnnotate) + "--resume").exit_code, 3);
    labels = read_landmark_labels(folder / "labels.safetensors");
    ASSERT_EQ(labels.faces.size(), 3U) << "all splits";
    EXPECT_EQ(labels.faces[0].score, 0.125F);
    labels.landmarker = "somebody else";
    write_landmark_labels(folder / "labels.safetensors", labels);
    EXPECT_EQ(run(folder, std::string(kAnnotate) + "--resume").exit_code, 2);
    EXPECT_EQ(run(folder, std::string(kAnnotate) + "--overwrite").exit_code, 3);
    EXPECT_NE(read_landmark_labels(folder / "labels.safetensors").landmarker, "somebody else");
}

TEST(AnnotateLandmarks, WithoutAFolderOrAFileItSaysWhatIsMissing) {
    const TemporaryFolder folder;
    fill(folder);
    const std::string models = " --landmarker-model mesh.tflite --detector-model yunet.safetensors";
    EXPECT_EQ(run(folder, "affectsr annotate landmarks -o a.safetensors" + models).exit_code, 2);
    EXPECT_EQ(run(folder, "affectsr annotate landmarks --root faces" + models).exit_code, 2);
    EXPECT_EQ(
        run(folder, "affectsr annotate landmarks --root faces -o a.safetensors --detector-model yunet.safetensors")
            .exit_code,
        2)
        << "mediapipe needs its file";
}

}  // namespace
}  // namespace affectsr::cli
