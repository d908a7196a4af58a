// Steps of networks that make pictures, as LibTorch plays them: attention, codes, styles.
#pragma once

#include "affectsr/learn/tensor.h"

namespace affectsr {

/// step::Attention: positions of [n, c, h, w] are tokens, row by row.
Tensor attended(const Tensor& queries, const Tensor& keys, const Tensor& values, int heads);

/// step::Lookup: [n, codes, h, w] → [n, c, h, w], `book` [codes, c]. No gradient to x.
Tensor looked_up(const Tensor& x, const Tensor& book);

/// step::Adain.
Tensor with_moments_of(const Tensor& x, const Tensor& like, double epsilon);

/// step::Demodulation: styles [n, in] or [n, in, 1, 1] and a convolution's weight [out, in, k, k] → [n, out, 1, 1].
Tensor demodulation(const Tensor& styles, const Tensor& weight, double epsilon);

}  // namespace affectsr
