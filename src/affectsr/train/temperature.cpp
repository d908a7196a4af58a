#include "affectsr/train/temperature.h"

#include <ATen/ATen.h>

#include <cmath>

#include "affectsr/train/losses.h"

namespace affectsr {

double fit_temperature(const at::Tensor& logits, const at::Tensor& target) {
    constexpr double kGolden = 0.6180339887498949;
    const auto loss_at = [&](double log_temperature) {
        return soft_cross_entropy(logits / std::exp(log_temperature), target).sum().item<double>();
    };
    double low = std::log(0.2), high = std::log(5.0);
    for (int i = 0; i < 40; ++i) {
        const double a = high - kGolden * (high - low), b = low + kGolden * (high - low);
        if (loss_at(a) < loss_at(b))
            high = b;
        else
            low = a;
    }
    return std::exp((low + high) / 2);
}

std::pair<at::Tensor, at::Tensor> labelled_rows(const at::Tensor& logits, const at::Tensor& target) {
    const at::Tensor rows = at::nonzero(target.sum(1) > 0.5).flatten();
    const at::Tensor sharp = at::one_hot(target.index_select(0, rows).argmax(1), target.size(1)).to(at::kFloat);
    return {logits.index_select(0, rows), sharp};
}

}  // namespace affectsr
