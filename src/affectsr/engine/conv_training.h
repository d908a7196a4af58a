// A convolution as learning needs it: forward, backward to what it reads, backward to its weights; by oneDNN.
#pragma once

#include <array>
#include <dnnl.hpp>
#include <memory>
#include <string>
#include <vector>

#include "affectsr/engine/kernels.h"
#include "affectsr/engine/memory.h"
#include "affectsr/engine/winograd_training.h"
#include "affectsr/plan/plan.h"

namespace affectsr::engine {

/// What is convolved, for a batch.
struct ConvShape {
    int count = 1;
    ValueShape source, result;
    step::Conv conv;
};

/// Scratch memory that one call after the other may use.
class TrainingScratch {
 public:
    void want(std::size_t bytes) { bytes_ = bytes > bytes_ ? bytes : bytes_; }
    /// At least as much as was wanted so far.
    std::byte* data();

 private:
    LargePages pages_;
    std::byte* data_ = nullptr;
    std::size_t bytes_ = 0, held_ = 0;
};

/// Whether 3×3 convolutions in float32 may be played by Winograd's filtering where that is less work.
enum class TrainingWay { by_primitives, fastest };

/// The three primitives of a convolution for one shape and the calling thread's number of OpenMP threads, and its
/// weights packed for them. Values and their gradients lie dense channels-last in `type` (f32, bf16); weights, biases
/// and their gradients are float32. To be played by one thread at a time.
class ConvTraining {
 public:
    /// `source_gradient`: whether backward_data will be called. The scratch outlives this.
    ConvTraining(const ConvShape& shape, dnnl::memory::data_type type, Epilogue epilogue, bool source_gradient,
                 TrainingScratch& scratch, TrainingWay way = TrainingWay::fastest);

    /// Whether oneDNN has kernels for all of it beside its reference implementation, a thousand times slower.
    bool is_fast() const;
    /// Whether forward() plays the epilogue's activation.
    bool activates() const { return activates_; }
    /// oneDNN's names of its kernels: forward, backward data, backward weights.
    const std::array<std::string, 3>& implementations() const { return implementations_; }

    /// Takes weights [out, in/groups, k, k], rows contiguous or channels-last, to where the kernels want them. They
    /// must stay where they are until the last call that follows.
    void pack(const float* weight, bool channels_last);
    /// `bias` may be null if the convolution has none.
    void forward(const void* source, const float* bias, void* result);
    void backward_data(const void* result_gradient, void* source_gradient);
    /// Overwrites both, but what is null. The weights' lies as pack() takes them.
    void backward_weights(const void* source, const void* result_gradient, float* weight_gradient, float* bias_gradient,
                          bool channels_last);

 private:
    dnnl::memory::desc plain_weights(bool channels_last) const;
    void lie(bool channels_last);
    dnnl::memory scratchpad(const dnnl::memory::desc& wanted);

    void choose_winograd(dnnl::memory::data_type type, Epilogue epilogue);

    ConvShape shape_;
    TrainingScratch& scratch_;
    std::unique_ptr<WinogradTraining> winograd_forward_, winograd_back_;  ///< null: the primitive plays
    const float* weight_ = nullptr;
    bool channels_last_ = false;
    bool activates_ = false, has_source_gradient_ = false;
    std::array<std::string, 3> implementations_;
    dnnl::memory::desc source_, result_, bias_, pads_[3], gradient_;
    dnnl::primitive forward_, backward_data_, backward_weights_;
    dnnl::memory weights_, turned_weights_;
    dnnl::reorder packing_, turned_packing_, unpacking_;  ///< of weights that lie as plain_
    dnnl::memory::desc plain_;
    std::size_t gradient_bytes_ = 0;
    std::vector<float> unwanted_bias_;
    LargePages pages_;
};

}  // namespace affectsr::engine
