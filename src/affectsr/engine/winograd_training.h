// A 3×3 convolution in float32 by Winograd's filtering whose weights are new at every call: forward, and back to what
// it reads, which is a convolution with the weights turned.
#pragma once

#include "affectsr/engine/winograd.h"
#include "affectsr/engine/winograd_kernels.h"

namespace affectsr::engine {

/// For a number of pictures and threads. For one thread at a time.
class WinogradTraining {
 public:
    /// `back`: from the result's gradient to the source's. The convolution is one that winograd_can play.
    WinogradTraining(int count, const ValueShape& source, const ValueShape& result, bool back, Epilogue epilogue,
                     int threads);

    std::size_t scratch_bytes() const;
    /// `weight` [out, in, 3, 3], channels-last in memory or not; `bias` may be null; `scratch` is aligned to 64.
    void play(const float* from, const float* weight, bool channels_last, const float* bias, float* to,
              std::byte* scratch);

 private:
    std::size_t weight_floats() const;

    int count_;
    ValueShape from_, to_;
    bool back_;
    Epilogue epilogue_;
    int threads_;
    std::vector<float> no_bias_;
    std::size_t scratch_bytes_ = 0;
};

}  // namespace affectsr::engine
