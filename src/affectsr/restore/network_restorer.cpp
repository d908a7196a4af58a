#include "affectsr/restore/network_restorer.h"

#include <torch/torch.h>

#include "affectsr/base/error.h"
#include "affectsr/image/resize.h"
#include "affectsr/learn/plan_module.h"

namespace affectsr {

namespace {

constexpr int kLargestInput = 4096;  // px; what a card may claim

/// The side of the crops that the card names; 0: it names none.
int input_px_of(const ModelCard& card, const std::string& where) {
    if (!card.input.is_object() || !card.input.contains("size_px")) return 0;
    const Json& size = card.input["size_px"];
    const bool whole = size.is_number_integer();
    if (!whole || size.get<std::int64_t>() < 0 || size.get<std::int64_t>() > kLargestInput)
        throw ModelError("model_does_not_fit", where + ": its card's input has the \"size_px\" " + size.dump() +
                                                   "; a whole number of pixels up to " + std::to_string(kLargestInput) +
                                                   " is needed");
    return size.get<int>();
}

/// [1, points, 3], in pixels of the crop resized by `scale`: (p + 1/2)·scale − 1/2, pixel centres at integers.
Tensor landmark_tensor(const Landmarks& landmarks, float scale) {
    Tensor points = torch::empty({1, static_cast<std::int64_t>(landmarks.size()), 3});
    auto rows = points.accessor<float, 3>();
    for (std::size_t i = 0; i < landmarks.size(); ++i) {
        auto row = rows[0][static_cast<std::int64_t>(i)];
        row[0] = (landmarks[i].x + 0.5f) * scale - 0.5f;
        row[1] = (landmarks[i].y + 0.5f) * scale - 0.5f;
        row[2] = landmarks[i].z * scale;
    }
    return points;
}

}  // namespace

NetworkRestorer::NetworkRestorer(std::shared_ptr<SrNetwork> network, const ModelFile& file, Precision precision,
                                 const std::string& where)
    : network_(std::move(network)), needs_(network_->needs()), precision_(used_precision(precision)) {
    needs_.input_px = input_px_of(file.card, where);
    load_state(*network_, file.tensors, where);
    network_->eval();
    for (Tensor& parameter : network_->parameters()) parameter.set_requires_grad(false);
    compile_plans(*network_, precision);
}

std::vector<Restored> NetworkRestorer::restore_all(std::span<const FaceCrop> crops) const {
    std::vector<Restored> restored;
    for (const FaceCrop& crop : crops) restored.push_back(restored_of(crop));
    return restored;
}

Restored NetworkRestorer::restored_of(const FaceCrop& crop) const {
    AFFECTSR_EXPECT(!crop.pixels.empty(), "a crop to restore must have pixels");
    AFFECTSR_EXPECT(
        needs_.landmarks == 0 || crop.landmarks_in_crop.size() == static_cast<std::size_t>(needs_.landmarks),
        "a crop carries the landmarks that its restorer needs");
    const int side = needs_.input_px > 0 ? needs_.input_px : crop.pixels.width;
    const int rows = needs_.input_px > 0 ? needs_.input_px : crop.pixels.height;
    const torch::InferenceMode inference;
    SrInput input{to_tensor(resize(crop.pixels, {side, rows}, Filter::bicubic))};
    if (needs_.landmarks > 0)
        input.landmarks = landmark_tensor(crop.landmarks_in_crop, static_cast<float>(side) / crop.pixels.width);
    const Tensor sr = network_->forward(input).sr[0];  // [3, h·scale, w·scale]
    if (!torch::isfinite(sr).all().item<bool>()) return {{}, "restorer_not_finite"};
    return {to_image(sr), ""};
}

}  // namespace affectsr
