// The number format in which a network computes.
#pragma once

#include <string>

namespace affectsr {

/// Sums are float32 in both; bf16 keeps weights and values between steps in bfloat16 (8 bits of significand).
enum class Precision { f32, bf16 };
const char* name_of(Precision);

/// Whether this processor multiplies bfloat16 itself (AVX-512 BF16, AMX).
bool has_native_bf16();

/// "f32", "bf16", or "auto": bf16 where the processor has it, else f32. Throws UsageError for anything else.
Precision precision_from(const std::string& name);

}  // namespace affectsr
