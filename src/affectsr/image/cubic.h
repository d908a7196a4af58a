// The kernel of cubic convolution.
#pragma once

namespace affectsr {

/// The weight of a sample at distance `t` (in samples, any sign) with the free parameter `a`: −0.5 is MATLAB's and
/// Pillow's, −0.75 PyTorch's and OpenCV's. 1 at 0; 0 at ±1 and from ±2 on. Thread-safe. Keys, "Cubic convolution
/// interpolation for digital image processing", 1981, eq. 4.
constexpr double cubic(double t, double a) {
    if (t < 0) t = -t;
    if (t <= 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
    if (t <= 2) return ((t - 5) * t + 8) * t * a - 4 * a;
    return 0;
}

}  // namespace affectsr
