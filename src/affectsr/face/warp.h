// Shows a picture through a similarity transform, sampled once and without aliasing.
#pragma once

#include <array>
#include <vector>

#include "affectsr/face/face.h"

namespace affectsr {

/// A part of a picture: positions in pixels (pixel centres at integers), edges included.
struct Extent {
    double left = 0, top = 0, right = 0, bottom = 0;
};

/// The part of the source that a target of `size` shows, cut off at ±1,000,000 px.
Extent extent_of(const Similarity& source_from_target, ImageSize size);

/// Reads a picture between its pixels with a cubic kernel (Keys 1981, a = −1/2) that is widened by the shrink
/// factor, as MATLAB's imresize does. Above a factor of 8 the kernel runs over means of blocks at most a quarter of it
/// wide: the same picture to within one grey level, at bounded cost. Outside the picture its border is repeated. Not
/// thread-safe: one per thread.
class Sampler {
 public:
    /// `needed`: where at() will be asked. Takes memory for that part of the picture only. Throws Bug if `source` is
    /// empty.
    Sampler(const Image& source, double source_px_per_target_px, const Extent& needed);
    /// R, G, B (0–255, with a little overshoot) at a position of the source.
    std::array<double, 3> at(double x, double y);

 private:
    struct Taps {
        int first, count;
        double total;
    };
    Taps taps(double position, int cells, std::vector<double>& weights) const;
    void fill_cell(const Image& source, int column, int row);

    int block_;      // source pixels per cell side
    double spread_;  // cells per unit of the kernel
    int left_ = 0, top_ = 0, columns_ = 0, rows_ = 0;
    std::vector<float> cells_;
    std::vector<double> across_, down_;  // weights of the last position, kept to spare allocations
};

/// A picture of `size` whose pixel p shows `source` at source_from_target(p), sampled as by Sampler. Throws Bug if a
/// picture is empty. Thread-safe.
Image warp(const Image& source, const Similarity& source_from_target, ImageSize size);

/// A sampled value as a byte: rounded and cut off at 0 and 255.
std::uint8_t to_byte(double value);

}  // namespace affectsr
