// Convolutions of 3×3 in float32 by Winograd's minimal filtering: transforms of ours around matrix products of oneDNN.
#pragma once

#include <dnnl.hpp>
#include <functional>
#include <memory>
#include <string>

#include "affectsr/engine/fuse.h"
#include "affectsr/engine/packed_weights.h"
#include "affectsr/engine/primitives.h"

namespace affectsr::engine {

/// Which convolutions are played by it.
enum class WinogradUse {
    never,
    where_it_pays,  ///< see winograd_pays
    wherever_it_can,
};

/// Whether a convolution can be played so: float32, 3×3, stride 1, padding 1, one group.
bool winograd_can(const Step& step, const Surroundings& around);

/// The rule: whether one that can is clearly less work than the direct way on this picture and these channels, counted
/// as winograd_bench measured it. It looks at one picture, whatever their number and the number of threads, so that
/// answers do not depend on these, and at what oneDNN has on this processor.
bool winograd_pays(const Step& step, const Operation& operation, const Surroundings& around);
/// The same for `in` to `out` channels of a result of height × width that is not enlarged.
bool winograd_pays(int in, int out, int height, int width);

/// Where the values of a call lie, channels-last.
struct WinogradValues {
    const float* source = nullptr;
    const float* sum = nullptr;  ///< added in the epilogue, may lie where the result does; null: none
    float* result = nullptr;
};

/// One convolution, for a number of pictures and threads. Sixteen tiles of 4×4 results are a block, whose 36 products
/// of 16 rows stay in the cache between the transforms. Threads take blocks; the tiles that are too few for a block
/// each are spread over them evenly. An input that is to be enlarged twice by nearest is read as if it were. Immutable.
class WinogradConv {
 public:
    /// Weights that must be packed lie in `pages`.
    WinogradConv(const Operation& operation, Weights& weights, const std::shared_ptr<LargePages>& pages,
                 const Surroundings& around, int threads);
    /// With weights [36, in, out] and bias [out] that others fill before each call, and that outlive this.
    WinogradConv(const Surroundings& around, Epilogue epilogue, const float* weights, const float* bias, int threads);

    /// "winograd:" and oneDNN's name of the matrix product.
    const std::string& implementation() const { return implementation_; }
    const std::shared_ptr<const PackedWeights>& weights() const { return weights_; }
    std::size_t scratch_bytes() const { return threads_ * slot_floats_ * sizeof(float); }
    /// A call that may be repeated, by one thread at a time. `scratch` has scratch_bytes(), aligned to 64.
    std::function<void()> bind(const WinogradValues& values, std::byte* scratch) const;

 private:
    class Bound;
    /// The 36 products of some tiles.
    struct Product {
        std::size_t rows = 0;  ///< a multiple of four
        dnnl::matmul::primitive_desc description;
        dnnl::matmul primitive;
    };
    static Product product_of(std::size_t rows, std::size_t in, std::size_t out);
    void make_products();

    std::size_t count_, height_, width_;  ///< of the results
    std::size_t in_, out_, enlarged_, threads_;
    Epilogue epilogue_;
    std::shared_ptr<const PackedWeights> weights_;
    dnnl::memory kept_bias_;
    const float *weight_data_, *bias_data_;
    std::size_t tiles_, whole_;  ///< all tiles, and the blocks that each thread takes as many of
    Product block_, rest_;       ///< of a block, and of a thread's part of the tiles that are left
    std::size_t slot_floats_;    ///< scratch of a thread
    std::string implementation_;
};

}  // namespace affectsr::engine
