#include "affectsr/face/lmeds.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"

namespace affectsr {

namespace {

constexpr std::size_t kMostPoints = 100, kFreedoms = 2;  // two points fix a similarity
// OpenCV's ptsetreg.cpp: a normal distribution's σ is 1.4826 times the median of its magnitudes; 2.5 of them are kept,
// but never less than this distance.
constexpr double kSigmaPerMedian = 1.4826, kKeptSigmas = 2.5, kLeastDistance = 0.001;

std::vector<double> squared_distances(std::span<const Point> source, std::span<const Point> target,
                                      const Similarity& s) {
    std::vector<double> squares;
    for (std::size_t i = 0; i < source.size(); ++i) {
        const double x = static_cast<double>(source[i].x), y = static_cast<double>(source[i].y);
        const double dx = s.a * x - s.b * y + s.tx - static_cast<double>(target[i].x);
        const double dy = s.b * x + s.a * y + s.ty - static_cast<double>(target[i].y);
        squares.push_back(dx * dx + dy * dy);
    }
    return squares;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 != 0 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace

std::optional<Similarity> fit_similarity_lmeds(std::span<const Point> source, std::span<const Point> target) {
    const std::size_t n = source.size();
    AFFECTSR_EXPECT(n <= kMostPoints, "every pair of points is tried: at most 100 points");
    std::optional<Similarity> best = fit_similarity(source, target);
    if (!best || n <= kFreedoms) return best;  // nothing to fit, or nothing to choose from
    best.reset();
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = i + 1; j < n; ++j) {
            const std::array<Point, 2> from{source[i], source[j]}, to{target[i], target[j]};
            const std::optional<Similarity> exact = fit_similarity(from, to);
            if (!exact) continue;
            const double middle = median(squared_distances(source, target, *exact));
            if (middle < least) least = middle, best = exact;
        }
    }
    if (!best) return std::nullopt;
    const double correction = 1 + 5 / static_cast<double>(n - kFreedoms);  // for few points
    const double most = std::max(kLeastDistance, kKeptSigmas * kSigmaPerMedian * correction * std::sqrt(least));
    const std::vector<double> squares = squared_distances(source, target, *best);
    std::vector<Point> kept_source, kept_target;
    for (std::size_t i = 0; i < n; ++i)
        if (squares[i] <= most * most) kept_source.push_back(source[i]), kept_target.push_back(target[i]);
    return fit_similarity(kept_source, kept_target);
}

}  // namespace affectsr
