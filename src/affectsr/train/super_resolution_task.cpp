#include "affectsr/train/super_resolution_task.h"

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/face/mesh.h"
#include "affectsr/image/resize.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/metric/psnr.h"
#include "affectsr/restore/catalog.h"
#include "affectsr/train/contact_sheet.h"
#include "affectsr/train/picture_gradient.h"

namespace affectsr {

SuperResolutionTask::SuperResolutionTask(const SuperResolutionOptions& options, const Recipe& recipe,
                                         const std::filesystem::path& folder)
    : LearnerTask(recipe), options_(options) {
    network_ = options_.network.make_from(sr_network_catalog());
    expect_options_fit();
    losses_ = std::make_unique<RestorationLosses>(
        options_.losses, LossSetting{*network_, folder, options_.hr_px, recipe_.precision == "bf16"});
    learner_ = std::make_unique<Learner>(network_->plan, options_.learning, recipe_.seed, folder);
}

void SuperResolutionTask::expect_options_fit() const {
    const RestorerNeeds& wanted = network_->needs;
    const bool given = wanted.landmarks == static_cast<int>(kMeshPoints) && wanted.landmarks_optional;
    if (wanted.landmarks > 0 && !given)
        throw UsageError("the network " + options_.network.name + " wants landmarks, which this task does not give");
    if (wanted.scale == 0)
        throw UsageError(
            "the network " + options_.network.name +
            " enlarges nothing: it cleans faces that were enlarged before, which this task does not teach");
    const int input_px = network_->needs.input_px;
    if (input_px > 0 && options_.hr_px != input_px * network_->needs.scale)
        throw UsageError("the network " + options_.network.name + " makes faces of " +
                         std::to_string(input_px * network_->needs.scale) + " px, not of \"hr_px\" " +
                         std::to_string(options_.hr_px));
    const int scale = network_->needs.scale, fed = options_.hr_px / scale * network_->enlarged_first;
    if (options_.hr_px % scale != 0 || fed % network_->multiple != 0)
        throw UsageError("\"hr_px\" " + std::to_string(options_.hr_px) + " does not fit the network " +
                         options_.network.name + "; take a multiple of " + std::to_string(scale * network_->multiple));
}

FaceNeeds SuperResolutionTask::needs() const {
    FaceNeeds needs;
    needs.px = options_.hr_px;
    needs.channels = 3;
    needs.face = false;
    needs.hr = true;
    needs.lr_factor = network_->needs.scale;
    needs.lr_enlarged = network_->enlarged_first > 1;
    needs.without_target = true;
    needs.mesh = network_->needs.landmarks > 0;
    needs.mesh_missing = options_.without_landmarks;
    needs.mesh_shift = options_.landmark_shift;
    return needs;
}

std::map<std::string, Tensor> SuperResolutionTask::played(PlanModule& network, const Batch& batch) const {
    const torch::Device device = learning_device();
    std::map<std::string, Tensor> inputs;
    inputs["in"] = batch.at("lr").to(device).contiguous(at::MemoryFormat::ChannelsLast);
    if (network_->needs.landmarks > 0) inputs["landmarks"] = batch.at("mesh").to(device);
    return network.play(inputs);
}

Json SuperResolutionTask::stands_on() const {
    Json models = LearnerTask::stands_on();
    if (Json looked_through = losses_->stands_on(); !looked_through.empty())
        models["losses"] = std::move(looked_through);
    return models;
}

std::unique_ptr<SampleSource> SuperResolutionTask::open_data(const DataLoading& loading) {
    return std::make_unique<FaceSource>(face_source_options(recipe_, loading), needs());
}

StepLog SuperResolutionTask::step(const Batch& batch, const RunProgress& progress, const World& world) {
    const torch::Device device = learning_device();
    learner_->begin_step(world);
    std::vector<Tensor> measured(losses_->size() + 1, torch::zeros({}, at::TensorOptions(device).dtype(at::kDouble)));
    Tensor& earlier = measured.back();  // weighted, of the pictures before the last
    const std::int64_t rows = (batch.count + recipe_.accumulate - 1) / recipe_.accumulate;
    for (std::int64_t first = 0; first < batch.count; first += rows) {
        const Batch part = batch.part(first, std::min(rows, batch.count - first));
        const double share = static_cast<double>(part.count) / static_cast<double>(batch.count);
        std::map<std::string, Tensor> made;
        {
            const Autocast autocast(recipe_.precision == "bf16", device.is_cuda());
            made = played(learner_->module(), part);
        }
        std::vector<Tensor> pictures, gradients;
        for (const auto& [name, sr] : made) {
            pictures.push_back(sr.to(torch::kFloat));
            RestoredFaces faces{pictures.back().detach().requires_grad_(true), part.at("hr").to(device)};
            if (network_->needs.landmarks > 0) faces.mesh = part.at("mesh");
            faces.scale = network_->needs.scale;
            faces.learner = &learner_->module();
            PictureGradient gradient(faces.sr);
            for (std::size_t i = 0; i < losses_->size(); ++i) {
                if (!losses_->counts(i, progress.done)) continue;
                if (name != "out" && !losses_->counts_earlier_pictures(i)) continue;
                const double weight = losses_->options(i).weight;
                const Tensor loss = losses_->of(i, faces) * share;
                gradient.add(loss * weight, losses_->options(i).gradient_limit);
                if (name == "out")
                    measured[i] = measured[i] + loss.detach();
                else
                    earlier = earlier + loss.detach() * weight;
            }
            gradients.push_back(gradient.sum());
        }
        torch::autograd::backward(pictures, gradients);
    }
    return logged(measured, progress, learner_->update(progress, world));
}

StepLog SuperResolutionTask::logged(const std::vector<Tensor>& measured, const RunProgress& progress,
                                    double learning_rate) const {
    StepLog log{{"loss", 0}, {"learning_rate", learning_rate}};
    const Tensor told = torch::stack(measured).cpu();  // a GPU is waited for once, when all its work is queued
    for (std::size_t i = 0; i < losses_->size(); ++i) {
        if (!losses_->counts(i, progress.done)) continue;
        const double loss = told[static_cast<std::int64_t>(i)].item<double>();
        log[losses_->options(i).name] += loss;
        log["loss"] += losses_->options(i).weight * loss;
    }
    log["loss"] += told[-1].item<double>();
    return log;
}

Tensor SuperResolutionTask::judged_answer(const Batch& batch) const {
    PlanModule& network = learner_->judged();
    network.eval();
    const torch::NoGradGuard no_grad;
    const Autocast autocast(recipe_.precision == "bf16", learning_device().is_cuda());
    return played(network, batch).at("out").to(torch::kCPU, torch::kFloat);
}

Json SuperResolutionTask::validate(const SampleSource& source) {
    constexpr std::int64_t kFacesAtOnce = 16;
    PsnrOptions options;
    options.border_px = network_->needs.scale;
    Psnr ours(options), bicubic(options);
    for (std::int64_t first = 0; first < source.held_out_count(); first += kFacesAtOnce) {
        const Batch batch = source.held_out(first, std::min(kFacesAtOnce, source.held_out_count() - first), 0);
        const Tensor all_sr = judged_answer(batch);
        for (std::int64_t i = 0; i < batch.count; ++i) {
            const Image hr = to_image(batch.at("hr")[i]), sr = to_image(all_sr[i]);
            const Image enlarged = resize(to_image(batch.at("lr")[i]), hr.size(), Filter::bicubic);
            ours.add({&hr, &sr, {}, {}, {}});
            bicubic.add({&hr, &enlarged, {}, {}, {}});
        }
    }
    return {{"psnr_db", measure_to_json(ours.value())}, {"bicubic_psnr_db", measure_to_json(bicubic.value())}};
}

std::optional<Image> SuperResolutionTask::contact_sheet(const SampleSource& source) {
    const std::int64_t all = source.held_out_count(), count = std::min<std::int64_t>(all, options_.sheet_faces);
    if (count == 0) return std::nullopt;
    std::vector<SheetColumn> columns;
    for (std::int64_t i = 0; i < count; ++i) {
        const Batch batch = source.held_out(i * all / count, 1, 0);  // spread over all sources
        const Image hr = to_image(batch.at("hr")[0]), fed = to_image(batch.at("lr")[0]);
        const int small_px = hr.width / network_->needs.scale;
        columns.push_back({resize(fed, {small_px, small_px}, Filter::bicubic),
                           {resize(fed, hr.size(), Filter::bicubic), to_image(judged_answer(batch)[0]), hr}});
    }
    return sheet_of(columns);
}

std::map<std::string, ModelFile> SuperResolutionTask::models() const {
    ModelFile file;
    file.tensors = learner_->weights();
    file.card.network = options_.network.name;
    file.card.options = options_.network.options;
    file.card.input = {{"channels", 3}, {"range", "0 to 1"}, {"trained_px", options_.hr_px / network_->needs.scale}};
    return {{"", std::move(file)}};
}

}  // namespace affectsr
