#include "affectsr/restore/edsr_ends.h"

#include <array>
#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr std::array kMeanColour{0.4488, 0.4371, 0.4040};  // of DIV2K's training pictures; sanghyun-son/EDSR-PyTorch

std::vector<float> mean_colour(double sign) {
    std::vector<float> mean;
    for (const double part : kMeanColour) mean.push_back(static_cast<float>(sign * kEdsrWhite * part));
    return mean;
}

bool equal(const TensorMap& tensors, const std::string& name, const std::vector<float>& wanted) {
    constexpr float kRounding = 1.0f / 128;  // of numbers kept in bf16
    const auto found = tensors.find(name);
    if (found == tensors.end()) return false;
    const std::vector<float> values = found->second.floats();
    if (values.size() != wanted.size()) return false;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (!(std::abs(values[i] - wanted[i]) <= kRounding * std::abs(wanted[i]) + 1e-3f)) return false;
    return true;
}

/// Leaves the authors' fixed 1×1 convolutions out, if they are what our plans do in their place.
void drop_mean_shift(TensorMap& tensors, const std::string& step, double sign) {
    const std::vector<float> identity{1, 0, 0, 0, 1, 0, 0, 0, 1};
    if (!equal(tensors, step + ".weight", identity) || !equal(tensors, step + ".bias", mean_colour(sign))) return;
    tensors.erase(step + ".weight");
    tensors.erase(step + ".bias");
}

}  // namespace

std::vector<float> edsr_mean_colour() {
    return mean_colour(1);
}

Value without_mean_colour(PlanBuilder& p, Value x) {
    return p.shift(p.scale(x, kEdsrWhite), mean_colour(-1));
}

Value with_mean_colour(PlanBuilder& p, Value x) {
    return p.scale(p.shift(x, mean_colour(1)), 1 / kEdsrWhite);
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

TensorMap rename_edsr_family(TensorMap published, int body_layers,
                             const std::function<std::string(std::string)>& within_body) {
    drop_mean_shift(published, "sub_mean", -1);
    drop_mean_shift(published, "add_mean", 1);
    if (!published.contains("conv_first.weight")) return published;
    TensorMap named;
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
