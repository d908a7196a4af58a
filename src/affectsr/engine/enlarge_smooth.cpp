#include "affectsr/engine/enlarge_smooth.h"

#include <algorithm>
#include <cmath>

#include "affectsr/engine/cores.h"
#include "affectsr/engine/training_kernels.h"
#include "affectsr/image/cubic.h"

namespace affectsr::engine {

namespace {

/// PyTorch's align_corners=True: x_in = x · (size − 1) / (size · factor − 1), in float as there. Two taps.
Taps corner_taps_of(int size, int factor) {
    Taps taps;
    taps.count = 2;
    const float step = static_cast<float>(size - 1) / static_cast<float>(std::max(size * factor - 1, 1));
    for (int x = 0; x < size * factor; ++x) {
        const float at = step * static_cast<float>(x);
        const int floor = std::min(static_cast<int>(at), size - 1);
        const float t = at - static_cast<float>(floor);
        taps.index.insert(taps.index.end(), {floor, std::min(floor + 1, size - 1)});
        taps.weight.insert(taps.weight.end(), {1 - t, t});
    }
    return taps;
}

/// PyTorch's align_corners=False: x_in = (x + 0.5) / factor − 0.5, pixels beyond the edge repeat it. `count` is 2 for
/// bilinear, 4 for bicubic.
Taps even_taps_of(int count, int size, int factor) {
    Taps taps;
    taps.count = count;
    for (int x = 0; x < size * factor; ++x) {
        double at = (x + 0.5) / factor - 0.5;
        if (count == 2) at = std::max(at, 0.0);
        const int floor = static_cast<int>(std::floor(at));
        const double t = at - floor;
        const auto add = [&](int index, double weight) {
            taps.index.push_back(std::clamp(index, 0, size - 1));
            taps.weight.push_back(static_cast<float>(weight));
        };
        if (count == 2) {
            add(floor, 1 - t);
            add(floor + 1, t);
            continue;
        }
        for (int tap = -1; tap <= 2; ++tap) add(floor + tap, cubic(t - tap, -0.75));  // PyTorch's parameter
    }
    return taps;
}

/// Which enlarged pixels look at each pixel, and how much.
struct Lookers {
    std::vector<std::size_t> first;  ///< [size + 1]: where each pixel's begin
    std::vector<int> index;
    std::vector<float> weight;

    Lookers(const Taps& taps, int size) : first(static_cast<std::size_t>(size) + 1) {
        for (const int looked_at : taps.index) ++first[static_cast<std::size_t>(looked_at) + 1];
        for (std::size_t i = 1; i < first.size(); ++i) first[i] += first[i - 1];
        index.resize(taps.index.size());
        weight.resize(taps.index.size());
        std::vector<std::size_t> next(first.begin(), first.end() - 1);
        for (std::size_t i = 0; i < taps.index.size(); ++i) {
            const std::size_t at = next[static_cast<std::size_t>(taps.index[i])]++;
            index[at] = static_cast<int>(i / static_cast<std::size_t>(taps.count));
            weight[at] = taps.weight[i];
        }
    }
};

}  // namespace

std::optional<Taps> taps_of(const Step& step, int size) {
    if (const auto* bicubic = step.as<step::EnlargeBicubic>()) return even_taps_of(4, size, bicubic->factor);
    const auto* bilinear = step.as<step::EnlargeBilinear>();
    if (bilinear == nullptr) return std::nullopt;
    return bilinear->align_corners ? corner_taps_of(size, bilinear->factor) : even_taps_of(2, size, bilinear->factor);
}

template <class E>
void enlarge_smooth(const Block<E>& x, const Block<E>& result, const Taps& down, const Taps& across, int threads) {
    const std::size_t channels = x.channels(), width = static_cast<std::size_t>(result.shape.width);
    const auto height = static_cast<std::size_t>(result.shape.height), taps = static_cast<std::size_t>(down.count);
    spread(threads, static_cast<std::size_t>(x.count) * height, [&](std::size_t begin, std::size_t end) {
        for (std::size_t y = begin; y < end; ++y) {
            const E* rows[4] = {};
            const E* picture = x.picture(static_cast<int>(y / height));
            for (std::size_t i = 0; i < taps; ++i)
                rows[i] = picture + static_cast<std::size_t>(down.index[y % height * taps + i]) *
                                        static_cast<std::size_t>(x.shape.width) * channels;
            resample_row(result.data + y * width * channels, rows,
                         {down.count, down.weight.data() + y % height * taps, across.index.data(), across.weight.data(),
                          width, channels});
        }
    });
}

template <class E>
void enlarge_smooth_backward(const Block<E>& x_gradient, const E* gradient, const Taps& down, const Taps& across,
                             int threads) {
    const auto height = static_cast<std::size_t>(x_gradient.shape.height), channels = x_gradient.channels();
    const auto width = static_cast<std::size_t>(x_gradient.shape.width);
    const std::size_t rows = down.index.size() / static_cast<std::size_t>(down.count);  // of an enlarged picture
    const std::size_t row = across.index.size() / static_cast<std::size_t>(across.count) * channels;
    const Lookers above(down, x_gradient.shape.height), beside(across, x_gradient.shape.width);
    spread(threads, static_cast<std::size_t>(x_gradient.count) * height, [&](std::size_t begin, std::size_t end) {
        std::vector<float> sums(row);
        for (std::size_t y = begin; y < end; ++y) {
            std::fill(sums.begin(), sums.end(), 0.0f);
            const E* const picture = gradient + y / height * rows * row;
            for (std::size_t k = above.first[y % height]; k < above.first[y % height + 1]; ++k)
                add_scaled(sums.data(), picture + static_cast<std::size_t>(above.index[k]) * row, above.weight[k], row);
            collect_row(x_gradient.data + y * width * channels, sums.data(),
                        {beside.first.data(), beside.index.data(), beside.weight.data(), width, channels});
        }
    });
}

#define AFFECTSR_ENLARGE_SMOOTH(E)                                                                 \
    template void enlarge_smooth(const Block<E>&, const Block<E>&, const Taps&, const Taps&, int); \
    template void enlarge_smooth_backward(const Block<E>&, const E*, const Taps&, const Taps&, int);
AFFECTSR_ENLARGE_SMOOTH(float)
AFFECTSR_ENLARGE_SMOOTH(Bf16)

}  // namespace affectsr::engine
