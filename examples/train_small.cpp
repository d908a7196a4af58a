// Trains by a recipe and shows where it stands:  train_small RECIPE.json DATA_FOLDER OUT_FOLDER
#include <cstdio>

#include "affectsr/base/error.h"
#include "affectsr/train/run.h"

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: train_small RECIPE.json DATA_FOLDER OUT_FOLDER\n");
        return 2;
    }
    try {
        affectsr::TrainerOptions options;
        options.folder = argv[3];
        options.on_step = [](const affectsr::TrainProgress& at) {
            std::fprintf(stderr, "\repoch %d/%d  step %llu/%llu  loss %.3f  %.0f faces/s ", at.epoch, at.epochs,
                         static_cast<unsigned long long>(at.step), static_cast<unsigned long long>(at.steps), at.loss,
                         at.faces_per_s);
        };
        const affectsr::TrainReport report = affectsr::train_by_recipe(argv[1], argv[2], 2, options);
        std::printf("\n%s after %.0f s; held-out faces: %s\n", report.model.c_str(), report.seconds,
                    report.validation.dump().c_str());
        return 0;
    } catch (const affectsr::Error& error) {
        std::fprintf(stderr, "\ntrain_small: %s\n", error.what());
        return error.exit_code();
    }
}
