#include "affectsr/engine/winograd_training.h"

#include "affectsr/engine/cores.h"

namespace affectsr::engine {

namespace {

constexpr auto kFloat = dnnl::memory::data_type::f32;

}  // namespace

WinogradTraining::WinogradTraining(int count, const ValueShape& source, const ValueShape& result, bool back,
                                   Epilogue epilogue, int threads)
    : count_(count),
      from_(back ? result : source),
      to_(back ? source : result),
      back_(back),
      epilogue_(epilogue),
      threads_(threads),
      no_bias_(static_cast<std::size_t>(to_.channels)) {
    const Surroundings around{count_, from_, to_, kFloat, kFloat};
    scratch_bytes_ = WinogradConv(around, epilogue_, nullptr, nullptr, threads_).scratch_bytes();
}

std::size_t WinogradTraining::weight_floats() const {
    const std::size_t floats =
        kWinogradProducts * static_cast<std::size_t>(from_.channels) * static_cast<std::size_t>(to_.channels);
    return (floats + 15) / 16 * 16;
}

std::size_t WinogradTraining::scratch_bytes() const {
    return weight_floats() * sizeof(float) + scratch_bytes_;
}

void WinogradTraining::play(const float* from, const float* weight, bool channels_last, const float* bias, float* to,
                            std::byte* scratch) {
    const auto left = static_cast<std::size_t>(from_.channels), right = static_cast<std::size_t>(to_.channels);
    const std::size_t in = back_ ? right : left;  // of the weights, whose rows are output channels
    const std::size_t row = 9 * in, column = channels_last ? 1 : 9, tap = channels_last ? in : 1;
    const WinogradWeights weights{weight, left, right, back_ ? row : column, back_ ? column : row, tap, back_};
    auto* const transformed = reinterpret_cast<float*>(scratch);
    spread(threads_, left,
           [&](std::size_t begin, std::size_t end) { winograd_weights(transformed, weights, begin, end); });
    const WinogradConv conv({count_, from_, to_, kFloat, kFloat}, epilogue_, transformed,
                            bias == nullptr ? no_bias_.data() : bias, threads_);
    conv.bind({from, nullptr, to}, scratch + weight_floats() * sizeof(float))();
}

}  // namespace affectsr::engine
