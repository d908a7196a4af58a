#include "affectsr/plan/precision.h"

#include "affectsr/base/error.h"

namespace affectsr {

const char* name_of(Precision precision) {
    return precision == Precision::bf16 ? "bf16" : "f32";
}

bool has_native_bf16() {
#ifdef __x86_64__
    return __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

Precision precision_from(const std::string& name) {
    if (name == "auto") return has_native_bf16() ? Precision::bf16 : Precision::f32;
    if (name == "f32") return Precision::f32;
    if (name == "bf16") return Precision::bf16;
    throw UsageError("\"precision\" must be auto, f32 or bf16, got \"" + name + "\"");
}

}  // namespace affectsr
