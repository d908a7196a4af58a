#include "affectsr/experiment/picture_features.h"

#include <numeric>

#include "affectsr/base/error.h"
#include "affectsr/checkpoint/published.h"
#include "affectsr/classify/feature_network.h"
#include "affectsr/image/float_planes.h"
#include "affectsr/metric/lpips.h"

namespace affectsr {

namespace {

Plan feature_plan(const std::string& network, int input_px) {
    return find(feature_network_catalog(), network, "feature network").make({{"input_px", input_px}})->plan;
}

/// The plan's parameters out of a file that may hold more: the layers behind those that are looked at.
TensorMap weights_from(const Plan& plan, const std::filesystem::path& file) {
    const TensorMap published = read_published(file).tensors;
    TensorMap needed;
    for (const Parameter& parameter : plan.parameters())
        if (const auto found = published.find(parameter.name); found != published.end()) needed.insert(*found);
    return adopt(plan, needed, file.string());
}

std::vector<std::vector<float>> heads_from(const std::filesystem::path& file, const std::vector<int>& channels) {
    if (file.empty()) return {};
    const TensorMap published = read_published(file).tensors;
    std::vector<std::vector<float>> heads;
    for (std::size_t i = 0; i < channels.size(); ++i) {
        const std::string name = "lin" + std::to_string(i) + ".model.1.weight";
        const auto found = published.find(name);
        if (found == published.end() || found->second.count() != channels[i])
            throw ModelError("model_does_not_fit", file.string() + " has no " + name + " for " +
                                                       std::to_string(channels[i]) +
                                                       " channels; name LPIPS's heads of this network");
        heads.push_back(found->second.floats());
    }
    return heads;
}

std::vector<int> channels_of(const Plan& plan) {
    std::vector<int> channels;
    for (const Plan::Output& output : plan.outputs)
        channels.push_back(plan.steps[static_cast<std::size_t>(output.step)].out_channels);
    return channels;
}

}  // namespace

PictureFeatures::PictureFeatures(const std::string& network, const std::filesystem::path& backbone,
                                 const std::filesystem::path& heads, int input_px)
    : plan_(feature_plan(network, input_px)),
      input_px_(input_px),
      engine_(plan_, weights_from(plan_, backbone), Precision::f32),
      channels_(channels_of(plan_)),
      heads_(heads_from(heads, channels_)) {}

PictureFeatures::Layers PictureFeatures::see(const Image& picture) const {
    AFFECTSR_EXPECT((picture.size() == ImageSize{input_px_, input_px_}), "a picture of the size that was named");
    std::vector<float> planes(static_cast<std::size_t>(input_px_) * static_cast<std::size_t>(input_px_) * 3);
    write_planes(picture, 3, planes);
    const std::vector<ValueShape> shapes = plan_.shapes(input_px_, input_px_);
    Layers layers;
    for (const Plan::Output& output : plan_.outputs)
        layers.emplace_back(static_cast<std::size_t>(shapes[static_cast<std::size_t>(output.step)].count()));
    Results results;
    for (std::size_t i = 0; i < layers.size(); ++i) results[plan_.outputs[i].name] = layers[i];
    engine_.run({1, input_px_, input_px_}, planes, results);
    return layers;
}

double PictureFeatures::distance(const Layers& hr, const Layers& sr) const {
    std::vector<FeatureMap> of_hr, of_sr;
    for (std::size_t i = 0; i < channels_.size(); ++i) {
        of_hr.push_back({channels_[i], hr.at(i)});
        of_sr.push_back({channels_[i], sr.at(i)});
    }
    return lpips_distance(of_hr, of_sr, heads_).distance;
}

std::vector<float> PictureFeatures::means(const Layers& layers) const {
    const std::vector<float>& last = layers.at(channels_.size() - 1);
    const std::size_t pixels = last.size() / static_cast<std::size_t>(channels_.back());
    std::vector<float> means;
    for (std::size_t begin = 0; begin < last.size(); begin += pixels) {
        const auto from = last.begin() + static_cast<std::ptrdiff_t>(begin);
        const double sum = std::accumulate(from, from + static_cast<std::ptrdiff_t>(pixels), 0.0);
        means.push_back(static_cast<float>(sum / static_cast<double>(pixels)));
    }
    return means;
}

}  // namespace affectsr
