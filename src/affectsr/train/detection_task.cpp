#include "affectsr/train/detection_task.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/detect/grouping.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/metric/detection_score.h"
#include "affectsr/metric/metric.h"

namespace affectsr {

namespace {

constexpr double kLeastScore = 0.5;      // of validation
constexpr double kSmallError = 1.0 / 9;  // of a point, in face widths: below it the loss is square

Tensor cross_entropy(const Tensor& probability, const Tensor& target) {
    const Tensor p = probability.clamp(1e-6, 1 - 1e-6);
    return -(target * p.log() + (1 - target) * (1 - p).log());
}

/// Which cells of a batch are to answer for which of its faces, pictures one after the other.
DetectionTargets targets_of(const DetectionAnswers& answers, const DetectionCells& cells, const Batch& batch) {
    const Tensor score = (answers.class_score.detach() * answers.object_score.detach()).sqrt();
    const Tensor box = answers.box.detach();
    std::vector<DetectionTargets> pictures(static_cast<std::size_t>(batch.count));
    at::parallel_for(0, batch.count, 1, [&](std::int64_t first, std::int64_t last) {
        const torch::NoGradGuard no_grad;
        for (std::int64_t row = first; row < last; ++row) {
            const Tensor boxes = batch.at("boxes")[row].narrow(0, 0, batch.at("faces")[row].item<std::int64_t>());
            pictures[static_cast<std::size_t>(row)] =
                detection_targets(cells, score[row], box[row], boxes, batch.at("passed_over")[row]);
        }
    });
    std::vector<Tensor> of_cells, of_faces, overlaps, counts;
    const std::int64_t cells_each = score.size(1), faces_each = batch.at("boxes").size(1);
    for (std::int64_t row = 0; row < batch.count; ++row) {
        const DetectionTargets& picture = pictures[static_cast<std::size_t>(row)];
        of_cells.push_back(picture.cells + row * cells_each);
        of_faces.push_back(picture.faces + row * faces_each);
        overlaps.push_back(picture.overlap);
        counts.push_back(picture.counts);
    }
    return {torch::cat(of_cells), torch::cat(of_faces), torch::cat(overlaps), torch::cat(counts)};
}

/// Losses of a batch, means over the cells that answer.
struct Losses {
    Tensor class_score, object_score, box, points;
    std::int64_t answering = 0;
};

Losses losses_of(const DetectionAnswers& answers, const DetectionTargets& targets, const Batch& batch) {
    Losses losses;
    losses.answering = targets.cells.size(0);
    const double share = 1.0 / static_cast<double>(std::max<std::int64_t>(losses.answering, 1));
    const Tensor object_score = answers.object_score.flatten();
    const Tensor answering = torch::zeros_like(object_score).index_fill(0, targets.cells, 1);
    losses.object_score = (cross_entropy(object_score, answering) * targets.counts).sum() * share;
    losses.class_score = losses.box = losses.points = torch::zeros({});
    if (losses.answering == 0) return losses;
    const auto of_cells = [&](const Tensor& values) { return values.index_select(0, targets.cells); };
    losses.class_score = cross_entropy(of_cells(answers.class_score.flatten()), targets.overlap).sum() * share;
    const Tensor truth = batch.at("boxes").flatten(0, 1).index_select(0, targets.faces);
    const Tensor sides = truth.slice(1, 2, 4);
    losses.box =
        eiou_loss(of_cells(answers.box.flatten(0, 1)), torch::cat({truth.slice(1, 0, 2) + sides / 2, sides}, 1)).sum() *
        share;
    const Tensor points = batch.at("points").flatten(0, 1).index_select(0, targets.faces);
    const Tensor known = torch::isfinite(points).all(1).nonzero().flatten();
    if (known.size(0) == 0) return losses;
    // Points count from pixel centres, cells from pixels' corners.
    const Tensor error =
        (of_cells(answers.points.flatten(0, 1)).index_select(0, known) - 0.5 - points.index_select(0, known)).abs() /
        sides.index_select(0, known).select(1, 0).unsqueeze(1);
    losses.points =
        torch::where(error < kSmallError, error.square() / (2 * kSmallError), error - kSmallError / 2).mean();
    return losses;
}

}  // namespace

DetectionTask::DetectionTask(const DetectionTaskOptions& options, const Recipe& recipe,
                             const std::filesystem::path& folder)
    : LearnerTask(recipe), options_(options) {
    network_ = options_.network.make_from(detection_network_catalog());
    if (options_.pictures.px % network_->multiple != 0)
        throw UsageError("\"px\" " + std::to_string(options_.pictures.px) + " does not fit the network " +
                         options_.network.name + "; take a multiple of " + std::to_string(network_->multiple));
    learner_ = std::make_unique<Learner>(network_->plan, options_.learning, recipe_.seed, folder);
    cells_ = cells_of(network_->strides, options_.pictures.px, options_.pictures.px);
}

std::unique_ptr<SampleSource> DetectionTask::open_data(const DataLoading& loading) {
    PastedFacesOptions options;
    options.pasting = options_.pictures;
    options.augmentation = recipe_.augmentation;
    options.root = recipe_.data_root;
    options.batch_size = recipe_.batch_size;
    options.validation_share = recipe_.validation.share;
    options.seed = recipe_.seed;
    options.threads = loading.threads;
    options.memory_bytes = loading.memory_bytes;
    options.skip_broken = loading.skip_broken;
    options.stop = loading.stop;
    return std::make_unique<PastedFaces>(std::move(options));
}

StepLog DetectionTask::step(const Batch& batch, const RunProgress& progress, const World& world) {
    const torch::Device device = learning_device();
    learner_->begin_step(world);
    StepLog log;
    const std::int64_t rows = (batch.count + recipe_.accumulate - 1) / recipe_.accumulate;
    for (std::int64_t first = 0; first < batch.count; first += rows) {
        const Batch part = batch.part(first, std::min(rows, batch.count - first));
        std::map<std::string, Tensor> outputs;
        {
            const Autocast autocast(recipe_.precision == "bf16", device.is_cuda());
            outputs = learner_->module().play(part.at("photo").to(device).contiguous(at::MemoryFormat::ChannelsLast));
        }
        // What is left is small and full of decisions: the processor's.
        for (auto& [name, value] : outputs) value = value.to(torch::kCPU);
        const DetectionAnswers answers = answers_of(outputs, network_->strides, cells_);
        const Losses losses = losses_of(answers, targets_of(answers, cells_, part), part);
        const double share = static_cast<double>(part.count) / static_cast<double>(batch.count);
        const Tensor total = losses.class_score + losses.object_score + losses.box * options_.box_weight +
                             losses.points * options_.points_weight;
        (total * share).backward();
        log["loss"] += share * total.item<double>();
        log["class"] += share * losses.class_score.item<double>();
        log["object"] += share * losses.object_score.item<double>();
        log["box"] += share * losses.box.item<double>();
        log["points"] += share * losses.points.item<double>();
        log["answering"] +=
            share * static_cast<double>(losses.answering) / std::max(1.0, part.at("faces").sum().item<double>());
    }
    log["learning_rate"] = learner_->update(progress, world);
    return log;
}

Json DetectionTask::validate(const SampleSource& source) {
    constexpr std::int64_t kPicturesAtOnce = 16;
    PlanModule& network = learner_->judged();
    network.eval();
    const torch::NoGradGuard no_grad;
    const torch::Device device = learning_device();
    DetectionScoreOptions how;
    how.least_score = kLeastScore;
    DetectionScore score(how);
    for (std::int64_t first = 0; first < source.held_out_count(); first += kPicturesAtOnce) {
        const Batch batch = source.held_out(first, std::min(kPicturesAtOnce, source.held_out_count() - first), 0);
        const Autocast autocast(recipe_.precision == "bf16", device.is_cuda());
        std::map<std::string, Tensor> outputs =
            network.play(batch.at("photo").to(device).contiguous(at::MemoryFormat::ChannelsLast));
        for (auto& [name, value] : outputs) value = value.to(torch::kCPU, torch::kFloat).contiguous();
        for (std::int64_t row = 0; row < batch.count; ++row) {
            std::vector<Face> found;
            for (const int stride : network_->strides) {
                const auto values = [&](const char* name) {
                    const Tensor one = outputs.at(name + std::to_string(stride))[row];
                    return std::span<const float>(one.data_ptr<float>(), static_cast<std::size_t>(one.numel()));
                };
                const int side = options_.pictures.px / stride;
                for (Face& face : faces_of(
                         {stride, side, side, values("class_"), values("object_"), values("box_"), values("points_")},
                         kLeastScore / 5))
                    found.push_back(std::move(face));
            }
            std::vector<MarkedFace> marked;
            const auto mark = [&](const Tensor& box, bool ignore) {
                MarkedFace face;
                const auto at = box.accessor<float, 1>();
                face.box_in_photo = {at[0], at[1], at[2], at[3]};
                face.ignore = ignore;
                if (at[2] > 0) marked.push_back(face);
            };
            for (std::int64_t i = 0; i < batch.at("boxes").size(1); ++i) {
                mark(batch.at("boxes")[row][i], false);
                mark(batch.at("passed_over")[row][i], true);
            }
            score.add(marked, suppress_overlaps(std::move(found), 0.3, 0.8));
        }
    }
    Json figures = Json::object();
    for (const DetectionFigures& line : score.figures()) {
        if (line.faces > 0) figures["recall"][line.width] = std::round(line.recall() * 1e4) / 1e4;
        if (line.width != "all") continue;
        figures["false_faces"] =
            static_cast<double>(line.false_faces) / static_cast<double>(std::max<std::int64_t>(score.photos(), 1));
        figures["average_precision"] = measure_to_json(line.average_precision);
    }
    return figures;
}

std::map<std::string, ModelFile> DetectionTask::models() const {
    ModelFile file;
    file.tensors = learner_->weights();
    file.card.network = options_.network.name;
    file.card.options = options_.network.options;
    file.card.input = {{"channels", 3}, {"range", "0 to 1"}};
    return {{"", std::move(file)}};
}

}  // namespace affectsr
