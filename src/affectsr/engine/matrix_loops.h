// The steps that make a matrix for each picture: covariance, congruence, a function of the eigenvalues.
#pragma once

#include <cstddef>
#include <functional>

#include "affectsr/engine/loops.h"

namespace affectsr::engine {

/// A value in memory whose elements are float32 or bfloat16: matrix steps compute in double, whatever they read and
/// write.
struct TypedBlock {
    std::byte* data = nullptr;
    bool bf16 = false;
    int count = 1;
    ValueShape shape;
};

/// Bytes of scratch that a matrix step wants for what it reads and makes.
std::size_t matrix_scratch(const Step& step, const ValueShape& source, const ValueShape& result, int pictures);

/// A call that plays a step which makes matrices. Sums and eigen-decompositions are in double; pictures are spread over
/// threads. `scratch` has the bytes of matrix_scratch, aligned for double. An eigen-decomposition takes and gives back
/// memory of its own at every call.
std::function<void()> matrix_call(const Step& step, const Weights& weights, const TypedBlock& source,
                                  const TypedBlock& result, std::byte* scratch, int threads);

/// out[i, j] = Σ_p a[p, i] · b[p, j], row-major, a [rows, m], b [rows, n], out [m, n]. With `symmetric` (m = n) the
/// product is known to be so, and only half of it is computed. `out` is neither a nor b.
void transposed_product(double* out, const double* a, const double* b, std::size_t rows, std::size_t m, std::size_t n,
                        bool symmetric);

}  // namespace affectsr::engine
