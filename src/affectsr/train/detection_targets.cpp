#include "affectsr/train/detection_targets.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace affectsr {

namespace {

constexpr double kLeast = 1e-7;
constexpr double kCentreRadius = 2.5;  // strides; YOLOX
constexpr std::int64_t kCandidates = 10;
constexpr double kOverlapWeight = 3, kOutside = 1e5;

/// x, y, width, height → centre x, centre y, width, height.
at::Tensor by_centre(const at::Tensor& boxes) {
    const at::Tensor sides = boxes.slice(-1, 2, 4);
    return at::cat({boxes.slice(-1, 0, 2) + sides / 2, sides}, -1);
}

/// Whether points [c, 2] lie in boxes [f, 4] given by their centres: [f, c].
at::Tensor inside(const at::Tensor& points, const at::Tensor& boxes) {
    const at::Tensor distance = (points.unsqueeze(0) - boxes.slice(1, 0, 2).unsqueeze(1)).abs();  // [f, c, 2]
    return (distance <= boxes.slice(1, 2, 4).unsqueeze(1) / 2).all(2);
}

}  // namespace

DetectionCells cells_of(const std::vector<int>& strides, int height, int width) {
    std::vector<at::Tensor> corners, sides;
    for (const int stride : strides) {
        const at::Tensor y = at::arange(height / stride, at::kFloat) * stride,
                         x = at::arange(width / stride, at::kFloat) * stride;
        const at::Tensor rows = y.view({-1, 1}).expand({y.size(0), x.size(0)}),
                         columns = x.view({1, -1}).expand({y.size(0), x.size(0)});
        corners.push_back(at::stack({columns.reshape({-1}), rows.reshape({-1})}, 1));
        sides.push_back(at::full({corners.back().size(0)}, stride, at::kFloat));
    }
    return {at::cat(corners), at::cat(sides)};
}

DetectionAnswers answers_of(const std::map<std::string, at::Tensor>& outputs, const std::vector<int>& strides,
                            const DetectionCells& cells) {
    const auto in_a_row = [&](const char* name) {
        std::vector<at::Tensor> parts;
        for (const int stride : strides)  // [n, c, h, w] → [n, h·w, c]
            parts.push_back(outputs.at(name + std::to_string(stride)).to(at::kFloat).flatten(2).transpose(1, 2));
        return at::cat(parts, 1);
    };
    const at::Tensor stride = cells.stride.view({1, -1, 1}), corner = cells.corner.unsqueeze(0);
    const at::Tensor box = in_a_row("box_"), points = in_a_row("points_");
    // Sides beyond e^8 strides are no face; their gradients would be no numbers.
    const at::Tensor sides = box.slice(2, 2, 4).clamp_max(8).exp() * stride;
    return {in_a_row("class_").squeeze(2), in_a_row("object_").squeeze(2),
            at::cat({box.slice(2, 0, 2) * stride + corner, sides}, 2),
            points * stride + corner.repeat({1, 1, points.size(2) / 2})};
}

at::Tensor box_overlap(const at::Tensor& a, const at::Tensor& b) {
    const auto low = [](const at::Tensor& box) { return box.slice(-1, 0, 2) - box.slice(-1, 2, 4) / 2; };
    const auto high = [](const at::Tensor& box) { return box.slice(-1, 0, 2) + box.slice(-1, 2, 4) / 2; };
    const at::Tensor common = (at::minimum(high(a), high(b)) - at::maximum(low(a), low(b))).clamp_min(0).prod(-1);
    return common / (a.slice(-1, 2, 4).prod(-1) + b.slice(-1, 2, 4).prod(-1) - common).clamp_min(kLeast);
}

at::Tensor eiou_loss(const at::Tensor& answered, const at::Tensor& truth) {
    const at::Tensor reach = (at::maximum(answered.slice(1, 0, 2) + answered.slice(1, 2, 4) / 2,
                                          truth.slice(1, 0, 2) + truth.slice(1, 2, 4) / 2) -
                              at::minimum(answered.slice(1, 0, 2) - answered.slice(1, 2, 4) / 2,
                                          truth.slice(1, 0, 2) - truth.slice(1, 2, 4) / 2))
                                 .clamp_min(kLeast);  // [k, 2]
    const at::Tensor centres = (answered.slice(1, 0, 2) - truth.slice(1, 0, 2)).square().sum(1) / reach.square().sum(1);
    const at::Tensor sides = ((answered.slice(1, 2, 4) - truth.slice(1, 2, 4)).square() / reach.square()).sum(1);
    return 1 - box_overlap(answered, truth) + centres + sides;
}

DetectionTargets detection_targets(const DetectionCells& cells, const at::Tensor& score, const at::Tensor& answered,
                                   const at::Tensor& boxes, const at::Tensor& passed_over) {
    const at::NoGradGuard no_grad;
    const std::int64_t faces = boxes.size(0), count = score.size(0);
    const at::Tensor middle = cells.corner + cells.stride.unsqueeze(1) / 2;
    DetectionTargets targets;
    targets.counts =
        passed_over.size(0) == 0
            ? at::ones({count}, at::kBool)
            : ~(inside(middle, by_centre(passed_over)) & (passed_over.select(1, 2) > 0).unsqueeze(1)).any(0);
    targets.cells = targets.faces = at::zeros({0}, at::kLong);
    targets.overlap = at::zeros({0}, at::kFloat);
    if (faces == 0) return targets;
    const at::Tensor truth = by_centre(boxes);
    const at::Tensor near = ((middle.unsqueeze(0) - truth.slice(1, 0, 2).unsqueeze(1)).abs() <=
                             kCentreRadius * cells.stride.view({1, -1, 1}))
                                .all(2);  // [f, c]
    const at::Tensor in_box = inside(middle, truth);
    const at::Tensor candidate = (near | in_box).any(0);      // [c]
    const at::Tensor chosen = candidate.nonzero().flatten();  // [m]
    if (chosen.size(0) == 0) return targets;
    const at::Tensor overlap =
        box_overlap(truth.unsqueeze(1), answered.index_select(0, chosen).unsqueeze(0));  // [f, m]
    const at::Tensor certainty = score.index_select(0, chosen).clamp(kLeast, 1);
    const at::Tensor both = (near & in_box).index_select(1, chosen);
    const at::Tensor cost = -certainty.log().unsqueeze(0) - kOverlapWeight * (overlap + 1e-8).log() +
                            kOutside * (~both).to(at::kFloat);  // [f, m]
    const std::int64_t most = std::min(kCandidates, chosen.size(0));
    const at::Tensor wanted = std::get<0>(overlap.topk(most, 1)).sum(1).to(at::kLong).clamp(1, most);  // [f]
    at::Tensor taken = at::zeros_like(cost, at::kBool);
    for (std::int64_t f = 0; f < faces; ++f) {
        const at::Tensor best = std::get<1>(cost[f].topk(wanted[f].item<std::int64_t>(), 0, /*largest=*/false));
        taken[f].index_fill_(0, best, true);
    }
    // A cell that several faces want goes to the one of least cost.
    const at::Tensor cheapest = at::zeros_like(taken).scatter_(0, cost.argmin(0, true), true);
    taken = at::where(taken.sum(0, true) > 1, cheapest, taken);
    const at::Tensor pairs = taken.nonzero();  // [k, 2]: face, place in chosen
    targets.faces = pairs.select(1, 0).contiguous();
    targets.cells = chosen.index_select(0, pairs.select(1, 1));
    targets.overlap = overlap.index({targets.faces, pairs.select(1, 1)});
    targets.counts.index_fill_(0, targets.cells, true);
    return targets;
}

}  // namespace affectsr
