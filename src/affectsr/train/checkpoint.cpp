#include "affectsr/train/checkpoint.h"

namespace affectsr {

void Checkpoint::save(const std::filesystem::path& path) const {
    ModelFile file;
    file.tensors = state;
    file.card.network = "checkpoint";
    file.card.recipe = recipe;
    file.card.figures = {{"step", step}, {"seconds", seconds}, {"validation", validation}};
    file.save(path);
}

Checkpoint Checkpoint::open(const std::filesystem::path& path) {
    ModelFile file = ModelFile::open(path);
    if (file.card.network != "checkpoint" || !file.card.figures.contains("step"))
        throw ModelError("model_damaged", path.string() + " is not a training checkpoint");
    return {file.card.recipe, file.card.figures["step"].get<std::uint64_t>(), file.card.figures["validation"],
            file.card.figures["seconds"].get<double>(), std::move(file.tensors)};
}

}  // namespace affectsr
