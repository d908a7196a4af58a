// The operations that the engine's own loops play: norms, sums, copies, enlargements, shuffles.
#pragma once

#include <functional>

#include "affectsr/engine/kernels.h"
#include "affectsr/engine/packed_weights.h"

namespace affectsr::engine {

/// A value in memory: `count` pictures, channels-last. For float and Bf16.
template <class E>
struct Block {
    E* data = nullptr;
    int count = 1;
    ValueShape shape;
    std::size_t pixels() const {
        return static_cast<std::size_t>(count) * static_cast<std::size_t>(shape.height) *
               static_cast<std::size_t>(shape.width);
    }
    std::size_t channels() const { return static_cast<std::size_t>(shape.channels); }
    std::size_t elements() const { return pixels() * channels(); }
    E* picture(int index) const {
        return data + static_cast<std::size_t>(index) * static_cast<std::size_t>(shape.count());
    }
};

/// Floats of scratch that the loop of a step wants for `pictures` at once; 0: none.
std::size_t loop_scratch(const Step& step, int pictures);

/// A call that plays `operation` on values in memory; empty for a kind that these loops do not know, such as one that
/// oneDNN plays. `sum` may be empty (no data). `scratch` has the floats of loop_scratch.
template <class E>
std::function<void()> loop_of(const Plan& plan, const Operation& operation, const Weights& weights,
                              const std::vector<Block<E>>& inputs, const Block<E>& sum, const Block<E>& result,
                              float* scratch, int threads);

/// result = epilogue(a, sum), spread over threads.
template <class E>
void pointwise(const Block<E>& result, const E* a, const E* sum, Epilogue epilogue, int threads);

/// Four pictures, one for each parity of row and column, each after the other in memory → one of twice the size.
template <class E>
void interleave(const Block<E>& result, const E* parities, int threads);

/// Copies bytes, spread over threads.
void copy_spread(std::byte* to, const std::byte* from, std::size_t bytes, int threads);

}  // namespace affectsr::engine
