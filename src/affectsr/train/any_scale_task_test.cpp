#include "affectsr/train/any_scale_task.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/threads.h"
#include "affectsr/restore/catalog.h"
#include "affectsr/train/task_catalog.h"
#include "affectsr/train/test_faces.h"

namespace affectsr {
namespace {

Recipe recipe_of(const TestFaces& faces) {
    Recipe recipe = faces.recipe();
    recipe.task = {
        "any_scale",
        {{"network", {{"name", "meta_sr"}, {"options", {{"blocks", 1}, {"convs", 2}, {"growth", 8}, {"features", 8}}}}},
         {"hr_px", 16},
         {"lr_px", {8, 5}},
         {"learning", {{"optimiser", {{"name", "adam"}}}, {"schedule", {{"peak", 2e-3}, {"warm_up", 0}}}}}}};
    recipe.data[0].expression = "nothing";
    recipe.augmentation.mirror = recipe.augmentation.zoom = recipe.augmentation.shift = 0;
    recipe.batch_size = 4;
    return recipe;
}

TEST(AnyScaleTask, EnlargesABatchAsTheRestorerEnlargesAFace) {
    const MetaAxis rows = meta_axis(3, 7, 7.0 / 3), columns = meta_axis(4, 9, 9.0 / 4);
    const at::Tensor features = torch::randn({2, 5, 3, 4}), filters = torch::randn({63, 9 * 5 * 3});
    const at::Tensor made = meta_enlarged(features, filters, rows, columns).contiguous();
    const auto numbers = [](const at::Tensor& x) {
        return std::span<const float>(x.data_ptr<float>(), static_cast<std::size_t>(x.numel()));
    };
    std::vector<float> one(3 * 63);
    for (std::int64_t i = 0; i < 2; ++i) {
        meta_enlarge(numbers(features[i]), 3, 4, rows, columns, numbers(filters), one);
        EXPECT_TRUE(torch::allclose(made[i].flatten(), torch::tensor(one), 1e-4, 1e-5));
    }
}

TEST(AnyScaleTask, LearnsAllSizesWithOneNetwork) {
    set_libtorch_threads(1);
    const TestFaces faces;
    const auto task = make_task(recipe_of(faces), "");
    const auto source = task->open_data({});
    std::vector<std::int64_t> sides;
    for (std::uint64_t step = 0; step < 5; ++step) sides.push_back(source->at({0, step}, {}).at("lr").size(3));
    EXPECT_TRUE(std::find(sides.begin(), sides.end(), 8) != sides.end());
    EXPECT_TRUE(std::find(sides.begin(), sides.end(), 5) != sides.end());
    const auto epoch = [&] {
        double sum = 0;
        for (std::uint64_t step = 0; step < 5; ++step)
            sum += task->step(source->at({0, step}, {}), {}, Alone{}).at("loss");
        return sum;
    };
    const double before = epoch();
    for (int i = 0; i < 15; ++i) epoch();
    EXPECT_LT(epoch(), 0.8 * before);
    const Json figures = task->validate(*source);
    EXPECT_TRUE(figures["psnr_db"]["8"].is_number());
    EXPECT_TRUE(figures["bicubic_psnr_db"]["5"].is_number());
    const ModelFile made = task->models().at("");
    EXPECT_EQ(MetaSr(made, Precision::f32, "a test", 16, 0).needs().output_px, 16);
}

TEST(AnyScaleTask, RefusesWhatItCannotLearn) {
    const TestFaces faces;
    for (const Json& sides : {Json::array(), Json{16}, Json{8, 20}}) {
        Recipe recipe = recipe_of(faces);
        recipe.task.options["lr_px"] = sides;
        EXPECT_THROW(make_task(recipe, ""), UsageError) << sides;
    }
    Recipe recipe = recipe_of(faces);
    recipe.task.options["loss"] = "perceptual";
    EXPECT_THROW(make_task(recipe, ""), UsageError);
}

}  // namespace
}  // namespace affectsr
