#include "affectsr/train/supervised_task.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/train/temperature.h"

namespace affectsr {

namespace {

std::string tensor_name(const HeadLossOptions& options) {
    return find_head_loss(options.name).target + "." + options.head;
}

std::string log_name(const HeadLossOptions& options) {
    return options.name == "soft_cross_entropy" ? options.head : options.name + "." + options.head;
}

bool counts(const HeadLossOptions& loss) {
    return loss.weight > 0;
}

}  // namespace

SupervisedTask::SupervisedTask(const SupervisedOptions& options, const Recipe& recipe,
                               const std::filesystem::path& folder)
    : LearnerTask(recipe), options_(options) {
    network_ = options_.network.make_from(expression_network_catalog());
    if (!options_.teachers.empty())
        teachers_ = std::make_unique<Teachers>(options_.teachers, folder, network_->needs.channels,
                                               recipe_.precision == "bf16");
    expect_losses_fit();
    learner_ = std::make_unique<Learner>(network_->plan, options_.learning, recipe_.seed, folder);
}

void SupervisedTask::expect_losses_fit() const {
    if (std::none_of(options_.losses.begin(), options_.losses.end(), counts))
        throw UsageError("\"losses\" must name at least one loss with a weight above 0");
    const auto has = [](const std::vector<std::string>& heads, const std::string& head) {
        return std::find(heads.begin(), heads.end(), head) != heads.end();
    };
    for (const HeadLossOptions& loss : options_.losses) {
        const bool taught = find_head_loss(loss.name).target == "teacher";
        if (!has(network_->heads, loss.head))
            throw UsageError("the network " + options_.network.name + " has no head \"" + loss.head + "\"");
        if (taught && (!teachers_ || !has(teachers_->heads(), loss.head)))
            throw UsageError("the loss \"" + loss.name + "\" on the head \"" + loss.head +
                             "\" needs \"teachers\" that all have this head");
    }
}

FaceNeeds SupervisedTask::needs() const {
    FaceNeeds needs;
    needs.px = network_->needs.input_px;
    needs.channels = network_->needs.channels;
    needs.heads = network_->heads;
    needs.mix = options_.mix;
    needs.teacher = teachers_.get();
    for (const HeadLossOptions& loss : options_.losses) {
        if (!counts(loss)) continue;
        if (find_head_loss(loss.name).target == "teacher")
            needs.without_target = true;
        else
            needs.trained_heads.push_back(loss.head);
    }
    return needs;
}

Json SupervisedTask::options() const {
    return to_json(options_);
}

Json SupervisedTask::stands_on() const {
    Json models = LearnerTask::stands_on();
    if (teachers_) models["teachers"] = teachers_->account();
    return models;
}

std::unique_ptr<SampleSource> SupervisedTask::open_data(const DataLoading& loading) {
    return std::make_unique<FaceSource>(face_source_options(recipe_, loading), needs());
}

Tensor SupervisedTask::target_weights(const Batch& batch, const World& world) const {
    std::vector<Tensor> sums;
    for (const HeadLossOptions& loss : options_.losses) sums.push_back(batch.at(tensor_name(loss)).sum());
    std::vector<Tensor> all{torch::stack(sums)};
    world.average(all);
    return all[0].clamp_min(1e-6);
}

std::vector<Tensor> SupervisedTask::backward(const Batch& batch, const Tensor& weights) {
    const torch::Device device = learning_device();
    std::vector<Tensor> losses(options_.losses.size(), torch::zeros({}, at::TensorOptions(device).dtype(at::kDouble)));
    const std::int64_t rows = (batch.count + recipe_.accumulate - 1) / recipe_.accumulate;
    for (std::int64_t first = 0; first < batch.count; first += rows) {
        const Batch part = batch.part(first, std::min(rows, batch.count - first));
        std::map<std::string, Tensor> logits;
        {
            const Autocast autocast(recipe_.precision == "bf16", device.is_cuda());
            logits = learner_->module().play(part.at("face").to(device).contiguous(at::MemoryFormat::ChannelsLast));
        }
        Tensor total = torch::zeros({}, device);
        for (std::size_t i = 0; i < losses.size(); ++i) {
            const HeadLossOptions& options = options_.losses[i];
            const Tensor target = part.at(tensor_name(options)).to(device);
            const Tensor per_face = find_head_loss(options.name).per_face(logits.at(options.head), target, options);
            const Tensor loss = (per_face * class_factors(target, options)).sum() /
                                weights[static_cast<std::int64_t>(i)].item<double>();
            total = total + loss * options.weight;
            losses[i] = losses[i] + loss.detach();
        }
        total.backward();
    }
    return losses;
}

StepLog SupervisedTask::step(const Batch& batch, const RunProgress& progress, const World& world) {
    learner_->begin_step(world);
    const Tensor weights = target_weights(batch, world);
    const std::vector<Tensor> losses = backward(batch, weights);
    if (learner_->climb(progress, world)) backward(batch, weights);
    StepLog log{{"loss", 0}};
    log["learning_rate"] = learner_->update(progress, world);
    const Tensor measured = torch::stack(losses).cpu();  // a GPU is waited for once, when all its work is queued
    for (std::size_t i = 0; i < losses.size(); ++i) {
        const double loss = measured[static_cast<std::int64_t>(i)].item<double>();
        log[log_name(options_.losses[i])] = loss;
        log["loss"] += options_.losses[i].weight * loss;
    }
    return log;
}

std::map<std::string, SupervisedTask::HeldOut> SupervisedTask::held_out(const SampleSource& source, int face_px) const {
    constexpr std::int64_t kFacesAtOnce = 256;
    const torch::Device device = learning_device();
    PlanModule& network = learner_->judged();
    network.eval();
    const torch::NoGradGuard no_grad;
    std::map<std::string, std::vector<Tensor>> logits, targets;
    for (std::int64_t first = 0; first < source.held_out_count(); first += kFacesAtOnce) {
        const Batch batch = source.held_out(first, std::min(kFacesAtOnce, source.held_out_count() - first), face_px);
        const Autocast autocast(recipe_.precision == "bf16", device.is_cuda());
        for (const auto& [head, values] :
             network.play(batch.at("face").to(device).contiguous(at::MemoryFormat::ChannelsLast))) {
            logits[head].push_back(values.to(torch::kCPU, torch::kFloat));
            targets[head].push_back(batch.at("target." + head));
        }
    }
    std::map<std::string, HeldOut> all;
    for (const auto& [head, parts] : logits) {
        const auto [rows, target] = labelled_rows(torch::cat(parts), torch::cat(targets[head]));
        if (rows.size(0) > 0) all[head] = {rows, target};
    }
    return all;
}

Json SupervisedTask::validate(const SampleSource& source) {
    Json figures = Json::object();
    for (const int size : recipe_.validation.sizes)
        for (const auto& [head, found] : held_out(source, size)) {
            const Tensor right = found.logits.argmax(1) == found.target.argmax(1);
            figures[head][std::to_string(size)] = std::round(right.to(torch::kFloat).mean().item<double>() * 1e4) / 1e4;
        }
    return figures;
}

Json SupervisedTask::finish(const SampleSource& source) {
    if (!recipe_.validation.calibrate) return Json::object();
    std::map<std::string, std::vector<Tensor>> logits, targets;
    for (const int size : recipe_.validation.sizes)
        for (const auto& [head, found] : held_out(source, size)) {
            logits[head].push_back(found.logits);
            targets[head].push_back(found.target);
        }
    Json temperatures = Json::object();
    const torch::NoGradGuard no_grad;
    for (const auto& [head, parts] : logits) {
        const double temperature = fit_temperature(torch::cat(parts), torch::cat(targets[head]));
        temperatures[head] = temperature;
        auto parameters = learner_->judged().named_parameters();
        for (const std::string& name : network_->head_parameters(head)) {
            Tensor* const parameter = parameters.find(name);
            AFFECTSR_EXPECT(parameter != nullptr, options_.network.name + " names no parameter " + name);
            parameter->div_(temperature);
        }
    }
    return {{"temperature", temperatures}};
}

std::map<std::string, ModelFile> SupervisedTask::models() const {
    ModelFile file;
    file.tensors = learner_->weights();
    file.card.network = options_.network.name;
    file.card.options = options_.network.options;
    file.card.labels = names_of(seven_emotions());
    for (const std::string& head : network_->heads) file.card.heads[head] = {{"labels", file.card.labels}};
    const ClassifierNeeds& needs = network_->needs;
    file.card.input = {{"size_px", needs.input_px}, {"channels", needs.channels}, {"range", "0 to 1"}};
    return {{"", std::move(file)}};
}

}  // namespace affectsr
