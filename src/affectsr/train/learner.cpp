#include "affectsr/train/learner.h"

#include <torch/cuda.h>
#include <torch/serialize.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "affectsr/base/error.h"
#include "affectsr/base/log.h"
#include "affectsr/base/sha256.h"
#include "affectsr/checkpoint/published.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/stiefel.h"
#include "affectsr/train/averaged_weights.h"
#include "affectsr/weights/mapped_file.h"

namespace affectsr {

namespace {

constexpr const char* kOptimiserState = "optimiser";
constexpr const char* kNetworkPrefix = "network.";
constexpr const char* kAveragePrefix = "average.";
constexpr const char* kAverageSteps = "average_steps";

std::vector<std::string> orthonormal_in(const Plan& plan) {
    std::vector<std::string> names;
    for (const Step& step : plan.steps)
        if (step.is<step::Congruence>()) names.push_back(step.name + ".weight");
    return names;
}

}  // namespace

torch::Device learning_device() {
    return torch::cuda::is_available() ? torch::kCUDA : torch::kCPU;
}

std::filesystem::path model_in_reach(const std::string& name, const std::filesystem::path& folder) {
    for (const char* ending : {"", ".safetensors"}) {
        const std::filesystem::path path = folder / (name + ending);
        std::error_code ignored;  // find_model tells what is missing
        if (std::filesystem::is_regular_file(path, ignored)) return path;
    }
    return find_model(name);
}

Json account_of(const std::string& name, const ModelFile& file) {
    return {{"name", std::filesystem::path(name).stem().string()}, {"sha256", file.card.sha256}};
}

TensorMap part_of(const TensorMap& state, const std::string& prefix) {
    TensorMap part;
    for (const auto& [name, tensor] : state)
        if (name.starts_with(prefix)) part[name.substr(prefix.size())] = tensor;
    return part;
}

void add_part(TensorMap& state, const std::string& prefix, TensorMap part) {
    for (auto& [name, tensor] : part) state[prefix + name] = std::move(tensor);
}

namespace {

/// oneDNN and cuDNN want it for their fast bf16 convolutions.
void lay_channels_last(PlanModule& module) {
    const torch::NoGradGuard no_grad;
    for (Tensor& parameter : module.parameters())
        if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
}

}  // namespace

Learner::Learner(const Plan& plan, const LearnerOptions& options, std::uint64_t seed,
                 const std::filesystem::path& folder)
    : options_(options), module_(std::make_unique<PlanModule>(plan, seed)) {
    begin_as_asked();
    if (!options_.start.empty()) start_from(folder);
    module_->to(learning_device());
    at::globalContext().setBenchmarkCuDNN(true);  // a run has few shapes, each many times
    lay_channels_last(*module_);
    orthonormal_ = orthonormal_in(plan);
    optimiser_ = make_optimiser(options_.optimiser, *module_, orthonormal_);
    if (options_.optimiser.averaging == 0) return;
    average_ = std::make_unique<PlanModule>(plan, seed);
    load_state(*average_, state_of(*module_), "the first weights");
    average_->to(learning_device());
    lay_channels_last(*average_);
}

namespace {

/// 0, or of a convolution that is `passing` 1 from every channel's middle pixel to the same channel.
void set_first(Tensor& tensor, const std::string& name, bool passing) {
    tensor.zero_();
    if (!passing || name.ends_with(".bias")) return;
    if (tensor.dim() != 4 || tensor.size(0) != tensor.size(1) || tensor.size(2) % 2 == 0)
        throw UsageError("\"passing\": " + name +
                         " is no convolution of an odd side that makes as many channels as it reads, "
                         "so it cannot be the identity; name others");
    for (std::int64_t c = 0; c < tensor.size(0); ++c)
        tensor.index_put_({c, c, tensor.size(2) / 2, tensor.size(3) / 2}, 1);
}

}  // namespace

void Learner::begin_as_asked() {
    const torch::NoGradGuard no_grad;
    for (const std::string& beginning : options_.frozen) {
        const auto known = module_->named_parameters();
        if (std::none_of(known.begin(), known.end(),
                         [&](const auto& parameter) { return parameter.key().starts_with(beginning); }))
            throw UsageError("\"frozen\": no layer's name begins with \"" + beginning + "\"");
    }
    for (const bool passing : {false, true})
        for (const std::string& beginning : passing ? options_.passing : options_.silent) {
            bool found = false;
            for (auto& parameter : module_->named_parameters()) {
                if (!parameter.key().starts_with(beginning)) continue;
                set_first(parameter.value(), parameter.key(), passing);
                found = true;
            }
            if (!found)
                throw UsageError(std::string(passing ? "\"passing\"" : "\"silent\"") +
                                 ": no layer's name begins with \"" + beginning +
                                 "\"; layers are called as in the network's plan, such as \"conv_up1\"");
        }
}

namespace {

/// A model file, or what others publish, its tensors under their names.
ModelFile opened(const std::filesystem::path& path) {
    if (path.extension() == ".safetensors") return ModelFile::open(path);
    ModelFile file;
    file.tensors = read_published(path).tensors;
    file.card.sha256 = sha256_hex(MappedFile::open(path).bytes());
    return file;
}

}  // namespace

void Learner::start_from(const std::filesystem::path& folder) {
    const std::filesystem::path path = model_in_reach(options_.start, folder);
    const ModelFile file = opened(path);
    TensorMap mixed = state_of(*module_);
    std::size_t taken = 0, others = 0;
    for (auto& [name, tensor] : mixed) {
        const auto given = file.tensors.find(name);
        if (given == file.tensors.end() || given->second.shape() != tensor.shape()) {
            ++others;
            continue;
        }
        tensor = given->second;
        ++taken;
    }
    if (taken == 0)
        throw ModelError("model_does_not_fit",
                         path.string() +
                             ": none of its tensors has a name and shape of the network's, so nothing can "
                             "start from it; take the \"start\" away or name another model");
    if (others > 0)
        log(LogLevel::info, path.string() + ": " + std::to_string(taken) + " tensors are started from; " +
                                std::to_string(others) + " of the network have no like there and start anew");
    load_state(*module_, mixed, path.string());
    started_from_ = account_of(options_.start, file);
}

void Learner::begin_step(const World& world) {
    if (world.size() > 1)
        module_->share_statistics({world.size(), [&world](Tensor& numbers) {
                                       std::vector<Tensor> one{numbers};
                                       world.average(one);
                                   }});
    module_->train();
    optimiser_->zero_grad();
}

namespace {

/// Makes the norm over all gradients at most `most` (Pascanu et al. 2013), without waiting for a GPU.
void clip(const std::vector<Tensor>& gradients, double most) {
    const torch::NoGradGuard no_grad;
    const std::vector<Tensor> norms = at::_foreach_norm(gradients);
    const Tensor share = (most / (torch::stack(norms).norm() + 1e-6)).clamp_max(1);
    for (const Tensor& gradient : gradients) gradient.mul_(share);
}

}  // namespace

void Learner::step_orthonormal(double rate) {
    const torch::NoGradGuard no_grad;
    for (const std::string& name : orthonormal_) {
        Tensor weight = module_->named_parameters()[name];
        if (weight.grad().defined()) weight.copy_(stiefel_step(weight, weight.grad(), rate));
    }
}

namespace {

/// Of all parameters that have one, averaged over all processes.
std::vector<Tensor> gradients_of(const PlanModule& module, const World& world) {
    std::vector<Tensor> gradients;
    for (const Tensor& parameter : module.parameters())
        if (parameter.grad().defined()) gradients.push_back(parameter.grad());
    world.average(gradients);
    return gradients;
}

}  // namespace

bool Learner::is_frozen(const std::string& name, double done) const {
    return done < options_.frozen_until &&
           std::any_of(options_.frozen.begin(), options_.frozen.end(),
                       [&name](const std::string& beginning) { return name.starts_with(beginning); });
}

void Learner::forget_frozen_gradients(double done) {
    if (options_.frozen.empty()) return;
    for (auto& parameter : module_->named_parameters())
        if (is_frozen(parameter.key(), done)) parameter.value().mutable_grad() = Tensor();
}

bool Learner::climb(const RunProgress& progress, const World& world) {
    const OptimiserOptions& optimiser = options_.optimiser;
    if (optimiser.sharpness_rho == 0) return false;
    forget_frozen_gradients(progress.done);
    gradients_of(*module_, world);
    climb_.emplace(module_->parameters(), optimiser.sharpness_rho, optimiser.sharpness_adaptive);
    optimiser_->zero_grad();
    return true;
}

double Learner::update(const RunProgress& progress, const World& world) {
    const double rate = learning_rate(options_.schedule, progress.done);
    set_learning_rate(*optimiser_, rate);
    if (options_.optimiser.sharpness_rho > 0 && !climb_)
        throw UsageError("\"sharpness_rho\": this task does not measure its gradients twice; leave it out");
    if (climb_) climb_->descend();
    climb_.reset();
    forget_frozen_gradients(progress.done);
    const std::vector<Tensor> gradients = gradients_of(*module_, world);
    if (options_.optimiser.clip_norm > 0) clip(gradients, options_.optimiser.clip_norm);
    optimiser_->step();
    step_orthonormal(rate * options_.orthonormal_rate);
    if (average_) move_average(*average_, *module_, options_.optimiser.averaging, averaged_steps_++);
    if (average_) {  // the mean of two such matrices is none
        const torch::NoGradGuard no_grad;
        for (const std::string& name : orthonormal_)
            average_->named_parameters()[name].copy_(module_->named_parameters()[name]);
    }
    return rate;
}

TensorMap Learner::state() const {
    TensorMap state;
    add_part(state, kNetworkPrefix, state_of(*module_));
    if (average_) {
        add_part(state, kAveragePrefix, state_of(*average_));
        state[kAverageSteps] = HostTensor::from_ints(std::array{static_cast<std::int64_t>(averaged_steps_)}, {1});
    }
    std::ostringstream stream;
    torch::save(*optimiser_, stream);
    const std::string bytes = stream.str();
    state[kOptimiserState] = HostTensor::from_bytes(std::as_bytes(std::span(bytes)));
    return state;
}

void Learner::load(const TensorMap& state, const std::string& where) {
    load_state(*module_, part_of(state, kNetworkPrefix), where);
    if (average_) {
        load_state(*average_, part_of(state, kAveragePrefix), where);
        const auto steps = state.find(kAverageSteps);
        if (steps == state.end() || steps->second.count() != 1 || steps->second.ints()[0] < 0)
            throw ModelError("model_damaged", where + " does not tell how many steps its average has seen");
        averaged_steps_ = static_cast<std::uint64_t>(steps->second.ints()[0]);
    }
    const auto optimiser = state.find(kOptimiserState);
    if (optimiser == state.end()) throw ModelError("model_damaged", where + " holds no optimiser state");
    const auto bytes = optimiser->second.bytes();
    std::istringstream stream(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    torch::load(*optimiser_, stream, learning_device());
}

TensorMap Learner::weights() const {
    TensorMap weights;
    for (const auto& item : judged().named_parameters()) weights[item.key()] = to_host(item.value()).cast(DType::bf16);
    for (const auto& item : judged().named_buffers())
        if (!item.key().ends_with("num_batches_tracked")) weights[item.key()] = to_host(item.value());
    return weights;
}

}  // namespace affectsr
