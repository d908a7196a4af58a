// Loops of networks that make pictures: norms of groups, attention, codes, styles, noise.
#pragma once

#include <vector>

#include "affectsr/engine/loops.h"

namespace affectsr::engine {

/// Floats of scratch that attention wants.
std::size_t attention_scratch(const ValueShape& queries, const ValueShape& keys, int pictures);

/// epilogue(step::GroupNorm, sum), `sum` may be empty.
template <class E>
void group_norm(const Block<E>& x, const Block<E>& sum, const Block<E>& result, const ChannelNumbers& learned,
                int groups, double epsilon, Epilogue epilogue, float* scratch, int threads);

/// step::Gelu.
template <class E>
void gelu(const Block<E>& x, const Block<E>& result, int threads);

/// step::Attention; products, softmax and sums in float32.
template <class E>
void attention(const Block<E>& queries, const Block<E>& keys, const Block<E>& values, const Block<E>& result, int heads,
               float* scratch, int threads);

/// step::Lookup; `book` is [codes, channels of the result].
template <class E>
void lookup(const Block<E>& x, const Block<E>& result, const std::vector<float>& book);

/// step::Adain.
template <class E>
void adain(const Block<E>& x, const Block<E>& like, const Block<E>& result, double epsilon, float* scratch,
           int threads);

/// x + added [height · width, channels], every picture; of one pixel, `added` is repeated. Without x: `added` itself.
template <class E>
void add_to_each_picture(const E* x, const Block<E>& result, const std::vector<float>& added, int threads);

/// step::Demodulation; `squares` is [channels of the result, channels of the styles]: the sums over the window of the
/// squared weights.
template <class E>
void demodulate(const Block<E>& styles, const Block<E>& result, const std::vector<float>& squares, double epsilon);

/// epilogue((x + noise) · scale + shift, sum); `noise` is of each position, the same for every picture.
template <class E>
void add_noise(const Block<E>& x, const std::vector<float>& noise, const ChannelNumbers& numbers, const Block<E>& sum,
               const Block<E>& result, Epilogue epilogue, int threads);

/// A parameter [1, channels, height, width] as [positions, channels].
std::vector<float> positions_first(const std::vector<float>& planes, int positions, int channels);
/// Of step::AddNoise: strength times noise of each position.
std::vector<float> noise_of(const Weights& weights, const Step& s);
/// The sum of squares of each `window` numbers.
std::vector<float> squared_sums(const std::vector<float>& weight, int window);

}  // namespace affectsr::engine
