// The weights of a Plan, folded and packed once for all its programs.
#pragma once

#include <dnnl.hpp>
#include <map>
#include <vector>

#include "affectsr/weights/model_file.h"
#include "affectsr/plan/plan.h"
#include "affectsr/engine/fuse.h"
#include "affectsr/engine/memory.h"

namespace affectsr::engine {

/// oneDNN's processor, the same for everyone.
const dnnl::engine& processor();

/// Numbers of each channel, for the engine's own loops.
struct ChannelNumbers {
    std::vector<float> scale, shift;
};

/// Keeps the plan's tensors and what was packed of them. Not thread-safe.
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

    /// Weights of a convolution or linear operation as oneDNN wants them, batch norm and factor folded in. `parity` is
    /// 2·(row mod 2) + column mod 2 of an enlarged operation's results.
    dnnl::memory packed(const Operation& operation, const dnnl::memory::desc& wanted, int parity = 0);
    /// Its bias [out_channels], float32, folded likewise.
    dnnl::memory bias(const Operation& operation);
    /// Dimensions of a step's weights as oneDNN counts them: {out, in, k, k}, grouped {g, out/g, in/g, k, k}.
    dnnl::memory::dims weight_dims(const Operation& operation) const;

    /// What a batch norm does to each channel in inference.
    ChannelNumbers norm(const Step& step) const;
    /// weight (else 1) and bias (else 0) of a norm.
    ChannelNumbers scale_and_shift(const Step& step) const;
    std::vector<float> tensor(const Step& step, const std::string& name) const;
    /// A float32 memory of one dimension that lives as long as this.
    dnnl::memory vector(const Step& step, const std::string& name);

 private:
    struct Packed {
        std::size_t step;
        int parity;
        dnnl::memory memory;
    };
    ChannelNumbers folded(const Operation& operation) const;

    const Plan& plan_;
    TensorMap tensors_;
    bool bf16_;
    LargePages memory_;  ///< of packed_
    std::vector<Packed> packed_;
    std::map<std::string, dnnl::memory> vectors_;
};

}  // namespace affectsr::engine
