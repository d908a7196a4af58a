#include "affectsr/train/super_resolution_task.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/data/catalog.h"
#include "affectsr/data/landmark_labels.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/face/mesh.h"
#include "affectsr/learn/threads.h"
#include "affectsr/restore/catalog.h"
#include "affectsr/restore/test_networks.h"
#include "affectsr/train/task_catalog.h"
#include "affectsr/train/test_faces.h"

namespace affectsr {
namespace {

Recipe recipe_for(const TestFaces& faces, const std::string& network, const Json& options, int hr_px = 16) {
    Recipe recipe = faces.recipe();
    recipe.task = {
        "super_resolution",
        {{"network", {{"name", network}, {"options", options}}},
         {"hr_px", hr_px},
         {"learning",
          {{"optimiser", {{"name", "adam"}, {"weight_decay", 0}}}, {"schedule", {{"peak", 2e-3}, {"warm_up", 0}}}}}}};
    recipe.data[0].expression = "nothing";
    recipe.batch_size = 4;
    return recipe;
}

TEST(SuperResolutionTask, EveryNetworkOfTheCatalogLearnsOneBatchOfFacesWithoutLabels) {
    set_libtorch_threads(1);
    for (const auto& entry : sr_network_catalog()) {
        const TestFaces faces;
        const auto network = entry.make(small_options(entry));
        const int hr_px = small_crop_px(*network) * network->needs.scale;
        const auto task = make_task(recipe_for(faces, entry.name, small_options(entry), hr_px), "");
        const Batch batch = task->open_data({})->at({0, 0}, {});
        const double before = task->step(batch, {}, Alone{}).at("l1");
        for (int i = 0; i < 20; ++i) task->step(batch, {}, Alone{});
        EXPECT_LT(task->step(batch, {}, Alone{}).at("l1"), before) << entry.name;
    }
}

/// Points of all faces but the first of the list, the mesh at rest in the middle of the picture: in a file beside it.
std::string labels_for(const TestFaces& faces) {
    const auto dataset = open_dataset("manifest", {{"root", faces.folder().string()}, {"split", "train"}});
    LandmarkLabels labels{"nobody", dataset->card().name, dataset->card().sha256, {}};
    for (std::size_t row = 1; row < dataset->size(); ++row) {
        LabelledFace face{file_below(faces.folder(), dataset->info(row)), dataset->info(row).row, {}, 1};
        for (const Point& p : canonical_mesh())
            face.landmarks_in_picture.push_back({p.x / 2 + 7.5F, p.y / 2 + 7.5F, p.z / 2});
        labels.faces.push_back(std::move(face));
    }
    const std::string file = (faces.folder() / "points.safetensors").string();
    write_landmark_labels(file, labels);
    return file;
}

TEST(SuperResolutionTask, LandmarksGoWithEachFaceInPixelsOfTheSmallOne) {
    set_libtorch_threads(1);
    const TestFaces faces;
    Recipe recipe =
        recipe_for(faces, "affectsr_net", small_options(find(sr_network_catalog(), "affectsr_net", "network")));
    recipe.task.options["without_landmarks"] = 0;
    recipe.task.options["landmark_shift"] = 0;
    recipe.data[0].landmark_labels = labels_for(faces);
    recipe.augmentation.mirror = recipe.augmentation.zoom = recipe.augmentation.shift = 0;
    const auto source = make_task(recipe, "")->open_data({});
    EXPECT_EQ(source->description()[0]["with_landmarks"], 31);
    const at::Tensor mesh = source->at({0, 0}, {}).at("mesh");
    ASSERT_EQ(mesh.sizes().vec(), (std::vector<std::int64_t>{4, 3, 478, 1}));
    const Point nose = canonical_mesh()[1];
    int found = 0;
    for (std::int64_t face = 0; face < 4; ++face) {
        if (mesh[face][0][1][0].item<float>() == kNowherePx) continue;
        ++found;
        EXPECT_NEAR(mesh[face][0][1][0].item<double>(), (nose.x / 2 + 8) / 4 - 0.5F, 0.02) << "lr has 4 px, hr 16";
        EXPECT_NEAR(mesh[face][1][1][0].item<double>(), (nose.y / 2 + 8) / 4 - 0.5F, 0.02);
        EXPECT_NEAR(mesh[face][2][1][0].item<double>(), nose.z / 8, 0.02);
    }
    EXPECT_GE(found, 3);
    recipe.task.options["without_landmarks"] = 1;
    const auto without = make_task(recipe, "")->open_data({});
    EXPECT_TRUE((without->at({0, 0}, {}).at("mesh") == kNowherePx).all().item<bool>());
    EXPECT_FALSE((without->held_out(0, 4, 0).at("mesh") == kNowherePx).all().item<bool>())
        << "judged with what there is";
}

TEST(SuperResolutionTask, ANetworkLearnsFromLandmarksAndIsJudgedWithThem) {
    set_libtorch_threads(1);
    const TestFaces faces;
    Recipe recipe =
        recipe_for(faces, "affectsr_net", small_options(find(sr_network_catalog(), "affectsr_net", "network")));
    recipe.data[0].landmark_labels = labels_for(faces);
    const auto task = make_task(recipe, "");
    const auto source = task->open_data({});
    const Batch batch = source->at({0, 0}, {});
    const TensorMap first = task->models().at("").tensors;
    const double before = task->step(batch, {}, Alone{}).at("l1");
    for (int i = 0; i < 20; ++i) task->step(batch, {}, Alone{});
    EXPECT_LT(task->step(batch, {}, Alone{}).at("l1"), before);
    const TensorMap last = task->models().at("").tensors;
    EXPECT_NE(last.at("gcn.layers.0.weight").floats(), first.at("gcn.layers.0.weight").floats()) << "the graph learns";
    EXPECT_TRUE(task->validate(*source)["psnr_db"].is_number());
}

TEST(SuperResolutionTask, WhatIsNewCanBeginWithoutChangingTheAnswer) {
    set_libtorch_threads(1);
    const TestFaces faces;
    const auto psnr_of = [](const Recipe& recipe) {
        const auto task = make_task(recipe, "");
        return task->validate(*task->open_data({}))["psnr_db"].get<double>();
    };
    Json options = small_options(find(sr_network_catalog(), "affectsr_net", "network"));
    options["graph"] = false;
    Recipe recipe = recipe_for(faces, "affectsr_net", options);
    recipe.data[0].landmark_labels = labels_for(faces);
    const double backbone = psnr_of(recipe);
    const std::string file = (faces.folder() / "backbone.safetensors").string();
    make_task(recipe, "")->models().at("").save(file);

    recipe.task.options["network"]["options"].erase("graph");
    recipe.task.options["learning"] = {{"start", file}};
    EXPECT_GT(std::abs(psnr_of(recipe) - backbone), 0.1) << "the graph is merged as it happens to begin";
    Json& learning = recipe.task.options["learning"];
    learning["silent"] = {"gcn.layers.3", "msaf.0.dense_group", "msaf.1.dense_group", "msaf.2.dense_group"};
    EXPECT_NEAR(psnr_of(recipe), backbone, 0.02) << "but for the backbone's rounding to bfloat16 in its file";

    recipe.task.options["network"]["options"]["scale"] = 8;
    recipe.task.options["hr_px"] = 32;
    const double anew = psnr_of(recipe);
    learning["passing"] = {"conv_up3"};
    EXPECT_NE(psnr_of(recipe), anew);
    learning["passing"] = {"conv_first"};
    EXPECT_THROW(psnr_of(recipe), UsageError) << "three channels are not eight";
    learning["passing"] = {"conv_up4"};
    EXPECT_THROW(psnr_of(recipe), UsageError) << "there is none";
}

TEST(SuperResolutionTask, ALearnedNetworkIsBetterThanBicubicAndCanBeUsed) {
    set_libtorch_threads(1);
    const TestFaces faces;
    const auto task = make_task(recipe_for(faces, "edsr", {{"scale", 4}, {"features", 16}, {"blocks", 2}}), "");
    const auto source = task->open_data({});
    for (std::uint64_t step = 0; step < 300; ++step)
        task->step(source->at({step / 6, step % 6}, {}), {static_cast<double>(step) / 300, step}, Alone{});
    const Json figures = task->validate(*source);
    EXPECT_GT(figures["psnr_db"].get<double>(), figures["bicubic_psnr_db"].get<double>() + 1) << figures;
    if (!engine_available()) return;  // nobody here plays what was learned
    ModelFile file = task->models().at("");
    file.save(faces.folder() / "sr.safetensors");
    const auto restorer = load_restorer("edsr", faces.folder() / "sr.safetensors", "f32", 0);
    FaceCrop crop;
    crop.pixels = Image(4, 4, 100);
    const std::vector<Restored> restored = restorer->restore_all(std::vector{crop});
    EXPECT_EQ(restored.at(0).picture.width, 16);
}

TEST(SuperResolutionTask, HoldsThePicturesBeforeTheLastToTheTruthAsWell) {
    set_libtorch_threads(1);
    const TestFaces faces;
    const Json options = {{"features", 4}, {"groups", 1}, {"steps", 3}, {"landmark_features", 8}, {"fusion_blocks", 0}};
    const auto task = make_task(recipe_for(faces, "dic", options, 128), "");
    const StepLog log = task->step(task->open_data({})->at({0, 0}, {}), {}, Alone{});
    EXPECT_GT(log.at("loss"), 1.5 * log.at("l1"));  // two more pictures, enlarged as bilinearly as the last
}

TEST(SuperResolutionTask, RefusesWhatItCannotLearn) {
    const TestFaces faces;
    EXPECT_THROW(make_task(recipe_for(faces, "dic", {{"steps", 2}}, 64), ""), UsageError) << "it makes faces of 128 px";
    for (const auto& [pointer, value] : {std::pair<const char*, Json>{"/hr_px", 18},
                                         {"/losses/0/name", "hinge"},
                                         {"/losses/0/weight", 0},
                                         {"/network/name", "huge_net"}}) {
        Recipe recipe = recipe_for(faces, "edsr", {{"scale", 4}});
        recipe.task.options["losses"] = {Json::object()};
        recipe.task.options[Json::json_pointer(pointer)] = value;
        EXPECT_THROW(make_task(recipe, ""), UsageError) << pointer << " " << value;
    }
}

}  // namespace
}  // namespace affectsr
