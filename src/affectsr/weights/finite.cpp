#include "affectsr/weights/finite.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <span>

#include "affectsr/base/error.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr {

namespace {

/// Whether all bits of the exponent are set, which IEEE 754 keeps for infinities and NaNs.
template <class Bits, Bits exponent>
std::optional<std::int64_t> first_with_full_exponent(std::span<const std::byte> bytes) {
    const std::size_t count = bytes.size() / sizeof(Bits);
    for (std::size_t i = 0; i < count; ++i) {
        Bits bits;
        std::memcpy(&bits, bytes.data() + i * sizeof bits, sizeof bits);
        if ((bits & exponent) == exponent) return static_cast<std::int64_t>(i);
    }
    return std::nullopt;
}

std::optional<std::int64_t> first_beyond_float(std::span<const std::byte> bytes) {
    for (std::size_t i = 0; i < bytes.size() / sizeof(double); ++i) {
        double value;
        std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
        if (!std::isfinite(static_cast<float>(value))) return static_cast<std::int64_t>(i);  // a NaN stays one
    }
    return std::nullopt;
}

double element(const HostTensor& tensor, std::int64_t index) {
    double wide = 0;
    if (tensor.type() == DType::f64)
        std::memcpy(&wide, tensor.bytes().data() + static_cast<std::size_t>(index) * sizeof wide, sizeof wide);
    else
        wide = static_cast<double>(tensor.floats()[static_cast<std::size_t>(index)]);
    return wide;
}

std::string value_text(double value) {
    if (std::isnan(value)) return "not a number (NaN)";
    if (std::isinf(value)) return value > 0 ? "infinite" : "minus infinite";
    char text[40];
    std::snprintf(text, sizeof text, "%.3g, beyond what float32 holds", value);
    return text;
}

}  // namespace

std::optional<std::int64_t> first_not_finite(const HostTensor& tensor) {
    switch (tensor.type()) {
        case DType::f32:
            return first_with_full_exponent<std::uint32_t, 0x7F800000u>(tensor.bytes());
        case DType::bf16:
            return first_with_full_exponent<std::uint16_t, 0x7F80u>(tensor.bytes());
        case DType::f16:
            return first_with_full_exponent<std::uint16_t, 0x7C00u>(tensor.bytes());
        case DType::f64:
            return first_beyond_float(tensor.bytes());
        default:
            return std::nullopt;
    }
}

void expect_finite(const TensorMap& tensors, const std::string& where) {
    for (const auto& [name, tensor] : tensors) {
        const std::optional<std::int64_t> index = first_not_finite(tensor);
        if (!index) continue;
        throw ModelError("not_finite", where + ": tensor " + in_quotes(name) + " has an element, number " +
                                           std::to_string(*index) + ", that is " + value_text(element(tensor, *index)) +
                                           "; whatever the network answered would be wrong: fetch the weights again, "
                                           "or take those of another epoch");
    }
}

}  // namespace affectsr
