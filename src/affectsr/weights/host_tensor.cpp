#include "affectsr/weights/host_tensor.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

/// bfloat16: the upper half of a float32.
class Bfloat16 {
 public:
    Bfloat16() = default;
    explicit Bfloat16(float value) {
        const auto bits = std::bit_cast<std::uint32_t>(value);
        const std::uint32_t to_even = 0x7FFF + (bits >> 16 & 1);
        bits_ = std::isnan(value) ? 0x7FC0 : static_cast<std::uint16_t>((bits + to_even) >> 16);
    }
    explicit operator float() const { return std::bit_cast<float>(static_cast<std::uint32_t>(bits_) << 16); }

 private:
    std::uint16_t bits_ = 0;
};

/// IEEE 754-2008 binary16: 5 bits of exponent, 10 of significand.
class Half {
 public:
    Half() = default;
    explicit Half(float value) {
        constexpr float kTooLarge = 65520;  // half way between the largest number and the next power of two
        const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
        const float size = std::fabs(value);
        if (std::isnan(value)) {
            bits_ = sign | 0x7E00;
        } else if (size >= kTooLarge) {
            bits_ = sign | 0x7C00;
        } else {
            // In steps of 2⁻²⁴, the smallest half, below the normal numbers, else of the 11th bit of the significand;
            // nearbyint rounds to the nearest even.
            const int exponent = std::max(size > 0 ? std::ilogb(size) : -14, -14);
            const auto steps = static_cast<std::uint32_t>(std::nearbyint(std::ldexp(size, 10 - exponent)));
            // A significand that rounds up to 2048 carries into the exponent, as it should.
            bits_ = static_cast<std::uint16_t>(sign + (static_cast<std::uint32_t>(exponent + 14) << 10) + steps);
        }
    }
    explicit operator float() const {
        const int exponent = bits_ >> 10 & 31, significand = bits_ & 1023;
        float size = 0;
        if (exponent == 31)
            size = significand == 0 ? INFINITY : NAN;
        else if (exponent == 0)
            size = std::ldexp(static_cast<float>(significand), -24);
        else
            size = std::ldexp(static_cast<float>(significand + 1024), exponent - 25);
        return bits_ & 0x8000 ? -size : size;
    }

 private:
    std::uint16_t bits_ = 0;
};

std::int64_t product(const std::vector<std::int64_t>& shape) {
    std::int64_t count = 1;
    for (std::int64_t side : shape) {
        AFFECTSR_EXPECT(side >= 0, "a tensor's side is " + std::to_string(side));
        AFFECTSR_EXPECT(!__builtin_mul_overflow(count, side, &count), "a tensor has more elements than 64 bits count");
    }
    return count;
}

HostTensor copy_of(DType type, const void* values, std::size_t bytes, std::vector<std::int64_t> shape) {
    // new[] rather than make_shared: only its result is sure to be aligned for every element type.
    std::shared_ptr<std::byte[]> owner(new std::byte[bytes]);
    if (bytes > 0) std::memcpy(owner.get(), values, bytes);
    return {type, std::move(shape), std::shared_ptr<const std::byte>(owner, owner.get()), bytes};
}

template <class Stored, class Wanted>
std::vector<Wanted> widen(std::span<const std::byte> bytes) {
    std::vector<Wanted> values(bytes.size() / sizeof(Stored));
    for (std::size_t i = 0; i < values.size(); ++i) {
        Stored stored;
        std::memcpy(&stored, bytes.data() + i * sizeof(Stored), sizeof(Stored));
        values[i] = static_cast<Wanted>(stored);
    }
    return values;
}

template <class Stored>
HostTensor narrow(DType type, const std::vector<float>& values, const std::vector<std::int64_t>& shape) {
    std::vector<Stored> stored;
    stored.reserve(values.size());
    for (const float value : values) stored.emplace_back(value);  // both half types round to nearest even
    return copy_of(type, stored.data(), stored.size() * sizeof(Stored), shape);
}

}  // namespace

std::size_t bytes_of(DType type) {
    switch (type) {
        case DType::f64:
        case DType::i64:
            return 8;
        case DType::f32:
        case DType::i32:
            return 4;
        case DType::f16:
        case DType::bf16:
            return 2;
        case DType::u8:
            return 1;
    }
    throw Bug("a DType outside its list");
}

const char* name_of(DType type) {
    switch (type) {
        case DType::f32:
            return "F32";
        case DType::f16:
            return "F16";
        case DType::bf16:
            return "BF16";
        case DType::f64:
            return "F64";
        case DType::i64:
            return "I64";
        case DType::i32:
            return "I32";
        case DType::u8:
            return "U8";
    }
    throw Bug("a DType outside its list");
}

HostTensor::HostTensor(DType type, std::vector<std::int64_t> shape, std::shared_ptr<const std::byte> memory,
                       std::size_t bytes)
    : type_(type), shape_(std::move(shape)), memory_(std::move(memory)), bytes_(bytes) {
    AFFECTSR_EXPECT(
        static_cast<std::size_t>(product(shape_)) == bytes_ / bytes_of(type_) && bytes_ % bytes_of(type_) == 0,
        std::to_string(bytes_) + " bytes do not fit the tensor's shape");
}

HostTensor HostTensor::from_floats(std::span<const float> values, std::vector<std::int64_t> shape) {
    return copy_of(DType::f32, values.data(), values.size_bytes(), std::move(shape));
}

HostTensor HostTensor::from_ints(std::span<const std::int64_t> values, std::vector<std::int64_t> shape) {
    return copy_of(DType::i64, values.data(), values.size_bytes(), std::move(shape));
}

HostTensor HostTensor::from_bytes(std::span<const std::byte> values) {
    return copy_of(DType::u8, values.data(), values.size(), {static_cast<std::int64_t>(values.size())});
}

std::int64_t HostTensor::count() const {
    return static_cast<std::int64_t>(bytes_ / bytes_of(type_));
}

std::vector<float> HostTensor::floats() const {
    switch (type_) {
        case DType::f32:
            return widen<float, float>(bytes());
        case DType::f16:
            return widen<Half, float>(bytes());
        case DType::bf16:
            return widen<Bfloat16, float>(bytes());
        case DType::f64:
            return widen<double, float>(bytes());
        case DType::i64:
            return widen<std::int64_t, float>(bytes());
        case DType::i32:
            return widen<std::int32_t, float>(bytes());
        case DType::u8:
            return widen<std::uint8_t, float>(bytes());
    }
    throw Bug("a DType outside its list");
}

std::vector<std::int64_t> HostTensor::ints() const {
    switch (type_) {
        case DType::i64:
            return widen<std::int64_t, std::int64_t>(bytes());
        case DType::i32:
            return widen<std::int32_t, std::int64_t>(bytes());
        case DType::u8:
            return widen<std::uint8_t, std::int64_t>(bytes());
        default:
            throw Bug(std::string("a tensor of ") + name_of(type_) + " was asked for whole numbers");
    }
}

HostTensor HostTensor::cast(DType type) const {
    if (type == type_) return *this;
    switch (type) {
        case DType::f32:
            return from_floats(floats(), shape_);
        case DType::f16:
            return narrow<Half>(type, floats(), shape_);
        case DType::bf16:
            return narrow<Bfloat16>(type, floats(), shape_);
        default:
            throw Bug(std::string("a tensor cannot be cast to ") + name_of(type));
    }
}

}  // namespace affectsr
