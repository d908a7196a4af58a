// Random numbers that are the same on every machine and every standard library.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <random>
#include <utility>

namespace affectsr {

/// What splitmix64 adds to its state before every number: 2^64 / golden ratio, made odd.
inline constexpr std::uint64_t kSplitMix64Step = 0x9E3779B97F4A7C15ull;

/// The bits of `z` spread over all 64 by splitmix64's last steps: a bijection that maps 0 to 0. Thread-safe.
constexpr std::uint64_t mix_bits(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

/// splitmix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", 2014): a small generator whose
/// every state is a good one. Not thread-safe: one per thread.
class SplitMix64 {
 public:
    constexpr explicit SplitMix64(std::uint64_t seed) : state_(seed) {}
    /// The next number; all 64-bit values are equally likely.
    constexpr std::uint64_t next() { return mix_bits(state_ += kSplitMix64Step); }

 private:
    std::uint64_t state_;
};

/// A seed made of a chain of numbers, in their order: an independent generator for every (seed, epoch, item). `start`
/// is added to the first number, so neighbours in both meet: what must be told apart goes into `numbers`. Thread-safe.
constexpr std::uint64_t chained_seed(std::uint64_t start, std::initializer_list<std::uint64_t> numbers) {
    for (const std::uint64_t number : numbers) start = mix_bits(start + kSplitMix64Step + number);
    return start;
}

/// The upper 53 bits as a number in [0, 1). Thread-safe.
constexpr double unit_interval(std::uint64_t bits) {
    return static_cast<double>(bits >> 11) * 0x1p-53;
}

/// A uniform number in [0, 1) with 53 bits, the same on every standard library. Thread-safe per generator.
double uniform01(std::mt19937_64& random);
/// Two independent standard normal numbers by Box–Muller: unlike std::normal_distribution, the same on every standard
/// library. Thread-safe per generator.
std::pair<double, double> two_standard_normals(std::mt19937_64& random);

}  // namespace affectsr
