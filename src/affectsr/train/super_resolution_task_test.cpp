#include "affectsr/train/super_resolution_task.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <optional>

#include "affectsr/base/error.h"
#include "affectsr/data/catalog.h"
#include "affectsr/data/landmark_labels.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/face/mesh.h"
#include "affectsr/image/codec.h"
#include "affectsr/learn/threads.h"
#include "affectsr/restore/catalog.h"
#include "affectsr/restore/test_networks.h"
#include "affectsr/train/task_catalog.h"
#include "affectsr/train/test_faces.h"
#include "affectsr/train/trainer.h"

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
        if (network->needs.scale == 0) {  // it cleans a face that is as large already
            EXPECT_THROW(make_task(recipe_for(faces, entry.name, small_options(entry), 32), ""), UsageError);
            continue;
        }
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

/// All losses, those that look through networks from the middle of the run on.
const Json kAllLosses = {{{"name", "l1"}},
                         {{"name", "perceptual"}, {"from", 0.5}},
                         {{"name", "style"}, {"weight", 50}, {"from", 0.5}},
                         {{"name", "expression"}, {"weight", 20}, {"from", 0.5}},
                         {{"name", "node_embedding"}, {"weight", 0.1}, {"from", 0.5}}};

/// A run of affectsr_net with landmarks and all losses.
Recipe recipe_with_all_losses(const TestFaces& faces) {
    Recipe recipe =
        recipe_for(faces, "affectsr_net", small_options(find(sr_network_catalog(), "affectsr_net", "network")), 32);
    recipe.task.options["losses"] = kAllLosses;
    recipe.data[0].landmark_labels = labels_for(faces);
    return recipe;
}

TEST(SuperResolutionTask, LossesCountFromTheirTimeOnAndAreLoggedEach) {
    set_libtorch_threads(1);
    const TestFaces faces;
    const auto task = make_task(recipe_with_all_losses(faces), "");
    const Batch batch = task->open_data({})->at({0, 0}, {});
    const StepLog early = task->step(batch, {0.49, 0}, Alone{}), late = task->step(batch, {0.5, 1}, Alone{});
    EXPECT_EQ(early.size(), 3u) << "loss, l1, learning_rate: what does not count is not computed";
    EXPECT_EQ(early.at("loss"), early.at("l1"));
    ASSERT_EQ(late.size(), 7u);
    EXPECT_NEAR(late.at("loss"),
                late.at("l1") + late.at("perceptual") + 50 * late.at("style") + 20 * late.at("expression") +
                    0.1 * late.at("node_embedding"),
                1e-4 * late.at("loss"));
    for (const char* name : {"perceptual", "style", "expression", "node_embedding"})
        EXPECT_GT(late.at(name), 0) << name;
    EXPECT_EQ(task->stands_on()["losses"].size(), 4u);
    EXPECT_EQ(task->stands_on()["losses"]["expression"]["name"], "small_net");
}

TEST(SuperResolutionTask, ExpressionsAreKeptBetterByANetworkThatLearnsToKeepThem) {
    set_libtorch_threads(1);
    const TestFaces faces;
    std::map<double, double> expression;  // by its weight, after learning
    double at_first = 0;
    for (const double weight : {0.0, 20.0}) {
        Recipe recipe = recipe_for(faces, "edsr", {{"scale", 4}, {"features", 16}, {"blocks", 2}}, 48);
        recipe.task.options["losses"] = {{{"name", "l1"}}, {{"name", "expression"}, {"weight", weight}}};
        recipe.batch_size = 8;
        const auto task = make_task(recipe, "");
        const Batch batch = task->open_data({})->at({0, 0}, {});
        at_first = task->step(batch, {}, Alone{}).at("expression");
        for (int i = 0; i < 60; ++i) task->step(batch, {}, Alone{});
        expression[weight] = task->step(batch, {}, Alone{}).at("expression");
    }
    EXPECT_LT(expression.at(20), 0.5 * at_first);
    EXPECT_LT(expression.at(20), 0.5 * expression.at(0));
}

TEST(SuperResolutionTask, TheSameBitsComeOutOfARunThatWasStoppedAmongItsLosses) {
    set_libtorch_threads(1);
    const TestFaces faces;
    Recipe recipe = recipe_with_all_losses(faces);
    recipe.epochs = 1;
    const auto trained = [&](const std::string& folder, bool resume, std::uint64_t stop_after) {
        const auto task = make_task(recipe, faces.folder() / folder);
        const auto source = task->open_data({});
        std::stop_source stop;
        TrainerOptions options;
        options.folder = faces.folder() / folder;
        options.resume = resume;
        options.on_step = [&](const TrainProgress& at) {
            if (at.step == stop_after) stop.request_stop();
        };
        return train(recipe, *task, *source, Alone{}, options, stop.get_token());
    };
    const TensorMap whole = ModelFile::open(trained("whole", false, 0).model).tensors;
    for (const std::uint64_t stop_after : {2, 5}) {  // before and while all losses count
        const std::string folder = "parts" + std::to_string(stop_after);
        trained(folder, false, stop_after);
        const TensorMap parts = ModelFile::open(trained(folder, true, 0).model).tensors;
        for (const auto& [name, tensor] : whole) EXPECT_EQ(tensor.floats(), parts.at(name).floats()) << name;
    }
    const Image sheet = read_image(faces.folder() / "whole" / "tiny.faces.png");
    EXPECT_EQ(sheet.height, 4 * 32 + 3 * 4) << "small, bicubic, ours, true";
    const Json card = ModelFile::open(faces.folder() / "whole" / "tiny.safetensors").card.trained_on;
    EXPECT_EQ(card["models"]["losses"]["node_embedding"]["name"], "landmark_net");
}

TEST(SuperResolutionTask, HeldOutFacesAreShownBelowEachOther) {
    set_libtorch_threads(1);
    const TestFaces faces;
    Recipe recipe = recipe_for(faces, "edsr", {{"scale", 4}, {"features", 8}, {"blocks", 1}});
    recipe.task.options["sheet_faces"] = 2;
    const auto task = make_task(recipe, "");
    const auto source = task->open_data({});
    const std::optional<Image> sheet = task->contact_sheet(*source);
    ASSERT_TRUE(sheet.has_value());
    EXPECT_EQ(sheet->size(), (ImageSize{2 * 16 + 4, 4 * 16 + 3 * 4}));
    const Image hr = to_image(source->held_out(0, 1, 0).at("hr")[0]);
    for (int y = 0; y < 16; ++y) EXPECT_EQ(sheet->pixel(3, 60 + y)[0], hr.pixel(3, y)[0]) << "the truth is below";
    recipe.task.options["sheet_faces"] = 0;
    EXPECT_FALSE(make_task(recipe, "")->contact_sheet(*source).has_value());
}

TEST(SuperResolutionTask, ANetworkFor8StartsFromOneFor4) {
    const TestFaces faces;
    Json options = small_options(find(sr_network_catalog(), "affectsr_net", "network"));
    const auto four = make_task(recipe_for(faces, "affectsr_net", options, 64), "");
    four->models().at("").save(faces.folder() / "four.safetensors");
    options["scale"] = 8;
    Recipe recipe = recipe_for(faces, "affectsr_net", options, 64);
    recipe.task.options["learning"]["start"] = "four";
    const auto eight = make_task(recipe, faces.folder());
    EXPECT_EQ(eight->stands_on()["start"]["name"], "four");
    const TensorMap of_four = four->models().at("").tensors, of_eight = eight->models().at("").tensors;
    std::vector<std::string> anew;
    for (const auto& [name, tensor] : of_eight) {
        if (!of_four.contains(name))
            anew.push_back(name);
        else
            EXPECT_EQ(tensor.floats(), of_four.at(name).floats()) << name;
    }
    EXPECT_EQ(anew, (std::vector<std::string>{"conv_up3.bias", "conv_up3.weight"}));
}

/// A published recipe with faces that are there, two of them a batch, and no average.
Recipe with_test_faces(Recipe recipe, const TestFaces& faces) {
    const bool looks_at_landmarks = !recipe.data.at(0).landmark_labels.empty();
    recipe.data = faces.recipe().data;
    recipe.data[0].expression = "nothing";
    if (looks_at_landmarks) recipe.data[0].landmark_labels = labels_for(faces);
    recipe.batch_size = 2;
    recipe.task.options["learning"]["optimiser"]["averaging"] = 0;
    return recipe;
}

TEST(SuperResolutionTask, EveryPublishedRecipeTakesAStepWithAllItsLosses) {
    set_libtorch_threads(1);
    const TestFaces faces;
    const std::filesystem::path project = AFFECTSR_SOURCE_DIR;
    const auto published = [&](const std::filesystem::path& file) {
        return with_test_faces(read_recipe(file, ""), faces);
    };
    {
        // What another recipe starts from is not there before it was trained.
        Recipe first = published(project / "recipes" / "train" / "affectsr_net_x8_pixel.json");
        first.task.options["learning"].erase("start");
        for (const char* start :
             {"affectsr_net_x8_first.safetensors", "affectsr_net_x8_pixel.safetensors", "rrdb_norm_x4.safetensors"})
            make_task(first, "")->models().at("").save(faces.folder() / start);
    }
    int taken = 0;
    for (const auto& file : std::filesystem::directory_iterator(project / "recipes" / "train")) {
        if (read_recipe(file.path(), "").task.name != "super_resolution") continue;
        const Recipe recipe = published(file.path());
        const std::string start = recipe.task.options["learning"].value("start", "");
        const auto task = make_task(recipe, start.find('/') == std::string::npos ? faces.folder() : project);
        const StepLog log = task->step(task->open_data({})->at({0, 0}, {}), {0.8, 0}, Alone{});
        EXPECT_TRUE(std::isfinite(log.at("loss"))) << file.path();
        EXPECT_EQ(log.size(), 2 + recipe.task.options["losses"].size()) << file.path();
        ++taken;
    }
    EXPECT_GT(taken, 10);
}

TEST(SuperResolutionTask, RefusesWhatItCannotLearn) {
    const TestFaces faces;
    EXPECT_THROW(make_task(recipe_for(faces, "dic", {{"steps", 2}}, 64), ""), UsageError) << "it makes faces of 128 px";
    for (const auto& [pointer, value] : {std::pair<const char*, Json>{"/hr_px", 18},
                                         {"/losses/0/name", "hinge"},
                                         {"/losses/0/weight", 0},
                                         {"/losses/0/from", 0.5},
                                         {"/losses/0/from", 1},
                                         {"/losses/0/name", "node_embedding"},
                                         {"/losses/0/layers", {"stem"}},
                                         {"/network/name", "huge_net"}}) {
        Recipe recipe = recipe_for(faces, "edsr", {{"scale", 4}});
        recipe.task.options["losses"] = {Json::object()};
        recipe.task.options[Json::json_pointer(pointer)] = value;
        EXPECT_THROW(make_task(recipe, ""), UsageError) << pointer << " " << value;
    }
}

}  // namespace
}  // namespace affectsr
