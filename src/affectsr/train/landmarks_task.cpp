#include "affectsr/train/landmarks_task.h"

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/face/mesh.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/libtorch.h"

namespace affectsr {

namespace {

constexpr auto kPoints = static_cast<std::int64_t>(kMeshPoints);
constexpr double kMostLogError = 5;  // of an expected error, either way: e^±5 eye distances

/// [478, 3]: what an error of each coordinate weighs; the sum is 1.
Tensor weights_of_points(double region, double depth) {
    Tensor weights = torch::ones({kPoints, 3});
    for (const auto& points : {mesh_eyes(), mesh_brows(), mesh_lips(), mesh_irises()})
        for (const std::uint16_t i : points) weights[i].fill_(region);
    weights.select(1, 2).mul_(depth);
    return weights / weights.sum();
}

/// How far points are off, and in which unit.
struct Offsets {
    Tensor in_eyes;  ///< [n, 478, 3] answered − true, over the distance of the outer eye corners
    Tensor mean;     ///< [n] mean length of it in the picture plane
};

Offsets offsets_of(const Tensor& points, const Tensor& truth) {
    const Tensor corners = truth.select(1, kMeshRightEyeCorner) - truth.select(1, kMeshLeftEyeCorner);
    const Tensor eyes = corners.slice(1, 0, 2).norm(2, 1).clamp_min(1).view({-1, 1, 1});
    Offsets off;
    off.in_eyes = (points.to(torch::kFloat).view({-1, kPoints, 3}) - truth) / eyes;
    off.mean = off.in_eyes.detach().slice(2, 0, 2).norm(2, 2).mean(1);
    return off;
}

/// Sums over a batch's samples, as they are measured at one size.
struct LandmarkSums {
    double off = 0, expected = 0, refused = 0, faces = 0, false_faces = 0, others = 0;

    void add(const std::map<std::string, Tensor>& outputs, const Batch& batch) {
        const Tensor is_face = batch.at("is_face");
        const Tensor mean = offsets_of(outputs.at("points").cpu(), batch.at("points")).mean;
        const Tensor expected_error = outputs.at("error").cpu().to(torch::kFloat).flatten().exp();
        const Tensor seen = (outputs.at("face").cpu().flatten() >= 0).to(torch::kFloat);
        const auto sum = [](const Tensor& values) { return values.sum().item<double>(); };
        off += sum(mean * is_face);
        expected += sum(expected_error * is_face);
        refused += sum((1 - seen) * is_face);
        false_faces += sum(seen * (1 - is_face));
        faces += sum(is_face);
        others += sum(1 - is_face);
    }
};

Json share_of(double sum, double count) {
    return count > 0 ? Json(std::round(sum / count * 1e5) / 1e5) : Json(nullptr);
}

}  // namespace

LandmarksTask::LandmarksTask(const LandmarksTaskOptions& options, const Recipe& recipe,
                             const std::filesystem::path& folder)
    : LearnerTask(recipe), options_(options) {
    network_ = options_.network.make_from(landmark_network_catalog());
    learner_ = std::make_unique<Learner>(network_->plan, options_.learning, recipe_.seed, folder);
    weights_ = weights_of_points(options_.region_weight, options_.depth_weight).to(learning_device());
}

std::unique_ptr<SampleSource> LandmarksTask::open_data(const DataLoading& loading) {
    LandmarkFacesOptions options;
    options.pictures = options_.pictures;
    options.augmentation = recipe_.augmentation;
    options.root = recipe_.data_root;
    options.px = network_->input_px;
    options.batch_size = recipe_.batch_size;
    options.validation_share = recipe_.validation.share;
    options.seed = recipe_.seed;
    options.threads = loading.threads;
    options.memory_bytes = loading.memory_bytes;
    options.skip_broken = loading.skip_broken;
    options.stop = loading.stop;
    return std::make_unique<LandmarkFaces>(std::move(options));
}

StepLog LandmarksTask::step(const Batch& batch, const RunProgress& progress, const World& world) {
    const torch::Device device = learning_device();
    learner_->begin_step(world);
    Tensor measured = torch::zeros({4}, device);
    const double all_faces = std::max(1.0, batch.at("is_face").sum().item<double>());
    const std::int64_t rows = (batch.count + recipe_.accumulate - 1) / recipe_.accumulate;
    for (std::int64_t first = 0; first < batch.count; first += rows) {
        const Batch part = batch.part(first, std::min(rows, batch.count - first));
        std::map<std::string, Tensor> outputs;
        {
            const Autocast autocast(recipe_.precision == "bf16", device.is_cuda());
            outputs = learner_->module().play(part.at("face").to(device).contiguous(at::MemoryFormat::ChannelsLast));
        }
        const Tensor is_face = part.at("is_face").to(device);
        const Offsets off = offsets_of(outputs.at("points"), part.at("points").to(device));
        const double square = options_.square_below;
        const Tensor size = off.in_eyes.abs();
        const Tensor smooth = torch::where(size < square, size.square() / (2 * square), size - square / 2);
        const Tensor points = 100 * ((smooth * weights_).sum({1, 2}) * is_face).sum() / all_faces;
        const Tensor logarithm = outputs.at("error").to(torch::kFloat).flatten().clamp(-kMostLogError, kMostLogError);
        const Tensor error = ((logarithm + off.mean * (-logarithm).exp()) * is_face).sum() / all_faces;
        const Tensor face = torch::binary_cross_entropy_with_logits(outputs.at("face").to(torch::kFloat).flatten(),
                                                                    is_face, {}, {}, at::Reduction::Sum) /
                            static_cast<double>(batch.count);
        (points + error * options_.error_weight + face * options_.face_weight).backward();
        measured += torch::stack({points, (off.mean * is_face).sum() / all_faces, error, face}).detach();
    }
    StepLog log;
    log["learning_rate"] = learner_->update(progress, world);
    const Tensor told = measured.cpu();  // a GPU is waited for once, when all its work is queued
    const auto value = [&told](int i) { return told[i].item<double>(); };
    log["points"] = value(0), log["off"] = value(1), log["error"] = value(2), log["face"] = value(3);
    log["loss"] = value(0) + value(2) * options_.error_weight + value(3) * options_.face_weight;
    return log;
}

Json LandmarksTask::validate(const SampleSource& source) {
    constexpr std::int64_t kFacesAtOnce = 128;
    PlanModule& network = learner_->judged();
    network.eval();
    const torch::NoGradGuard no_grad;
    const torch::Device device = learning_device();
    Json figures = Json::object();
    for (const int size : recipe_.validation.sizes) {
        LandmarkSums measured;
        for (std::int64_t first = 0; first < source.held_out_count(); first += kFacesAtOnce) {
            const Batch batch = source.held_out(first, std::min(kFacesAtOnce, source.held_out_count() - first), size);
            measured.add(network.play(batch.at("face").to(device).contiguous(at::MemoryFormat::ChannelsLast)), batch);
        }
        const std::string px = std::to_string(size);
        figures["off"][px] = share_of(measured.off, measured.faces);
        figures["expected"][px] = share_of(measured.expected, measured.faces);
        figures["refused"][px] = share_of(measured.refused, measured.faces);
        figures["false_faces"][px] = share_of(measured.false_faces, measured.others);
    }
    return figures;
}

std::map<std::string, ModelFile> LandmarksTask::models() const {
    ModelFile file;
    file.tensors = learner_->weights();
    file.card.network = options_.network.name;
    file.card.options = options_.network.options;
    file.card.input = {{"channels", 3}, {"range", "0 to 1"}, {"px", network_->input_px}};
    return {{"", std::move(file)}};
}

}  // namespace affectsr
