// The number format in which a network computes.
#pragma once

#include <string>

namespace affectsr {

/// Sums are float32 in both; bf16 keeps weights and values between steps in bfloat16 (8 bits of significand).
enum class Precision { f32, bf16 };
const char* name_of(Precision);

/// Whether this processor multiplies bfloat16 itself (AVX-512 BF16, AMX).
bool has_native_bf16();

/// What networks are computed in here if they are asked for `wanted`: float32 in place of bf16 where the engine's
/// library has no convolution of bfloat16 (a processor without AVX-512, or ONEDNN_MAX_CPU_ISA below it). Reports name
/// this one. The same through the whole life of a process; thread-safe.
Precision used_precision(Precision wanted);

/// "f32", "bf16", or "auto": bf16 where the processor has it, else f32. Throws UsageError for anything else.
Precision precision_from(const std::string& name);

}  // namespace affectsr
