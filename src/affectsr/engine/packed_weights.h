// The weights of a Plan, folded, and packed once for all its programs.
#pragma once

#include <dnnl.hpp>
#include <map>
#include <memory>
#include <vector>

#include "affectsr/engine/fuse.h"
#include "affectsr/engine/memory.h"
#include "affectsr/plan/plan.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr::engine {

/// oneDNN's processor, the same for everyone.
const dnnl::engine& processor();

/// Numbers of each channel, for the engine's own loops.
struct ChannelNumbers {
    std::vector<float> scale, shift;
};

/// Weights as oneDNN wants them, with the memory that they lie in.
struct PackedWeights {
    std::size_t step;  ///< whose they are; the first of several that share them
    int parity;
    dnnl::memory memory;
    std::shared_ptr<LargePages> pages;  ///< shared by all that were packed for one program
};

/// The plan's tensors, and what is in use of what was packed of them. pack() and bias() are to be called by one thread
/// at a time; the others read what never changes.
class Weights {
 public:
    /// Checks that every parameter is there and has its shape. Throws ModelError (`model_does_not_fit`) listing all
    /// that are not.
    Weights(const Plan& plan, TensorMap tensors, bool bf16);

    bool bf16() const { return bf16_; }
    /// Values between steps.
    dnnl::memory::data_type type() const {
        return bf16_ ? dnnl::memory::data_type::bf16 : dnnl::memory::data_type::f32;
    }

    /// Weights of a convolution or linear operation as oneDNN wants them, its affine steps folded in. They live as long
    /// as somebody holds them; `pages` gives the memory if they must be packed. `parity` is 2·(row mod 2) + column mod
    /// 2 of an enlarged operation's results.
    std::shared_ptr<const PackedWeights> packed(const Operation& operation, const dnnl::memory::desc& wanted,
                                                const std::shared_ptr<LargePages>& pages, int parity = 0);
    /// Weights of a 3×3 convolution as winograd_weights has them, folded, kept and given likewise: four times as many.
    std::shared_ptr<const PackedWeights> winograd(const Operation& operation, const std::shared_ptr<LargePages>& pages);
    /// Bytes of all packed weights that somebody holds.
    std::size_t packed_bytes() const;
    /// The bias of a weighted operation [out_channels], float32, folded likewise.
    dnnl::memory bias(const Operation& operation);
    /// Dimensions of a step's weights as oneDNN counts them: {out, in, k, k}, grouped {g, out/g, in/g, k, k}.
    dnnl::memory::dims weight_dims(const Operation& operation) const;

    /// What an operation's affine steps do to each of `channels` together, from a bias on.
    ChannelNumbers affine(const Operation& operation, std::size_t channels, const std::vector<float>& bias = {}) const;
    /// weight (else 1) and bias (else 0) of a norm.
    ChannelNumbers scale_and_shift(const Step& step) const;
    std::vector<float> tensor(const Step& step, const std::string& name) const;
    /// A float32 memory of one dimension that lives as long as this.
    dnnl::memory vector(const Step& step, const std::string& name);

 private:
    ChannelNumbers folded(const Operation& operation) const;
    std::vector<float> folded_weights(const Operation& operation) const;
    std::size_t owner(const Operation& operation) const;
    std::shared_ptr<const PackedWeights> find(std::size_t step, int parity, const dnnl::memory::desc& wanted);
    std::shared_ptr<const PackedWeights> keep(PackedWeights made);

    const Plan& plan_;
    TensorMap tensors_;
    bool bf16_;
    std::vector<std::weak_ptr<const PackedWeights>> packed_;
    std::map<std::string, dnnl::memory> vectors_;
};

}  // namespace affectsr::engine
