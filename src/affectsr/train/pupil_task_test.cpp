#include "affectsr/train/pupil_task.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/learn/threads.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/train/test_trainer.h"

namespace affectsr {
namespace {

/// A recipe on a covpool of random weights, in "covpool.safetensors".
class PupilTaskTest : public TrainerTest {
 protected:
    PupilTaskTest() {
        set_libtorch_threads(1);
        CovpoolOptions covpool;
        covpool.input_px = 32, covpool.width = 16, covpool.hidden = 24, covpool.features = 16;
        ModelFile file;
        file.tensors = first_weights(covpool_plan(covpool), 4);
        file.card.network = "covpool";
        file.card.options = to_json(covpool);
        file.card.labels = names_of(seven_emotions());
        file.save(faces_.folder() / "covpool.safetensors");
    }
    Recipe recipe(double peak) const {
        Recipe recipe = faces_.recipe();
        const Json learning{{"optimiser", {{"name", "adam"}}},
                            {"schedule", {{"peak", peak}, {"warm_up", 0}, {"last", 1}}}};
        recipe.task = {"pupil",
                       {{"model", (faces_.folder() / "covpool.safetensors").string()}, {"learning", learning}}};
        recipe.augmentation.small_share = 1;
        recipe.augmentation.least_scale = recipe.augmentation.most_scale = 4;
        return recipe;
    }
};

// Before it has learned it is its teacher: what it makes of the small face is as far off as what the teacher makes.
TEST_F(PupilTaskTest, BeginsAsItsTeacherAndComesNearerToWhatThatMakesOfLargeFaces) {
    const auto task = make_task(recipe(1e-3), "");
    const Batch batch = task->open_data({})->at({0, 0}, {});
    const double first = task->step(batch, {}, Alone{}).at("perceptual");
    EXPECT_GT(first, 0) << "a small face is not read like a large one";
    for (int i = 0; i < 30; ++i) task->step(batch, {}, Alone{});
    EXPECT_LT(task->step(batch, {}, Alone{}).at("perceptual"), 0.9 * first);
    EXPECT_EQ(task->models().size(), 1U);
    EXPECT_EQ(task->models().begin()->second.card.network, "covpool");
}

TEST_F(PupilTaskTest, NamesItsTeacher) {
    const auto task = make_task(recipe(1e-3), "");
    EXPECT_NE(task->stands_on().dump().find("covpool"), std::string::npos);
}

TEST_F(PupilTaskTest, WantsATeacherThatIsThere) {
    Recipe without = recipe(1e-3);
    without.task.options["model"] = (faces_.folder() / "none.safetensors").string();
    EXPECT_THROW(make_task(without, ""), ModelError);
    Recipe parted = recipe(1e-3);
    parted.accumulate = 2;
    EXPECT_THROW(make_task(parted, ""), UsageError);
}

}  // namespace
}  // namespace affectsr
