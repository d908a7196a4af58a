// Golden runner of covpoolfer: CovPoolFER as nanfangAlan/FSRFER has it, computed in double.
#include "affectsr/classify/covpool.h"

#include <cmath>

#include "affectsr/classify/test_softmax.h"
#include "golden/plan_case.h"

namespace affectsr::golden {
namespace {

/// The reference sees 0 to 255.
HostTensor in_unit_range(const HostTensor& image) {
    return with_channels(image, [](float value, std::size_t) { return value / 255; });
}

/// [n, 1, c, c] → its first `pictures` matrices.
HostTensor matrices(const HostTensor& value, std::int64_t pictures) {
    const std::int64_t side = value.shape().at(2);
    std::vector<float> numbers = value.floats();
    numbers.resize(static_cast<std::size_t>(pictures * side * side));
    return HostTensor::from_floats(numbers, {pictures, side, side});
}

HostTensor diagonals(const HostTensor& value) {
    const std::int64_t count = value.shape().at(0), side = value.shape().at(2);
    const std::vector<float> all = value.floats();
    std::vector<float> kept;
    for (std::int64_t n = 0; n < count; ++n)
        for (std::int64_t i = 0; i < side; ++i)
            kept.push_back(all[static_cast<std::size_t>((n * side + i) * side + i)]);
    return HostTensor::from_floats(kept, {count, side});
}

/// Each row of [n, c] divided by its length.
HostTensor unit_rows(const HostTensor& rows) {
    std::vector<float> values = rows.floats();
    const auto width = static_cast<std::size_t>(rows.shape().at(1));
    for (std::size_t row = 0; row < values.size(); row += width) {
        double squares = 0;
        for (std::size_t i = row; i < row + width; ++i)
            squares += static_cast<double>(values[i]) * static_cast<double>(values[i]);
        for (std::size_t i = row; i < row + width; ++i) values[i] /= static_cast<float>(std::sqrt(squares));
    }
    return HostTensor::from_floats(values, rows.shape());
}

/// The first rows of a matrix, as many as `rows`.
HostTensor first_rows(const HostTensor& matrix, std::int64_t rows) {
    std::vector<float> values = matrix.floats();
    values.resize(static_cast<std::size_t>(rows * matrix.shape().at(1)));
    return HostTensor::from_floats(values, {rows, matrix.shape().at(1)});
}

double cross_entropy(const HostTensor& logits, const std::vector<std::int64_t>& labels) {
    const std::vector<float> probability = softmax_rows(logits).floats();
    const std::size_t classes = probability.size() / labels.size();
    double sum = 0;
    for (std::size_t n = 0; n < labels.size(); ++n)
        sum -= std::log(static_cast<double>(probability[n * classes + static_cast<std::size_t>(labels[n])]));
    return sum / static_cast<double>(labels.size());
}

/// ∂ cross_entropy / ∂ logits.
HostTensor cross_entropy_gradient(const HostTensor& logits, const std::vector<std::int64_t>& labels) {
    std::vector<float> values = softmax_rows(logits).floats();
    const std::size_t classes = values.size() / labels.size();
    for (std::size_t n = 0; n < labels.size(); ++n) values[n * classes + static_cast<std::size_t>(labels[n])] -= 1;
    for (float& value : values) value /= static_cast<float>(labels.size());
    return HostTensor::from_floats(values, logits.shape());
}

Outputs named(const Case& golden_case, const std::map<std::string, HostTensor>& values) {
    const HostTensor &logits = values.at("expression"), &bottleneck = values.at("bottleneck");
    const auto loss = static_cast<float>(cross_entropy(logits, golden_case.input("label").ints()));
    Outputs outputs{{"output.feature", matrices(values.at("feature"), values.at("feature").shape().at(0))},
                    {"output.bottleneck", bottleneck},
                    {"output.logits", logits},
                    {"output.probabilities", softmax_rows(logits)},
                    {"output.embedding", unit_rows(bottleneck)},
                    {"output.fc2", values.at("c")},
                    {"output.loss", HostTensor::from_floats(std::vector<float>{loss}, {1})},
                    {"stage.x_prewhitened",
                     strided(values.at("prewhitened"), golden_case.tensors.at("stage.x_prewhitened").shape())},
                    {"stage.conv6_mean", spatial_mean(values.at("conv6"))},
                    {"stage.cov_diag", diagonals(values.at("covariance"))},
                    {"stage.bimap", matrices(values.at("bimap"), 1)}};
    const auto gradient = [&](const std::string& of) {
        const auto found = values.find("grad." + of);
        return found == values.end() ? nullptr : &found->second;
    };
    if (const HostTensor* of_bimap = gradient("bimap.weight"))
        outputs["output.grad_bimap"] = first_rows(*of_bimap, golden_case.tensors.at("output.grad_bimap").shape().at(0));
    if (const HostTensor* of_conv = gradient("conv1.conv.weight")) outputs["output.grad_conv1"] = *of_conv;
    if (const HostTensor* of_shift = gradient("conv6.bn.bias")) outputs["output.grad_conv6_beta"] = *of_shift;
    return outputs;
}

PlanCase describe(const Case& golden_case) {
    PlanCase made{covpool_plan({}), in_unit_range(golden_case.input("image"))};
    for (const char* mark : {"prewhitened", "conv6", "covariance", "bimap", "feature", "c", "bottleneck"})
        made.plan.output_mark(mark);
    made.rename = [&golden_case](TensorMap state) {
        state["bimap"] = golden_case.input("bimap");
        return rename_covpool(std::move(state));
    };
    made.loss_gradient = [&golden_case](const std::string& name, const HostTensor& value) {
        return name == "expression" ? cross_entropy_gradient(value, golden_case.input("label").ints())
                                    : with_channels(value, [](float, std::size_t) { return 0.0F; });
    };
    made.finish = [&golden_case](const std::map<std::string, HostTensor>& values) {
        return named(golden_case, values);
    };
    return made;
}

const bool kRegistered = register_plan("covpoolfer", describe);

}  // namespace
}  // namespace affectsr::golden
