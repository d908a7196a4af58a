// What a picture shows beyond its border.
#pragma once

namespace affectsr {

/// The sample (0…size−1) that stands for `index` where the border is a mirror that shows the edge sample twice, as
/// MATLAB's: … 1 0 | 0 1 … n−1 | n−1 n−2 …, again and again. `size` is at least 1 and at most 2^30. Thread-safe.
constexpr int mirrored(int index, int size) {
    const int period = 2 * size;
    index = ((index % period) + period) % period;
    return index < size ? index : period - 1 - index;
}

}  // namespace affectsr
