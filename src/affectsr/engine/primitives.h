// The operations that oneDNN plays: convolutions, products, pools, softmax.
#pragma once

#include <dnnl.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "affectsr/engine/packed_weights.h"

namespace affectsr::engine {

/// A value as oneDNN sees it: [n, c, h, w] channels-last, or [n, c].
dnnl::memory::desc described(int count, const ValueShape& shape, dnnl::memory::data_type type, bool flat);

/// A oneDNN primitive with everything that it reads beside the values.
struct Primitive {
    dnnl::primitive primitive;
    std::string implementation;
    dnnl::memory::desc source, result, scratchpad;
    std::vector<std::pair<int, dnnl::memory>> constants;  ///< weights and bias, by oneDNN's argument number
    std::shared_ptr<const PackedWeights> weights;         ///< kept alive; null: it has none
    bool sums = false;                                    ///< adds to what the result's memory holds
    bool activates = false;                               ///< plays the operation's activation
};

/// A primitive with its arguments, to be played by one thread at a time.
class PrimitiveCall {
 public:
    /// `arguments` by oneDNN's numbers.
    PrimitiveCall(dnnl::primitive primitive, dnnl::stream stream, std::vector<std::pair<int, dnnl::memory>> arguments);
    void operator()() const;

 private:
    dnnl::primitive primitive_;
    dnnl::stream stream_;
    std::vector<std::pair<int, dnnl::memory>> held_;
    std::vector<dnnl_exec_arg_t> arguments_;
};

/// Shapes and types around an operation.
struct Surroundings {
    int count = 1;
    ValueShape source, result;
    dnnl::memory::data_type source_type, result_type;
};

/// The primitive of a convolution, transposed convolution, linear, pool, layer norm or softmax operation, made for the
/// calling thread's number of OpenMP threads; none for other kinds. Sum and activation are fused if oneDNN is fast with
/// them; else the flags say what is left to do. Weights that must be packed lie in `pages`.
/// For an enlarged convolution the result is that of one `parity` (see Weights::packed), as large as the source.
std::optional<Primitive> primitive_of(const Plan& plan, const Operation& operation, Weights& weights,
                                      const std::shared_ptr<LargePages>& pages, const Surroundings& around,
                                      int parity = 0);

}  // namespace affectsr::engine
