#include "affectsr/train/node_embedding_loss.h"

#include <torch/nn/functional/vision.h>

#include <algorithm>
#include <array>
#include <optional>

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"
#include "affectsr/face/mesh.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/train/frozen_network.h"

namespace affectsr {

namespace {

constexpr auto kPoints = static_cast<std::int64_t>(kMeshPoints);
constexpr const char* kGraph = "graph";  // the mark of the embeddings (restore/affectsr_net.h)

bool has(const std::vector<Plan::Output>& values, const std::string& name) {
    return std::any_of(values.begin(), values.end(), [&](const Plan::Output& value) { return value.name == name; });
}

/// The way from a crop of `crop_px`, framed as cut() frames a face, into the picture; mesh: [3, 478] in pixels of the
/// small face.
std::optional<Similarity> photo_from_crop(const Tensor& mesh, int scale, int crop_px) {
    Landmarks points;
    const auto at = mesh.accessor<float, 2>();
    for (std::int64_t i = 0; i < kPoints; ++i)
        points.push_back({(at[0][i] + 0.5F) * static_cast<float>(scale) - 0.5F,
                          (at[1][i] + 0.5F) * static_cast<float>(scale) - 0.5F, 0});
    std::array<Point, kCropTemplate.size()> targets = kCropTemplate;
    const auto px = static_cast<float>(crop_px);
    for (Point& target : targets) target = {target.x * px - 0.5F, target.y * px - 0.5F, 0};
    const std::optional<Similarity> crop_from_photo = fit_similarity(five_points_of(points), targets);
    if (!crop_from_photo || !(crop_from_photo->scale() > 0)) return std::nullopt;
    return crop_from_photo->inverse();
}

/// Which faces of a batch are cut out, and how.
struct Cuts {
    std::vector<std::int64_t> rows;
    std::vector<Similarity> photo_from_crop;
};

Cuts cuts_of(const RestoredFaces& faces, int crop_px) {
    Cuts cuts;
    if (!faces.mesh.defined()) return cuts;
    const Tensor meshes = faces.mesh.to(torch::kCPU, torch::kFloat).squeeze(3).contiguous();  // [n, 3, 478]
    for (std::int64_t row = 0; row < meshes.size(0); ++row) {
        if (meshes[row][0][0].item<float>() == kNowherePx) continue;
        const std::optional<Similarity> cut = photo_from_crop(meshes[row], faces.scale, crop_px);
        if (!cut) continue;
        cuts.rows.push_back(row);
        cuts.photo_from_crop.push_back(*cut);
    }
    return cuts;
}

/// Crops [k, 3, px, px] of pictures [k, 3, s, s]: bilinear at twice the size, then the mean of four, so that a crop
/// that shows more than one pixel in one has no alias. Beyond the picture its border is repeated.
Tensor cut_out(const Tensor& pictures, const Cuts& cuts, int px) {
    const auto side = static_cast<double>(pictures.size(3));
    std::vector<float> maps;  // [k, 2, 3]: from the crop into the picture, both counted from −1 to 1
    for (const Similarity& s : cuts.photo_from_crop) {
        const double middle = px / 2.0 - 0.5, x = s.a * middle - s.b * middle + s.tx,
                     y = s.b * middle + s.a * middle + s.ty;
        for (const double number : {s.a * px / side, -s.b * px / side, 2 * (x + 0.5) / side - 1, s.b * px / side,
                                    s.a * px / side, 2 * (y + 0.5) / side - 1})
            maps.push_back(static_cast<float>(number));
    }
    const auto count = static_cast<std::int64_t>(cuts.rows.size());
    const Tensor theta = torch::tensor(maps).view({count, 2, 3}).to(pictures.device());
    const Tensor grid = torch::affine_grid_generator(theta, {count, 3, 2 * px, 2 * px}, /*align_corners=*/false);
    namespace F = torch::nn::functional;
    const auto sampling =
        F::GridSampleFuncOptions().mode(torch::kBilinear).padding_mode(torch::kBorder).align_corners(false);
    return torch::avg_pool2d(F::grid_sample(pictures, grid, sampling), 2);
}

/// Points [k, 478, 3] of crops → [k, 3, 478, 1], in pixels of the pictures.
Tensor in_pictures(const Tensor& points, const Cuts& cuts) {
    std::vector<float> turns, shifts;
    for (const Similarity& s : cuts.photo_from_crop) {
        for (const double number : {s.a, -s.b, 0.0, s.b, s.a, 0.0, 0.0, 0.0, s.scale()})
            turns.push_back(static_cast<float>(number));
        for (const double number : {s.tx, s.ty, 0.0}) shifts.push_back(static_cast<float>(number));
    }
    const auto count = static_cast<std::int64_t>(cuts.rows.size());
    const Tensor turn = torch::tensor(turns).view({count, 3, 3}).to(points.device());
    const Tensor shift = torch::tensor(shifts).view({count, 3, 1}).to(points.device());
    return (torch::bmm(turn, points.transpose(1, 2)) + shift).unsqueeze(3);
}

/// Two frozen networks in a row: what finds landmarks, and the learner's graph.
class NodeEmbeddingLoss : public RestorationLoss {
 public:
    NodeEmbeddingLoss(const TrainedNetwork& landmarker, const Plan& learner)
        : landmarker_(landmarker.plan, {"points"}, landmarker.weights, landmarker.where),
          graph_(learner, {kGraph}, first_weights_of(learner), "the network that learns"),
          px_(landmarker.input_px),
          account_(landmarker.account) {}

    Tensor of(RestoredFaces& faces) override {
        const Cuts cuts = cuts_of(faces, px_);
        if (cuts.rows.empty()) return torch::zeros({}, faces.sr.options());
        graph_.take_weights(*faces.learner);
        const Tensor rows = torch::tensor(cuts.rows).to(faces.sr.device());
        const auto embed = [&](const Tensor& pictures) {
            const Tensor crops = cut_out(pictures.index_select(0, rows).contiguous(), cuts, px_);
            const Tensor points = landmarker_.play(crops).at("points").view({-1, kPoints, 3});
            return graph_.play(in_pictures(points, cuts)).at(kGraph);
        };
        const Tensor sr = embed(faces.sr);
        Tensor hr;
        {
            const torch::NoGradGuard no_grad;
            hr = embed(faces.hr);
        }
        return node_embedding_distance(sr, hr);
    }
    Json stands_on() const override { return account_; }

 private:
    static TensorMap first_weights_of(const Plan& plan) { return state_of(PlanModule(part_of_plan(plan, {kGraph}))); }

    FrozenNetwork landmarker_, graph_;
    int px_;
    Json account_;
};

}  // namespace

Tensor node_embedding_distance(const Tensor& sr, const Tensor& hr) {
    return (sr - hr).square().flatten(1).sum(1).mean();
}

std::unique_ptr<RestorationLoss> make_node_embedding_loss(const RestorationLossOptions& options, LossSetting& setting) {
    if (!options.network.empty() || !options.layers.empty() || options.input_px != 0)
        throw UsageError(
            "the loss node_embedding asks a landmark network, the \"model\"; \"network\", \"layers\" and "
            "\"input_px\" are for perceptual and style");
    if (!has(setting.network.plan.marks, kGraph))
        throw UsageError(
            "the loss node_embedding compares the graphs of faces, and the network that learns has none; "
            "take affectsr_net with \"graph\", or leave the loss away");
    const std::string model = options.model.empty() ? "landmark_net" : options.model;
    const TrainedNetwork landmarker = open_trained(model, "", setting.folder, setting.hr_px);
    if (!has(landmarker.plan.outputs, "points"))
        throw UsageError(landmarker.where + ": the network " + landmarker.network +
                         " finds no landmarks; name a landmark network's file as the \"model\" of the loss "
                         "node_embedding");
    return std::make_unique<NodeEmbeddingLoss>(landmarker, setting.network.plan);
}

}  // namespace affectsr
