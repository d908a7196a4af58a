#include "affectsr/image/resize.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "affectsr/base/error.h"
#include "affectsr/image/border.h"
#include "affectsr/image/cubic.h"

namespace affectsr {
namespace {

constexpr int kMostSide = 16384;

double triangle(double t) {
    return std::max(0.0, 1 - std::abs(t));
}

/// Where output sample i (from 0) lies among the source samples (from 1). Written as MATLAB's imresize writes it, so
/// that the floor of a value that is whole in theory falls the same way.
double source_position(int i, int from, int to, double scale, bool align_corners) {
    if (align_corners) return to > 1 ? 1 + static_cast<double>(i) * (from - 1) / (to - 1) : 1;
    return (i + 1) / scale + 0.5 * (1 - 1 / scale);
}

AxisTaps nearest_taps(int from, int to) {
    AxisTaps axis{1, std::vector<int>(to), std::vector<double>(to, 1.0)};
    // The reciprocal of a ratio, as OpenCV computes it: i·from/to would differ where the product is whole.
    const double step = 1.0 / (static_cast<double>(to) / from);
    for (int i = 0; i < to; ++i) axis.first[i] = std::min(static_cast<int>(std::floor(i * step)), from - 1);
    return axis;
}

AxisTaps area_taps(int from, int to) {
    AxisTaps axis;
    axis.taps = from / to + 2;
    axis.first.resize(to);
    axis.weight.assign(static_cast<std::size_t>(to) * axis.taps, 0.0);
    for (std::int64_t i = 0; i < to; ++i) {
        // In units of 1/to of a source sample everything is a whole number: no sliver is lost to rounding.
        const std::int64_t begin = i * from, end = begin + from;
        axis.first[i] = static_cast<int>(begin / to);
        for (int tap = 0; tap < axis.taps; ++tap) {
            const std::int64_t left = (axis.first[i] + static_cast<std::int64_t>(tap)) * to;
            const std::int64_t covered = std::min(end, left + to) - std::max(begin, left);
            if (covered > 0) axis.weight[i * axis.taps + tap] = static_cast<double>(covered) / from;
        }
    }
    return axis;
}

AxisTaps kernel_taps(int from, int to, const Resampling& rule, double scale) {
    const double shrink = rule.antialias ? std::min(scale, 1.0) : 1.0;
    const double width = (rule.kernel == Resampling::Kernel::cubic ? 4 : 2) / shrink;
    AxisTaps axis;
    axis.taps = static_cast<int>(std::ceil(width));
    axis.first.resize(to);
    axis.weight.resize(static_cast<std::size_t>(to) * axis.taps);
    for (int i = 0; i < to; ++i) {
        const double position = source_position(i, from, to, scale, rule.align_corners);
        // imresize lists ceil(width) + 2 candidates from floor(position − width/2); the first and the last weigh
        // nothing. Counted from 1 the first that weighs is the floor plus 1, so counted from 0 it is the floor itself.
        axis.first[i] = static_cast<int>(std::floor(position - width / 2));
        double* weight = axis.weight.data() + static_cast<std::size_t>(i) * axis.taps;
        double sum = 0;
        for (int tap = 0; tap < axis.taps; ++tap) {
            const int source = axis.first[i] + tap;
            const double t = shrink * (position - 1 - source);
            const bool dropped = rule.border == Resampling::Border::drop && (source < 0 || source >= from);
            weight[tap] = dropped ? 0 : rule.kernel == Resampling::Kernel::cubic ? cubic(t, rule.cubic_a) : triangle(t);
            sum += weight[tap];
        }
        AFFECTSR_EXPECT(sum > 0, "an output sample lies outside the source: size and scale do not fit together");
        for (int tap = 0; tap < axis.taps; ++tap) weight[tap] /= sum;
    }
    return axis;
}

int inside(int index, int size, Resampling::Border border) {
    return border == Resampling::Border::mirror ? mirrored(index, size) : std::clamp(index, 0, size - 1);
}

/// The taps of an axis with the border folded in: only source samples that exist, and as few as possible.
struct FoldedAxis {
    struct Run {
        int first, count;
        std::size_t weights;  ///< where its weights begin
    };
    std::vector<Run> runs;
    std::vector<double> weight;
};

FoldedAxis fold(const AxisTaps& axis, int from, Resampling::Border border) {
    FoldedAxis folded;
    folded.runs.reserve(axis.first.size());
    folded.weight.reserve(axis.weight.size());
    for (std::size_t i = 0; i < axis.first.size(); ++i) {
        const double* weight = axis.weight.data() + i * axis.taps;
        int least = from, most = -1;
        for (int tap = 0; tap < axis.taps; ++tap) {
            if (weight[tap] == 0) continue;
            const int source = inside(axis.first[i] + tap, from, border);
            least = std::min(least, source), most = std::max(most, source);
        }
        const std::size_t begin = folded.weight.size();
        folded.runs.push_back({least, most - least + 1, begin});
        folded.weight.resize(begin + (most - least + 1), 0.0);
        for (int tap = 0; tap < axis.taps; ++tap) {
            if (weight[tap] == 0) continue;
            folded.weight[begin + inside(axis.first[i] + tap, from, border) - least] += weight[tap];
        }
    }
    return folded;
}

FoldedAxis folded_axis(int from, int to, const Resampling& rule, double scale) {
    return fold(axis_taps(from, to, rule, scale), from, rule.border);
}

/// Row by row, so that the sums stay in the cache: source rows are weighed together, then the samples along the row.
/// Sums are in double so that a tie of 8-bit values rounds as in exact arithmetic.
template <class Source, class Put>
void resample(const Source* source, int width, int channels, const FoldedAxis& rows, const FoldedAxis& columns,
              Put put) {
    const std::size_t stride = static_cast<std::size_t>(width) * channels;
    std::vector<double> row(stride);
    for (const FoldedAxis::Run& run : rows.runs) {
        std::fill(row.begin(), row.end(), 0.0);
        for (int tap = 0; tap < run.count; ++tap) {
            const double weight = rows.weight[run.weights + tap];
            const Source* line = source + static_cast<std::size_t>(run.first + tap) * stride;
            for (std::size_t x = 0; x < stride; ++x) row[x] += weight * static_cast<double>(line[x]);
        }
        for (const FoldedAxis::Run& column : columns.runs) {
            const double* weight = columns.weight.data() + column.weights;
            const double* at = row.data() + static_cast<std::size_t>(column.first) * channels;
            for (int channel = 0; channel < channels; ++channel) {
                double sum = 0;
                for (int tap = 0; tap < column.count; ++tap) sum += weight[tap] * at[tap * channels + channel];
                put(sum);
            }
        }
    }
}

void check_size(ImageSize size, const char* which) {
    if (size.width >= 1 && size.height >= 1 && size.width <= kMostSide && size.height <= kMostSide) return;
    throw UsageError(std::string("cannot resize ") + which + " " + std::to_string(size.width) + "×" +
                     std::to_string(size.height) + " px: sides must be 1…" + std::to_string(kMostSide));
}

}  // namespace

Resampling resampling_of(Filter filter) {
    using Kernel = Resampling::Kernel;
    using Border = Resampling::Border;
    switch (filter) {
        case Filter::bicubic:
            return {};
        case Filter::bicubic_torch:
            return {Kernel::cubic, -0.75, false, Border::repeat, false};
        case Filter::bicubic_pillow:
            return {Kernel::cubic, -0.5, true, Border::drop, false};
        case Filter::bilinear:
            return {Kernel::triangle, 0, true, Border::mirror, false};
        case Filter::area:
            return {Kernel::area, 0, false, Border::repeat, false};
        case Filter::nearest:
            return {Kernel::nearest, 0, false, Border::repeat, false};
    }
    throw Bug("no such filter");
}

AxisTaps axis_taps(int from, int to, const Resampling& rule, double scale) {
    constexpr int kMost = 65536;
    const bool scale_is_fine = scale == 0 || (scale >= 1.0 / kMost && scale <= kMost);
    if (from < 1 || to < 1 || from > kMost || to > kMost || !scale_is_fine) {
        throw UsageError("cannot resample " + std::to_string(from) + " samples to " + std::to_string(to) +
                         " at scale " + std::to_string(scale) + ": sizes must be 1…65536, the scale 1/65536…65536");
    }
    if (rule.kernel == Resampling::Kernel::nearest) return nearest_taps(from, to);
    if (rule.kernel == Resampling::Kernel::area) return area_taps(from, to);
    if (scale == 0) scale = static_cast<double>(to) / from;
    return kernel_taps(from, to, rule, scale);
}

Image resize(const Image& image, ImageSize to, Filter filter) {
    return resize(image, to, resampling_of(filter));
}

Image resize(const Image& image, ImageSize to, const Resampling& rule, double scale_y, double scale_x) {
    check_size(image.size(), "from");
    check_size(to, "to");
    if (image.size() == to && scale_y == 0 && scale_x == 0) return image;  // every kernel is 1 at 0 and 0 at ±1, ±2
    Image resized(to.width, to.height);
    std::uint8_t* out = resized.rgb.data();
    resample(image.rgb.data(), image.width, 3, folded_axis(image.height, to.height, rule, scale_y),
             folded_axis(image.width, to.width, rule, scale_x),
             [&out](double value) { *out++ = static_cast<std::uint8_t>(std::clamp(value + 0.5, 0.0, 255.0)); });
    return resized;
}

std::vector<float> resize_plane(std::span<const float> plane, ImageSize from, ImageSize to, Filter filter,
                                double scale_y, double scale_x) {
    return resize_plane(plane, from, to, resampling_of(filter), scale_y, scale_x);
}

std::vector<float> resize_plane(std::span<const float> plane, ImageSize from, ImageSize to, const Resampling& rule,
                                double scale_y, double scale_x) {
    check_size(from, "from");
    check_size(to, "to");
    AFFECTSR_EXPECT(plane.size() == static_cast<std::size_t>(from.width) * from.height, "the plane has another size");
    std::vector<float> resized(static_cast<std::size_t>(to.width) * to.height);
    float* out = resized.data();
    resample(plane.data(), from.width, 1, folded_axis(from.height, to.height, rule, scale_y),
             folded_axis(from.width, to.width, rule, scale_x),
             [&out](double value) { *out++ = static_cast<float>(value); });
    return resized;
}

int scaled_size(int n, double scale) {
    const double exact = n * scale;
    if (n < 1 || !(exact > 0) || exact > std::numeric_limits<int>::max()) {
        throw UsageError("cannot scale " + std::to_string(n) + " px by " + std::to_string(scale) +
                         ": both must be positive");
    }
    // 99 × (1/3) is 33.000000000000004 or so in floating point, and must stay 33.
    return std::max(1, static_cast<int>(std::ceil(exact - 1e-9 * std::max(1.0, exact))));
}

}  // namespace affectsr
