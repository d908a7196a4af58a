#include "affectsr/train/covpool_faces.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/tensor.h"
#include "affectsr/train/face_source.h"
#include "affectsr/train/learner.h"

namespace affectsr {

ModelFile open_covpool(const std::string& name, const std::filesystem::path& folder) {
    const std::filesystem::path path = model_in_reach(name, folder);
    ModelFile file = ModelFile::open(path);
    if (file.card.network != "covpool")
        throw ModelError("model_does_not_fit",
                         path.string() + " holds a network \"" + file.card.network + "\"; a \"covpool\" is needed");
    return file;
}

std::unique_ptr<SampleSource> covpool_faces(const CovpoolOptions& network, const Recipe& recipe,
                                            const DataLoading& loading) {
    FaceNeeds needs;
    needs.px = network.input_px;
    needs.channels = 3;
    needs.hr = true;
    needs.heads = {kCovpoolHead};
    needs.without_target = true;
    return std::make_unique<FaceSource>(face_source_options(recipe, loading), needs);
}

Json accuracy_by_size(const SampleSource& source, const Recipe& recipe, const CovpoolReading& read) {
    constexpr std::int64_t kFacesAtOnce = 32;
    const torch::NoGradGuard no_grad;
    Json figures = Json::object();
    for (const int size : recipe.validation.sizes) {
        std::int64_t labelled = 0;
        std::map<std::string, std::int64_t> right;
        for (std::int64_t first = 0; first < source.held_out_count(); first += kFacesAtOnce) {
            const Batch batch = source.held_out(first, std::min(kFacesAtOnce, source.held_out_count() - first), size);
            const Tensor target = batch.at(std::string("target.") + kCovpoolHead);
            const Tensor known = (target.sum(1) > 0).nonzero().view({-1});
            if (known.numel() == 0) continue;
            labelled += known.numel();
            const Tensor expected = target.index_select(0, known).argmax(1);
            for (const auto& [name, logits] : read(batch.at("face").index_select(0, known)))
                right[name] += (logits.to(torch::kCPU).argmax(1) == expected).sum().item<std::int64_t>();
        }
        if (labelled == 0) continue;
        for (const auto& [name, count] : right)
            figures[name][std::to_string(size)] =
                std::round(static_cast<double>(count) / static_cast<double>(labelled) * 1e4) / 1e4;
    }
    return figures;
}

ModelFile made_of_covpool(const ModelFile& covpool, const std::string& network, Json options, TensorMap tensors) {
    ModelFile file;
    file.tensors = std::move(tensors);
    file.card.network = network;
    file.card.options = std::move(options);
    file.card.labels = covpool.card.labels;
    file.card.heads = covpool.card.heads;
    file.card.input = covpool.card.input;
    return file;
}

Tensor squared_distances(const Tensor& a, const Tensor& b) {
    return (a - b).square().flatten(1).sum(1);
}

}  // namespace affectsr
