#include "affectsr/train/any_scale_task.h"

#include <torch/nn/functional/fold.h>

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/image/resize.h"
#include "affectsr/learn/autocast.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/metric/psnr.h"
#include "affectsr/restore/catalog.h"
#include "affectsr/restore/edsr_ends.h"
#include "affectsr/train/contact_sheet.h"
#include "affectsr/train/pixel_losses.h"

namespace affectsr {

Tensor meta_enlarged(const Tensor& features, const Tensor& filters, const MetaAxis& rows, const MetaAxis& columns) {
    const std::int64_t n = features.size(0), width = features.size(3);
    std::vector<std::int64_t> cells;
    for (const int row : rows.cell)
        for (const int column : columns.cell) cells.push_back(row * width + column);
    const Tensor seen = torch::nn::functional::unfold(
        features, torch::nn::functional::UnfoldFuncOptions(3).padding(1));  // [n, 9·c, h·w], channel by channel
    const Tensor of_pixels = seen.permute({2, 0, 1}).index_select(0, torch::tensor(cells).to(features.device()));
    const auto pixels = static_cast<std::int64_t>(cells.size());
    const Tensor colours = torch::bmm(of_pixels, filters.view({pixels, -1, 3}));  // [pixels, n, 3]
    const Tensor mean = torch::tensor(edsr_mean_colour()).to(features.device());
    return ((colours + mean) / kEdsrWhite)
        .permute({1, 2, 0})
        .reshape({n, 3, static_cast<std::int64_t>(rows.cell.size()), static_cast<std::int64_t>(columns.cell.size())});
}

AnyScaleTask::AnyScaleTask(const AnyScaleTaskOptions& options, const Recipe& recipe,
                           const std::filesystem::path& folder)
    : LearnerTask(recipe), options_(options) {
    network_ = options_.network.make_from(any_scale_network_catalog());
    find_pixel_loss(options_.loss);
    if (options_.lr_px.empty()) throw UsageError("\"lr_px\" must name at least one side of small faces");
    for (const int px : options_.lr_px)
        if (px >= options_.hr_px)
            throw UsageError("\"lr_px\" has " + std::to_string(px) + ", which is not smaller than \"hr_px\" " +
                             std::to_string(options_.hr_px));
    learner_ = std::make_unique<Learner>(network_->plan, options_.learning, recipe_.seed, folder);
    learner_->module().set_play(Play::libtorch);  // its two halves see batches of different sizes
}

std::unique_ptr<SampleSource> AnyScaleTask::open_data(const DataLoading& loading) {
    FaceNeeds needs;
    needs.px = options_.hr_px;
    needs.channels = 3;
    needs.face = false;
    needs.hr = true;
    needs.lr_sides = options_.lr_px;
    needs.without_target = true;
    return std::make_unique<FaceSource>(face_source_options(recipe_, loading), needs);
}

Tensor AnyScaleTask::restored(PlanModule& network, const Tensor& small) const {
    const torch::Device device = learning_device();
    const auto side = static_cast<int>(small.size(3));
    const double scale = static_cast<double>(options_.hr_px) / side;
    const MetaAxis axis = meta_axis(side, options_.hr_px, scale);
    const std::vector<float> places = meta_positions(axis, axis, scale);
    const Tensor positions = torch::tensor(places).view({-1, 3}).to(device);
    std::map<std::string, Tensor> made;
    {
        const Autocast autocast(recipe_.precision == "bf16", device.is_cuda());
        made = network.play(
            {{"in", small.to(device).contiguous(at::MemoryFormat::ChannelsLast)}, {"positions", positions}});
    }
    return meta_enlarged(made.at("features").to(torch::kFloat), made.at("filters").to(torch::kFloat), axis, axis);
}

StepLog AnyScaleTask::step(const Batch& batch, const RunProgress& progress, const World& world) {
    learner_->begin_step(world);
    const std::int64_t rows = (batch.count + recipe_.accumulate - 1) / recipe_.accumulate;
    double sum = 0;
    for (std::int64_t first = 0; first < batch.count; first += rows) {
        const Batch part = batch.part(first, std::min(rows, batch.count - first));
        const double share = static_cast<double>(part.count) / static_cast<double>(batch.count);
        const Tensor sr = restored(learner_->module(), part.at("lr"));
        const Tensor loss = find_pixel_loss(options_.loss).mean(sr, part.at("hr").to(sr.device())) * share;
        loss.backward();
        sum += loss.item<double>();
    }
    return {{"loss", sum}, {"learning_rate", learner_->update(progress, world)}};
}

Json AnyScaleTask::validate(const SampleSource& source) {
    constexpr std::int64_t kFacesAtOnce = 16;
    const torch::NoGradGuard no_grad;
    PlanModule& network = learner_->judged();
    network.eval();
    Json of_network = Json::object(), of_bicubic = Json::object();
    for (const int side : options_.lr_px) {
        Psnr ours({}), bicubic({});
        for (std::int64_t first = 0; first < source.held_out_count(); first += kFacesAtOnce) {
            const Batch batch = source.held_out(first, std::min(kFacesAtOnce, source.held_out_count() - first), side);
            const Tensor all = restored(network, batch.at("lr")).to(torch::kCPU);
            for (std::int64_t i = 0; i < batch.count; ++i) {
                const Image hr = to_image(batch.at("hr")[i]), sr = to_image(all[i]);
                const Image enlarged = resize(to_image(batch.at("lr")[i]), hr.size(), Filter::bicubic);
                ours.add({&hr, &sr, {}, {}, {}});
                bicubic.add({&hr, &enlarged, {}, {}, {}});
            }
        }
        of_network[std::to_string(side)] = measure_to_json(ours.value());
        of_bicubic[std::to_string(side)] = measure_to_json(bicubic.value());
    }
    return {{"psnr_db", of_network}, {"bicubic_psnr_db", of_bicubic}};
}

std::map<std::string, ModelFile> AnyScaleTask::models() const {
    ModelFile file;
    file.tensors = learner_->weights();
    file.card.network = options_.network.name;
    file.card.options = options_.network.options;
    file.card.input = {{"channels", 3}, {"range", "0 to 1"}};
    return {{"", std::move(file)}};
}

}  // namespace affectsr
