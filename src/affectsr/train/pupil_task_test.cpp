#include "affectsr/train/pupil_task.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/train/test_covpool.h"

namespace affectsr {
namespace {

class PupilTaskTest : public OnCovpoolTest {
 protected:
    Recipe recipe(double peak) const {
        return recipe_of(
            "pupil",
            {{"model", covpool_.string()},
             {"learning",
              {{"optimiser", {{"name", "adam"}}}, {"schedule", {{"peak", peak}, {"warm_up", 0}, {"last", 1}}}}}});
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
