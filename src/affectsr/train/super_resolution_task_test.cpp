#include "affectsr/train/super_resolution_task.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/learn/threads.h"
#include "affectsr/restore/catalog.h"
#include "affectsr/restore/test_networks.h"
#include "affectsr/train/task_catalog.h"
#include "affectsr/train/test_faces.h"

namespace affectsr {
namespace {

Recipe recipe_for(const TestFaces& faces, const std::string& network, const Json& options) {
    Recipe recipe = faces.recipe();
    recipe.task = {
        "super_resolution",
        {{"network", {{"name", network}, {"options", options}}},
         {"hr_px", 16},
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
        const auto task = make_task(recipe_for(faces, entry.name, small_options(entry)), "");
        const Batch batch = task->open_data({})->at({0, 0}, {});
        const double before = task->step(batch, {}, Alone{}).at("l1");
        for (int i = 0; i < 20; ++i) task->step(batch, {}, Alone{});
        EXPECT_LT(task->step(batch, {}, Alone{}).at("l1"), before) << entry.name;
    }
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

TEST(SuperResolutionTask, RefusesWhatItCannotLearn) {
    const TestFaces faces;
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
