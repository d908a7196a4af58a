// The gradient of several losses at the pixels of restored faces, none of which outweighs the first.
#pragma once

#include <ATen/core/Tensor.h>

namespace affectsr {

/// Adds up what losses want of each face's pixels. Losses of what a network reads in a face differ by orders of
/// magnitude from face to face; without a limit, a few faces decide a step (docs/adr/0022). Not thread-safe.
class PictureGradient {
 public:
    /// At `pictures` [n, …], a leaf with gradient.
    explicit PictureGradient(const at::Tensor& pictures);
    /// A scalar made of the pictures. With a `limit` above 0, the gradient of a face whose norm is more than `limit`
    /// times that of the first loss added is shortened to it; the first one has no limit.
    void add(const at::Tensor& loss, double limit);
    /// Of the shape of the pictures.
    const at::Tensor& sum() const { return sum_; }

 private:
    at::Tensor pictures_, sum_;
    at::Tensor first_norms_;  ///< [n]; undefined before the first loss
};

}  // namespace affectsr
