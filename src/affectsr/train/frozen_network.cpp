#include "affectsr/train/frozen_network.h"

#include <ATen/Parallel.h>

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/base/sha256.h"
#include "affectsr/checkpoint/published.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/classify/feature_network.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/detect/landmark_network.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/engine_play.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/train/learner.h"
#include "affectsr/weights/mapped_file.h"

namespace affectsr {

namespace {

int step_called(const Plan& plan, const std::string& name) {
    std::string known;
    for (const auto* values : {&plan.outputs, &plan.marks})
        for (const Plan::Output& value : *values) {
            if (value.name == name) return value.step;
            known += (known.empty() ? "" : ", ") + value.name;
        }
    throw UsageError("the network has no layer called \"" + name + "\"; it has: " + known, "unknown_layer");
}

std::vector<std::string> names_in(const std::vector<Plan::Output>& values) {
    std::vector<std::string> names;
    for (const Plan::Output& value : values) names.push_back(value.name);
    return names;
}

template <class Network>
bool knows(std::span<const Entry<Network>> catalog, const std::string& name) {
    return std::any_of(catalog.begin(), catalog.end(), [&](const Entry<Network>& entry) { return entry.name == name; });
}

/// A file that somebody published, with the weights of one of the backbones.
TrainedNetwork open_published(const std::filesystem::path& path, const std::string& name, int px) {
    TrainedNetwork opened;
    opened.plan = find(feature_network_catalog(), name, "feature network").make({{"input_px", px}})->plan;
    opened.layers = names_in(opened.plan.outputs);
    opened.weights = read_published(path).tensors;
    opened.input_px = px;
    opened.account = {{"name", path.stem().string()}, {"sha256", sha256_hex(MappedFile::open(path).bytes())}};
    return opened;
}

/// One of our model files.
TrainedNetwork open_ours(const std::filesystem::path& path, const std::string& model) {
    const ModelFile file = ModelFile::open(path);
    TrainedNetwork opened;
    opened.network = file.card.network;
    if (knows(expression_network_catalog(), opened.network)) {
        const auto network = find(expression_network_catalog(), opened.network, "network").make(file.card.options);
        opened.plan = network->plan;
        opened.input_px = network->needs.input_px;
        opened.channels = network->needs.channels;
    } else if (knows(landmark_network_catalog(), opened.network)) {
        const auto network = find(landmark_network_catalog(), opened.network, "network").make(file.card.options);
        opened.plan = network->plan;
        opened.input_px = network->input_px;
    } else {
        throw ModelError("model_does_not_fit", path.string() + " holds a network \"" + opened.network +
                                                   "\"; a loss looks through an expression or a landmark network");
    }
    opened.layers = names_in(opened.plan.marks);
    opened.weights = file.tensors;
    opened.account = account_of(model, file);
    return opened;
}

}  // namespace

Plan part_of_plan(const Plan& plan, const std::vector<std::string>& names) {
    std::vector<bool> needed(plan.steps.size(), false);
    for (const std::string& name : names) needed[static_cast<std::size_t>(step_called(plan, name))] = true;
    for (std::size_t i = plan.steps.size(); i-- > 0;)
        if (needed[i])
            for (const int input : plan.steps[i].inputs) needed[static_cast<std::size_t>(input)] = true;
    Plan part;
    std::vector<int> place(plan.steps.size(), -1);
    for (std::size_t i = 0; i < plan.steps.size(); ++i) {
        if (!needed[i]) continue;
        place[i] = static_cast<int>(part.steps.size());
        part.steps.push_back(plan.steps[i]);
        for (int& input : part.steps.back().inputs) input = place[static_cast<std::size_t>(input)];
    }
    for (const std::string& name : names)
        part.outputs.push_back({name, place[static_cast<std::size_t>(step_called(plan, name))]});
    return part;
}

TrainedNetwork open_trained(const std::string& model, const std::string& network, const std::filesystem::path& folder,
                            int px) {
    if (!network.empty()) find(feature_network_catalog(), network, "feature network");  // before a file is looked for
    const std::filesystem::path path = model_in_reach(model, folder);
    TrainedNetwork opened = network.empty() ? open_ours(path, model) : open_published(path, network, px);
    if (!network.empty()) opened.network = network;
    opened.where = path.string();
    return opened;
}

FrozenNetwork::FrozenNetwork(const Plan& plan, const std::vector<std::string>& names, const TensorMap& weights,
                             const std::string& where)
    : module_(std::make_unique<PlanModule>(part_of_plan(plan, names))) {
    TensorMap needed;
    for (const Parameter& parameter : module_->plan().parameters())
        if (const auto found = weights.find(parameter.name); found != weights.end()) needed.insert(*found);
    load_state(*module_, needed, where);
    module_->eval();
    module_->to(learning_device());
    for (Tensor& parameter : module_->parameters()) parameter.requires_grad_(false);
}

std::map<std::string, Tensor> FrozenNetwork::answer(const Tensor& shown) {
    const torch::NoGradGuard no_grad;
    if (const PlanEngine* const engine = engine_for(shown)) {
        const Step& input = plan().steps[static_cast<std::size_t>(plan().inputs().at(0))];
        return play_by_engine(*engine, {{input.as<step::PlanInput>()->name, shown}}, at::get_num_threads());
    }
    std::map<std::string, Tensor> answers = module_->play(shown);
    for (auto& [name, tensor] : answers) tensor = tensor.to(torch::kFloat);
    return answers;
}

const PlanEngine* FrozenNetwork::engine_for(const Tensor& shown) {
    const std::optional<at::ScalarType> autocast = autocast_type();
    if (!weights_stay_ || !engine_available() || !shown.is_cpu() || shown.scalar_type() != at::kFloat ||
        (autocast && *autocast != at::kBFloat16))
        return nullptr;
    const Precision precision = autocast ? Precision::bf16 : Precision::f32;
    const auto found = engines_.find(precision);
    if (found != engines_.end()) return &found->second;
    return &engines_.try_emplace(precision, plan(), state_of(*module_), precision).first->second;
}

void FrozenNetwork::take_weights(const PlanModule& from) {
    weights_stay_ = false;
    engines_.clear();
    const torch::NoGradGuard no_grad;
    const auto theirs = from.named_parameters();
    for (auto& ours : module_->named_parameters()) ours.value().copy_(theirs[ours.key()]);
}

}  // namespace affectsr
