#include "affectsr/restore/edsr_ends.h"

#include <torch/torch.h>

#include <array>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr std::array kMeanColour{0.4488, 0.4371, 0.4040};  // of DIV2K's training pictures; sanghyun-son/EDSR-PyTorch
constexpr std::array kIdentity{1.f, 0.f, 0.f, 0.f, 1.f, 0.f, 0.f, 0.f, 1.f};

HostTensor mean_colour(double sign) {
    std::array<float, 3> bias{};
    for (std::size_t c = 0; c < 3; ++c) bias[c] = static_cast<float>(sign * kEdsrWhite * kMeanColour[c]);
    return HostTensor::from_floats(bias, {3});
}

}  // namespace

Value sub_mean(PlanBuilder& p, Value x) {
    return p.conv("sub_mean", x, 3, {.kernel = 1});
}

Value add_mean(PlanBuilder& p, Value x) {
    return p.conv("add_mean", x, 3, {.kernel = 1});
}

TensorMap mean_shift_state() {
    const HostTensor identity = HostTensor::from_floats(kIdentity, {3, 3, 1, 1});
    return {{"sub_mean.weight", identity},
            {"sub_mean.bias", mean_colour(-1)},
            {"add_mean.weight", identity},
            {"add_mean.bias", mean_colour(1)}};
}

void fix_mean_shift(torch::nn::Module& network) {
    const torch::NoGradGuard no_grad;
    auto parameters = network.named_parameters();
    for (const auto& [name, constant] : mean_shift_state()) {
        parameters[name].copy_(to_tensor(constant));
        parameters[name].set_requires_grad(false);
    }
}

Value edsr_tail(PlanBuilder& p, Value x, int scale, const std::string& network) {
    if (scale != 2 && scale != 3 && scale != 4 && scale != 8)
        throw UsageError(network + ": \"scale\" must be 2, 3, 4 or 8, got " + std::to_string(scale));
    const int width = p.channels(x);
    const int factor = scale == 3 ? 3 : 2;
    int index = 0;  // of "tail.0": convolutions and shuffles are counted
    for (int done = 1; done < scale; done *= factor, index += 2)
        x = p.pixel_shuffle(p.conv("tail.0." + std::to_string(index), x, factor * factor * width), factor);
    return p.conv("tail.1", x, 3);
}

TensorMap rename_basicsr(TensorMap published, int body_layers,
                         const std::function<std::string(std::string)>& within_body) {
    if (!published.contains("conv_first.weight")) return published;
    TensorMap named = mean_shift_state();
    for (auto& [name, tensor] : published) {
        const std::size_t end = std::min(name.rfind('.'), name.size());
        std::string layer = name.substr(0, end);
        if (layer.starts_with("body.")) layer = within_body(layer);
        if (layer == "conv_first") layer = "head.0";
        if (layer == "conv_after_body") layer = "body." + std::to_string(body_layers);
        if (layer == "conv_last") layer = "tail.1";
        if (layer.starts_with("upsample.")) replace_part(layer, "upsample.", "tail.0.");
        named[layer + name.substr(end)] = std::move(tensor);
    }
    return named;
}

void replace_part(std::string& name, const std::string& part, const std::string& ours) {
    if (const std::size_t at = name.find(part); at != std::string::npos) name.replace(at, part.size(), ours);
}

}  // namespace affectsr
