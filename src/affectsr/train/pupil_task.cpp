#include "affectsr/train/pupil_task.h"

#include "affectsr/base/error.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/train/covpool_faces.h"

namespace affectsr {

namespace {

/// covpool_plan() whose features C are an output as well.
Plan pupil_plan(const CovpoolOptions& options) {
    Plan plan = covpool_plan(options);
    plan.output_mark("c");
    return plan;
}

Tensor shown(const Tensor& pictures) {
    return pictures.to(learning_device()).contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

PupilTask::PupilTask(const PupilTaskOptions& options, const Recipe& recipe, const std::filesystem::path& folder)
    : LearnerTask(recipe), options_(options), model_(open_covpool(options.model, folder)) {
    if (recipe_.accumulate > 1) throw UsageError("\"accumulate\" must be 1 for the task pupil");
    network_ = from_json<CovpoolOptions>(model_.card.options, "covpool");
    teacher_ = std::make_unique<FrozenNetwork>(covpool_plan(network_), std::vector<std::string>{"c", kCovpoolHead},
                                               model_.tensors, options_.model);
    if (options_.learning.start.empty()) options_.learning.start = options_.model;
    learner_ = std::make_unique<Learner>(pupil_plan(network_), options_.learning, recipe_.seed, folder);
}

Json PupilTask::stands_on() const {
    Json models = LearnerTask::stands_on();
    models["model"] = account_of(options_.model, model_);
    return models;
}

std::unique_ptr<SampleSource> PupilTask::open_data(const DataLoading& loading) {
    return covpool_faces(network_, recipe_, loading);
}

StepLog PupilTask::step(const Batch& batch, const RunProgress& progress, const World& world) {
    learner_->begin_step(world);
    std::map<std::string, Tensor> pupil, teacher;
    {
        const Autocast autocast(recipe_.precision == "bf16", learning_device().is_cuda());
        pupil = learner_->module().play(shown(batch.at("face")));
        teacher = teacher_->answer(shown(batch.at("hr")));
    }
    const Tensor logits = pupil.at(kCovpoolHead).to(torch::kFloat);
    const Tensor target = batch.at(std::string("target.") + kCovpoolHead).to(logits.device());
    const Tensor distance = squared_distances(pupil.at("c").to(torch::kFloat), teacher.at("c"));
    const Tensor label = -(logits.log_softmax(1) * target).sum(1);  // 0 without a target
    const Tensor weights = face_weights(logits, target, options_.reweighting);
    const Tensor loss = (weights * (distance + options_.label_weight * label)).mean();
    loss.backward();
    return {{"learning_rate", learner_->update(progress, world)},
            {"loss", loss.item<double>()},
            {"perceptual", distance.mean().item<double>()},
            {"label", label.mean().item<double>()}};
}

Json PupilTask::validate(const SampleSource& source) {
    learner_->judged().eval();
    return accuracy_by_size(source, recipe_, [this](const Tensor& faces) -> std::map<std::string, Tensor> {
        const Autocast autocast(recipe_.precision == "bf16", learning_device().is_cuda());
        return {{kCovpoolHead, learner_->judged().play(shown(faces)).at(kCovpoolHead)},
                {"teacher", teacher_->answer(shown(faces)).at(kCovpoolHead)}};
    });
}

std::map<std::string, ModelFile> PupilTask::models() const {
    return {{"", made_of_covpool(model_, "covpool", to_json(network_), learner_->weights())}};
}

}  // namespace affectsr
