// Means and variances of the channels of one picture.
#pragma once

#include <algorithm>
#include <cstddef>

#include "affectsr/engine/cores.h"
#include "affectsr/engine/kernels.h"

namespace affectsr::engine {

/// Sums over `pixels` of every channel, in blocks of float32 about the first pixel's value, and of the blocks in
/// double: the same for any number of threads.
class ChannelMoments {
 public:
    /// Floats of scratch that it keeps using while it lives.
    static std::size_t scratch(std::size_t channels) { return (1 + 2 * kBlocks) * channels; }

    template <class E>
    ChannelMoments(const E* picture, std::size_t pixels, std::size_t channels, float* scratch, int threads)
        : pixels_(pixels),
          channels_(channels),
          origin_(scratch),
          sums_(scratch + channels),
          squares_(sums_ + kBlocks * channels) {
        for (std::size_t c = 0; c < channels; ++c) origin_[c] = to_float(picture[c]);
        std::fill_n(sums_, 2 * kBlocks * channels, 0.0f);
        spread(threads, kBlocks, [&](std::size_t begin, std::size_t end) {
            for (std::size_t b = begin; b < end; ++b) {
                const std::size_t first = pixels * b / kBlocks, last = pixels * (b + 1) / kBlocks;
                add_moments(picture + first * channels, last - first, channels, origin_, sums_ + b * channels,
                            squares_ + b * channels);
            }
        });
    }

    double mean(std::size_t c) const { return double{origin_[c]} + total(sums_, c) / static_cast<double>(pixels_); }
    /// Sum of squared differences from the mean.
    double squares(std::size_t c) const {
        const double sum = total(sums_, c);
        return std::max(0.0, total(squares_, c) - sum / static_cast<double>(pixels_) * sum);
    }

 private:
    static constexpr std::size_t kBlocks = 16;  // fixed, so that sums do not depend on the number of threads

    double total(const float* blocks, std::size_t c) const {
        double sum = 0;
        for (std::size_t b = 0; b < kBlocks; ++b) sum += double{blocks[b * channels_ + c]};
        return sum;
    }

    std::size_t pixels_, channels_;
    float *origin_, *sums_, *squares_;
};

}  // namespace affectsr::engine
