// Steps over points and channels as LibTorch plays them: sparse sums of positions, points placed on a map, sums of
// channels.
#pragma once

#include "affectsr/learn/tensor.h"
#include "affectsr/plan/plan.h"

namespace affectsr {

/// The links as a dense matrix [from, to].
Tensor mixing_matrix(const step::MixPositions& mix);

/// [n, c, h, w] → the same shape: every position the sum of those that the matrix names.
Tensor mixed_positions(const Tensor& x, const Tensor& matrix);

/// step::Splat: points [n, c, h, w] and places [n, 2 or 3, h, w] → a map of the size of `like`. Summed in float32; no
/// gradient flows to the places.
Tensor splatted(const Tensor& points, const Tensor& places, const Tensor& like);

/// What summed_channels() needs of a step: the channels [groups], int64, if each group is one, else a matrix [groups,
/// channels, 1, 1] of how often each counts.
Tensor grouping(const step::SumChannels& sums, int channels);

/// step::SumChannels: [n, c, h, w] → [n, groups, h, w]; groups of one channel, also [n, c] → [n, groups].
Tensor summed_channels(const Tensor& x, const Tensor& grouping);

/// Softmax over channel c of every one of `parts` stretches of the channels, for each c.
Tensor softmax_over_parts(const Tensor& x, int parts);

}  // namespace affectsr
