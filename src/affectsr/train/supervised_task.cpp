#include "affectsr/train/supervised_task.h"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include "affectsr/base/error.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/train/averaged_weights.h"

namespace affectsr {

namespace {

constexpr const char* kOptimiserState = "optimiser";
constexpr const char* kNetworkPrefix = "network.";
constexpr const char* kAveragePrefix = "average.";
constexpr const char* kAverageSteps = "average_steps";

/// The tensors whose names begin with `prefix`, without it.
TensorMap part_of(const TensorMap& state, const std::string& prefix) {
    TensorMap part;
    for (const auto& [name, tensor] : state)
        if (name.starts_with(prefix)) part[name.substr(prefix.size())] = tensor;
    return part;
}

std::unique_ptr<torch::optim::Optimizer> make_optimiser(const OptimiserOptions& o, torch::nn::Module& network) {
    std::vector<Tensor> decayed, plain;
    for (const Tensor& parameter : network.parameters()) (parameter.dim() >= 2 ? decayed : plain).push_back(parameter);
    if (o.name == "adamw") {
        using Options = torch::optim::AdamWOptions;
        std::vector<torch::optim::OptimizerParamGroup> groups;
        groups.emplace_back(decayed, std::make_unique<Options>(Options(0.001).weight_decay(o.weight_decay)));
        groups.emplace_back(plain, std::make_unique<Options>(Options(0.001).weight_decay(0)));
        return std::make_unique<torch::optim::AdamW>(groups, Options(0.001));
    }
    using Options = torch::optim::SGDOptions;
    const auto options = [&](double decay) {
        return std::make_unique<Options>(
            Options(0.1).momentum(o.momentum).nesterov(o.momentum > 0).weight_decay(decay));
    };
    std::vector<torch::optim::OptimizerParamGroup> groups;
    groups.emplace_back(decayed, options(o.weight_decay));
    groups.emplace_back(plain, options(0));
    return std::make_unique<torch::optim::SGD>(groups, Options(0.1).momentum(o.momentum).nesterov(o.momentum > 0));
}

void set_learning_rate(torch::optim::Optimizer& optimiser, double rate) {
    for (torch::optim::OptimizerParamGroup& group : optimiser.param_groups()) group.options().set_lr(rate);
}

/// Negative log likelihood of targets at a temperature, over the rows that have one.
double likelihood_loss(const Tensor& logits, const Tensor& target, double temperature) {
    return soft_cross_entropy(logits / temperature, target, 0).item<double>();
}

/// The temperature of least loss on [0.2, 5], by golden-section search: the loss has one minimum (Guo et al. 2017).
double fit_temperature(const Tensor& logits, const Tensor& target) {
    constexpr double kGolden = 0.6180339887498949;
    double low = std::log(0.2), high = std::log(5.0);
    for (int i = 0; i < 40; ++i) {
        const double a = high - kGolden * (high - low), b = low + kGolden * (high - low);
        if (likelihood_loss(logits, target, std::exp(a)) < likelihood_loss(logits, target, std::exp(b)))
            high = b;
        else
            low = a;
    }
    return std::exp((low + high) / 2);
}

/// Rows with a target, the target made sharp: what is calibrated is the probability of the most voted class.
std::pair<Tensor, Tensor> labelled_rows(const Tensor& logits, const Tensor& target) {
    const Tensor rows = torch::nonzero(target.sum(1) > 0.5).flatten();
    const Tensor sharp = torch::one_hot(target.index_select(0, rows).argmax(1), target.size(1)).to(torch::kFloat);
    return {logits.index_select(0, rows), sharp};
}

}  // namespace

SupervisedTask::SupervisedTask(const Recipe& recipe)
    : recipe_(recipe), device_(torch::cuda::is_available() ? torch::kCUDA : torch::kCPU) {
    network_ = find(expression_network_catalog(), recipe_.network.name, "network").make(recipe_.network.options);
    const std::vector<std::string>& heads = network_->heads;
    for (const LossChoice& loss : recipe_.losses) {
        find_loss(loss.name);
        if (std::find(heads.begin(), heads.end(), loss.head) == heads.end())
            throw UsageError("the network " + recipe_.network.name + " has no head \"" + loss.head + "\"");
    }
    module_ = std::make_unique<PlanModule>(network_->plan, recipe_.seed);
    module_->to(device_);
    // oneDNN and cuDNN want channels-last for their fast bf16 convolutions.
    torch::NoGradGuard no_grad;
    for (Tensor& parameter : module_->parameters())
        if (parameter.dim() == 4) parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
    optimiser_ = make_optimiser(recipe_.optimiser, *module_);
    if (recipe_.optimiser.averaging == 0) return;
    average_ = std::make_unique<PlanModule>(network_->plan, recipe_.seed);
    average_->to(device_);
}

StepLog SupervisedTask::step(const Batch& batch, double learning_rate, const World& world) {
    module_->train();
    set_learning_rate(*optimiser_, learning_rate);
    const Tensor faces = batch.faces.to(device_).contiguous(at::MemoryFormat::ChannelsLast);
    std::map<std::string, Tensor> logits;
    {
        const Autocast autocast(recipe_.precision == "bf16", device_.is_cuda());
        logits = module_->play(faces);
    }
    StepLog log;
    Tensor total = torch::zeros({}, device_);
    for (const LossChoice& choice : recipe_.losses) {
        const Tensor loss =
            find_loss(choice.name)(logits.at(choice.head), batch.targets.at(choice.head).to(device_), choice.smoothing);
        total = total + loss * choice.weight;
        log[choice.head] = loss.item<double>();
    }
    optimiser_->zero_grad();
    total.backward();
    std::vector<Tensor> gradients;
    for (const Tensor& parameter : module_->parameters())
        if (parameter.grad().defined()) gradients.push_back(parameter.grad());
    world.average(gradients);
    if (recipe_.optimiser.clip_norm > 0)
        torch::nn::utils::clip_grad_norm_(module_->parameters(), recipe_.optimiser.clip_norm);
    optimiser_->step();
    if (average_) move_average(*average_, *module_, recipe_.optimiser.averaging, steps_++);
    log["loss"] = total.item<double>();
    return log;
}

std::map<std::string, SupervisedTask::HeldOut> SupervisedTask::held_out(const Batches& batches, int small_px) const {
    constexpr std::size_t kFacesAtOnce = 256;
    PlanModule& network = judged();
    network.eval();
    torch::NoGradGuard no_grad;
    std::map<std::string, std::vector<Tensor>> logits, targets;
    for (std::size_t first = 0; first < batches.validation_faces(); first += kFacesAtOnce) {
        const Batch batch =
            batches.validation(first, std::min(kFacesAtOnce, batches.validation_faces() - first), small_px);
        const Autocast autocast(recipe_.precision == "bf16", device_.is_cuda());
        for (const auto& [head, values] :
             network.play(batch.faces.to(device_).contiguous(at::MemoryFormat::ChannelsLast))) {
            logits[head].push_back(values.to(torch::kCPU, torch::kFloat));
            targets[head].push_back(batch.targets.at(head));
        }
    }
    std::map<std::string, HeldOut> all;
    for (const auto& [head, parts] : logits) all[head] = {torch::cat(parts), torch::cat(targets[head])};
    return all;
}

Json SupervisedTask::validate(const Batches& batches) {
    Json figures = Json::object();
    if (batches.validation_faces() == 0) return figures;
    for (const int size : recipe_.validation.sizes)
        for (const auto& [head, found] : held_out(batches, size)) {
            const auto [logits, target] = labelled_rows(found.logits, found.target);
            if (logits.size(0) == 0) continue;
            const Tensor right = logits.argmax(1) == target.argmax(1);
            figures[head][std::to_string(size)] = std::round(right.to(torch::kFloat).mean().item<double>() * 1e4) / 1e4;
        }
    return figures;
}

Json SupervisedTask::finish(const Batches& batches) {
    Json temperatures = Json::object();
    if (!recipe_.validation.calibrate || batches.validation_faces() == 0) return temperatures;
    std::map<std::string, std::vector<Tensor>> logits, targets;
    for (const int size : recipe_.validation.sizes)
        for (const auto& [head, found] : held_out(batches, size)) {
            auto [rows, target] = labelled_rows(found.logits, found.target);
            if (rows.size(0) == 0) continue;
            logits[head].push_back(rows);
            targets[head].push_back(target);
        }
    torch::NoGradGuard no_grad;
    for (const auto& [head, parts] : logits) {
        const double temperature = fit_temperature(torch::cat(parts), torch::cat(targets[head]));
        temperatures[head] = temperature;
        auto parameters = judged().named_parameters();
        for (const std::string& name : network_->head_parameters(head)) {
            Tensor* const parameter = parameters.find(name);
            AFFECTSR_EXPECT(parameter != nullptr, recipe_.network.name + " names no parameter " + name);
            parameter->div_(temperature);
        }
    }
    return temperatures;
}

TensorMap SupervisedTask::state() const {
    TensorMap state;
    for (const auto& [name, tensor] : state_of(*module_)) state[kNetworkPrefix + name] = tensor;
    if (average_) {
        for (const auto& [name, tensor] : state_of(*average_)) state[kAveragePrefix + name] = tensor;
        state[kAverageSteps] = HostTensor::from_ints(std::array{static_cast<std::int64_t>(steps_)}, {1});
    }
    std::ostringstream stream;
    torch::save(*optimiser_, stream);
    const std::string bytes = stream.str();
    state[kOptimiserState] = HostTensor::from_bytes(std::as_bytes(std::span(bytes)));
    return state;
}

void SupervisedTask::load(const TensorMap& state, const std::string& where) {
    load_state(*module_, part_of(state, kNetworkPrefix), where);
    if (average_) {
        load_state(*average_, part_of(state, kAveragePrefix), where);
        const auto steps = state.find(kAverageSteps);
        if (steps == state.end() || steps->second.count() != 1 || steps->second.ints()[0] < 0)
            throw ModelError("model_damaged", where + " does not tell how many steps its average has seen");
        steps_ = static_cast<std::uint64_t>(steps->second.ints()[0]);
    }
    const auto optimiser = state.find(kOptimiserState);
    if (optimiser == state.end()) throw ModelError("model_damaged", where + " holds no optimiser state");
    const auto bytes = optimiser->second.bytes();
    std::istringstream stream(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    torch::load(*optimiser_, stream, device_);
}

ModelFile SupervisedTask::model() const {
    ModelFile file;
    for (const auto& item : judged().named_parameters())
        file.tensors[item.key()] = to_host(item.value()).cast(DType::bf16);
    for (const auto& item : judged().named_buffers())
        if (!item.key().ends_with("num_batches_tracked")) file.tensors[item.key()] = to_host(item.value());
    file.card.network = recipe_.network.name;
    file.card.options = resolved_json(recipe_)["network"]["options"];
    file.card.labels = names_of(seven_emotions());
    for (const std::string& head : network_->heads) file.card.heads[head] = {{"labels", file.card.labels}};
    const ClassifierNeeds& needs = network_->needs;
    file.card.input = {{"size_px", needs.input_px}, {"channels", needs.channels}, {"range", "0 to 1"}};
    file.card.licence = recipe_.licence;
    file.card.limits = recipe_.limits;
    return file;
}

}  // namespace affectsr
