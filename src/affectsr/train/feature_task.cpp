#include "affectsr/train/feature_task.h"

#include "affectsr/base/error.h"
#include "affectsr/classify/feature_critic.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/train/covpool_faces.h"

namespace affectsr {

namespace {

constexpr const char* kGeneratorState = "generator.";
constexpr const char* kCriticState = "critic.";

double mean_of(const Tensor& values) {
    return values.detach().to(torch::kDouble).mean().item<double>();
}

}  // namespace

FeatureTask::FeatureTask(const FeatureTaskOptions& options, const Recipe& recipe, const std::filesystem::path& folder)
    : options_(options), recipe_(recipe), model_(open_covpool(options.model, folder)) {
    if (recipe_.accumulate > 1)
        throw UsageError("\"accumulate\" must be 1: critic and generator take their steps on the same whole batch");
    network_ = {from_json<CovpoolOptions>(model_.card.options, "covpool"), options_.generator, options_.added};
    extractor_ = std::make_unique<FrozenNetwork>(covpool_plan(network_.covpool), std::vector<std::string>{"feature"},
                                                 model_.tensors, options_.model);
    reader_ =
        std::make_unique<FrozenNetwork>(covpool_head_plan(network_.covpool),
                                        std::vector<std::string>{"c", kCovpoolHead}, model_.tensors, options_.model);
    generator_ = std::make_unique<Learner>(enlarging_plan(network_), options_.learning, recipe_.seed, folder);
    if (options_.adversarial_weight == 0) return;
    const int side = covpool_feature_side(network_.covpool);
    critic_ = std::make_unique<Learner>(feature_critic_plan({options_.critic_features, side}), options_.critic_learning,
                                        recipe_.seed + 1, folder);
    critic_->module().set_play(Play::libtorch);  // the penalty is a gradient whose gradient is taken
}

Json FeatureTask::stands_on() const {
    Json models{{"model", account_of(options_.model, model_)}};
    if (!generator_->started_from().is_null()) models["start"] = generator_->started_from();
    return models;
}

std::unique_ptr<SampleSource> FeatureTask::open_data(const DataLoading& loading) {
    return covpool_faces(network_.covpool, recipe_, loading);
}

bool FeatureTask::adversarial(const RunProgress& progress) const {
    return critic_ != nullptr && progress.done >= options_.adversarial_from;
}

Tensor FeatureTask::features_of(const Tensor& pictures) {
    const Tensor shown = pictures.to(learning_device()).contiguous(at::MemoryFormat::ChannelsLast);
    const Autocast autocast(recipe_.precision == "bf16", shown.is_cuda());
    return extractor_->answer(shown).at("feature");
}

Tensor FeatureTask::enlarged(PlanModule& generator, const Tensor& feature) const {
    const Autocast autocast(recipe_.precision == "bf16", feature.is_cuda());
    return generator.forward(feature).to(torch::kFloat);
}

void FeatureTask::step_critic(const Tensor& real, const Tensor& fake, const Tensor& weights,
                              const RunProgress& progress, const World& world, StepLog& log) {
    critic_->begin_step(world);
    const Critic critic = [this](const Tensor& samples) { return critic_->module().forward(samples); };
    const Tensor alpha = torch::rand({real.size(0)}).to(real.device());
    const CriticLoss loss =
        critic_loss(critic, real, fake, alpha, options_.reweighting.critic ? weights : Tensor(), options_.wgan_div);
    loss.loss.backward();
    critic_->update(progress, world);
    log["distance"] = loss.distance.item<double>();
    log["penalty"] = loss.penalty.item<double>();
}

StepLog FeatureTask::step(const Batch& batch, const RunProgress& progress, const World& world) {
    const std::int64_t n = batch.count;
    const Tensor features = features_of(torch::cat({batch.at("face"), batch.at("hr")}));
    const Tensor small = features.narrow(0, 0, n).contiguous(), real = features.narrow(0, n, n).contiguous();
    generator_->begin_step(world);
    // The published code's norms keep mean 0 and variance 1 (classify/feature_generator.h).
    if (options_.generator.norm) generator_->module().eval();
    const Tensor fake = enlarged(generator_->module(), small);
    auto of_fake = reader_->play(fake);
    Tensor c_real;
    {
        const torch::NoGradGuard no_grad;
        c_real = reader_->play(real).at("c");
    }
    StepLog log;
    const Tensor perceptual = squared_distances(of_fake.at("c"), c_real), feature = squared_distances(fake, real);
    Tensor of_face = options_.perceptual_weight * perceptual + options_.feature_weight * feature;  // [n]
    if (adversarial(progress)) {
        const Tensor target = batch.at(std::string("target.") + kCovpoolHead).to(fake.device());
        const Tensor weights = face_weights(of_fake.at(kCovpoolHead), target, options_.reweighting);
        step_critic(real, fake.detach(), weights.detach(), progress, world, log);
        const Tensor judged = critic_->module().forward(fake).view({-1});
        of_face = weights * (of_face + options_.adversarial_weight * judged);
        log["adversarial"] = mean_of(judged);
        log["weight"] = mean_of(weights);
    }
    const Tensor loss = of_face.mean();
    loss.backward();
    log["learning_rate"] = generator_->update(progress, world);
    log["loss"] = mean_of(loss);
    log["perceptual"] = mean_of(perceptual);
    log["feature"] = mean_of(feature);
    return log;
}

Json FeatureTask::validate(const SampleSource& source) {
    PlanModule& generator = generator_->judged();
    generator.eval();
    const auto read = [this](const Tensor& feature) { return reader_->play(feature).at(kCovpoolHead); };
    return accuracy_by_size(source, recipe_, [&](const Tensor& faces) -> std::map<std::string, Tensor> {
        const Tensor small = features_of(faces);
        return {{kCovpoolHead, read(enlarged(generator, small))}, {"without_generator", read(small)}};
    });
}

TensorMap FeatureTask::state() const {
    TensorMap state;
    add_part(state, kGeneratorState, generator_->state());
    if (critic_) add_part(state, kCriticState, critic_->state());
    return state;
}

void FeatureTask::load(const TensorMap& state, const std::string& where) {
    generator_->load(part_of(state, kGeneratorState), where);
    if (critic_) critic_->load(part_of(state, kCriticState), where);
}

std::map<std::string, ModelFile> FeatureTask::models() const {
    TensorMap tensors = model_.tensors;
    add_part(tensors, kGeneratorPrefix, generator_->weights());
    return {{"", made_of_covpool(model_, "fsr_fer", to_json(network_), std::move(tensors))}};
}

}  // namespace affectsr
