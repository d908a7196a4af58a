#include "affectsr/train/detection_task.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/detect/grouping.h"
#include "affectsr/learn/autocast.h"
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

/// Sums over pictures of a batch.
struct Losses {
    Tensor class_score, object_score, box, points;
    std::int64_t answering = 0, with_points = 0, faces = 0;
};

void add_picture(Losses& sums, const DetectionAnswers& answers, const DetectionCells& cells, const Batch& batch,
                 std::int64_t row) {
    const std::int64_t faces = batch.at("faces")[row].item<std::int64_t>();
    const Tensor boxes = batch.at("boxes")[row].narrow(0, 0, faces);
    const Tensor object_score = answers.object_score[row], class_score = answers.class_score[row];
    const Tensor score = (class_score.detach() * object_score.detach()).sqrt();
    const DetectionTargets targets =
        detection_targets(cells, score, answers.box[row].detach(), boxes, batch.at("passed_over")[row]);
    const Tensor answering = torch::zeros_like(object_score).index_fill(0, targets.cells, 1);
    sums.object_score = sums.object_score + (cross_entropy(object_score, answering) * targets.counts).sum();
    sums.faces += faces;
    if (targets.cells.size(0) == 0) return;
    sums.answering += targets.cells.size(0);
    const auto of_cells = [&](const Tensor& values) { return values.index_select(0, targets.cells); };
    sums.class_score = sums.class_score + cross_entropy(of_cells(class_score), targets.overlap).sum();
    const Tensor truth = boxes.index_select(0, targets.faces);
    const Tensor sides = truth.slice(1, 2, 4);
    sums.box = sums.box +
               eiou_loss(of_cells(answers.box[row]), torch::cat({truth.slice(1, 0, 2) + sides / 2, sides}, 1)).sum();
    const Tensor points = batch.at("points")[row].index_select(0, targets.faces);
    const Tensor known = torch::isfinite(points).all(1).nonzero().flatten();
    if (known.size(0) == 0) return;
    sums.with_points += known.size(0);
    // Points count from pixel centres, cells from pixels' corners.
    const Tensor error =
        (of_cells(answers.points[row]).index_select(0, known) - 0.5 - points.index_select(0, known)).abs() /
        sides.index_select(0, known).select(1, 0).unsqueeze(1);
    sums.points = sums.points +
                  torch::where(error < kSmallError, error.square() / (2 * kSmallError), error - kSmallError / 2).sum();
}

}  // namespace

DetectionTask::DetectionTask(const DetectionTaskOptions& options, const Recipe& recipe,
                             const std::filesystem::path& folder)
    : options_(options), recipe_(recipe) {
    network_ = options_.network.make_from(detection_network_catalog());
    if (options_.pictures.px % network_->multiple != 0)
        throw UsageError("\"px\" " + std::to_string(options_.pictures.px) + " does not fit the network " +
                         options_.network.name + "; take a multiple of " + std::to_string(network_->multiple));
    learner_ = std::make_unique<Learner>(network_->plan, options_.learning, recipe_.seed, folder);
    cells_ = cells_of(network_->strides, options_.pictures.px, options_.pictures.px);
}

Json DetectionTask::stands_on() const {
    return learner_->started_from().is_null() ? Json::object() : Json{{"start", learner_->started_from()}};
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
        const Tensor zero = torch::zeros({});
        Losses sums{zero, zero, zero, zero};
        for (std::int64_t row = 0; row < part.count; ++row) add_picture(sums, answers, cells_, part, row);
        const double share = static_cast<double>(part.count) / static_cast<double>(batch.count);
        const double answering = static_cast<double>(std::max<std::int64_t>(sums.answering, 1)),
                     with_points = static_cast<double>(std::max<std::int64_t>(sums.with_points, 1));
        const Tensor class_loss = sums.class_score / answering, object_loss = sums.object_score / answering,
                     box_loss = sums.box / answering, points_loss = sums.points / (10 * with_points);
        const Tensor total =
            class_loss + object_loss + box_loss * options_.box_weight + points_loss * options_.points_weight;
        (total * share).backward();
        log["loss"] += share * total.item<double>();
        log["class"] += share * class_loss.item<double>();
        log["object"] += share * object_loss.item<double>();
        log["box"] += share * box_loss.item<double>();
        log["points"] += share * points_loss.item<double>();
        log["answering"] += share * answering / static_cast<double>(std::max<std::int64_t>(sums.faces, 1));
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
