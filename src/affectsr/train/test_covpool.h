// Training on a trained covpool, for the tests of the tasks that stand on one.
#pragma once

#include <filesystem>

#include "affectsr/classify/covpool.h"
#include "affectsr/learn/threads.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/train/test_trainer.h"

namespace affectsr {

/// Beside the faces lies a covpool of random weights, which looks at 32 px and whose features have a side of 32.
class OnCovpoolTest : public TrainerTest {
 protected:
    OnCovpoolTest() {
        set_libtorch_threads(1);
        CovpoolOptions covpool;
        covpool.input_px = 32, covpool.width = 16, covpool.hidden = 24, covpool.features = 16;
        ModelFile file;
        file.tensors = first_weights(covpool_plan(covpool), 4);
        file.card.network = "covpool";
        file.card.options = to_json(covpool);
        file.card.labels = names_of(seven_emotions());
        file.save(covpool_);
    }
    /// `task` on faces that are a quarter of their size.
    Recipe recipe_of(const char* task, const Json& options) const {
        Recipe recipe = faces_.recipe();
        recipe.task = {task, options};
        recipe.augmentation.small_share = 1;
        recipe.augmentation.least_scale = recipe.augmentation.most_scale = 4;
        return recipe;
    }
    const std::filesystem::path covpool_ = faces_.folder() / "covpool.safetensors";
};

}  // namespace affectsr
