#include "affectsr/classify/covpool.h"

#include <array>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

// d-acharya/CovPoolFER, covpoolnet.py
constexpr double kNormEpsilon = 1e-3;  // of slim's batch norms
constexpr double kRidge = 1e-4;        // of the covariance, in traces
constexpr double kLeastEigenvalue = 1e-4, kMostEigenvalue = 1e4;
constexpr std::array kHalfWidths{2, 3, 4, 4, 8, 8};  // channels, in halves of the first convolution's

/// Mean 0 and deviation 1 over all values of a picture, as TensorFlow's per_image_standardization. TensorFlow divides
/// values of 0 to 255 by at least 1 / √(number of values); here that is under the root, which tells only in pictures of
/// one colour.
Value prewhitened(PlanBuilder& p, Value x, int px) {
    const double least = 1.0 / (3.0 * px * px * 255 * 255);  // a variance
    return p.group_norm("", x, 1, least, false);
}

/// [n, 1, side, side] → [n, side · (side + 1) / 2], row by row from the diagonal on.
Value upper_triangle(PlanBuilder& p, Value x, int side) {
    std::vector<std::vector<int>> kept;
    for (int row = 0; row < side; ++row)
        for (int column = row; column < side; ++column) kept.push_back({row * side + column});
    return p.sum_channels(p.flatten(x, side * side), std::move(kept));
}

}  // namespace

Value covpool_feature(PlanBuilder& p, Value picture, const CovpoolOptions& o) {
    if (o.width % 2 != 0)
        throw UsageError("covpool: \"width\" must be a multiple of 2, got " + std::to_string(o.width));
    Value x = p.mark("prewhitened", prewhitened(p, picture, o.input_px));
    for (std::size_t i = 0; i < kHalfWidths.size(); ++i) {
        const std::string name = "conv" + std::to_string(i + 1);
        x = p.conv(name + ".conv", x, kHalfWidths[i] * o.width / 2, {.bias = false});
        x = p.relu(p.batch_norm(name + ".bn", x, kNormEpsilon));
        if (i == 0 || i == 1 || i == 3) x = p.max_pool(x, 2, 2);
    }
    const int side = p.channels(p.mark("conv6", x));
    x = p.mark("covariance", p.covariance(x, kRidge));
    x = p.mark("bimap", p.congruence("bimap", x, side, covpool_feature_side(o)));
    return p.mark("feature", p.map_eigenvalues(x, kLeastEigenvalue, kMostEigenvalue, true));
}

Value covpool_logits(PlanBuilder& p, Value feature, const CovpoolOptions& o) {
    const int side = covpool_feature_side(o);
    const auto layer = [&p](const std::string& name, Value from, int features) {
        return p.batch_norm(name + ".bn", p.linear(name + ".fc", from, features, false), kNormEpsilon);
    };
    Value x = o.slim ? upper_triangle(p, feature, side) : p.flatten(feature, side * side);
    x = p.relu(layer("fc1", x, o.hidden));
    x = p.relu(p.mark("c", layer("fc2", x, o.features)));
    x = p.mark("bottleneck", layer("bottleneck", x, kExpressionClasses));
    return p.linear("logits", x, kExpressionClasses);
}

int covpool_feature_side(const CovpoolOptions& o) {
    return kHalfWidths.back() * o.width / 4;
}

Plan covpool_plan(const CovpoolOptions& o) {
    PlanBuilder p;
    p.output("expression", covpool_logits(p, covpool_feature(p, p.input(3), o), o));
    return p.finish();
}

Plan covpool_head_plan(const CovpoolOptions& o) {
    PlanBuilder p;
    p.output("expression", covpool_logits(p, p.input(1), o));
    return p.finish();
}

TensorMap rename_covpool(TensorMap published) {
    constexpr const char* kShift = ".bn.bias";
    TensorMap named;
    for (auto& [name, tensor] : published) {
        if (name.ends_with(kShift)) {
            const std::string scale = name.substr(0, name.size() - std::string(kShift).size()) + ".bn.weight";
            named.emplace(scale, HostTensor::from_floats(
                                     std::vector<float>(static_cast<std::size_t>(tensor.count()), 1), tensor.shape()));
        }
        named.insert_or_assign(name == "bimap" ? "bimap.weight" : name, std::move(tensor));
    }
    return named;
}

ExpressionNetwork covpool(const CovpoolOptions& o) {
    return {covpool_plan(o), {o.input_px, 3}, {"expression"}, rename_covpool};
}

}  // namespace affectsr
