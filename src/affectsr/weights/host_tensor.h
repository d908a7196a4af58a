// Dense tensors in plain memory, by name.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace affectsr {

/// Element types that a file may hold.
enum class DType { f32, f16, bf16, f64, i64, i32, u8 };
std::size_t bytes_of(DType);
const char* name_of(DType);  ///< as safetensors spells it: "F32", "BF16", …

/// A dense row-major tensor in plain memory, free of any engine. Copies share the memory, which stays alive (and, for a
/// mapped file, mapped) as long as any copy does. Read-only, so safe to share between threads.
class HostTensor {
 public:
    HostTensor() = default;
    /// Shares `memory`, which must hold product(shape) elements. Throws Bug if it does not.
    HostTensor(DType type, std::vector<std::int64_t> shape, std::shared_ptr<const std::byte> memory, std::size_t bytes);
    /// Copies values. Throws Bug if their number is not product(shape).
    static HostTensor from_floats(std::span<const float> values, std::vector<std::int64_t> shape);
    static HostTensor from_ints(std::span<const std::int64_t> values, std::vector<std::int64_t> shape);
    static HostTensor from_bytes(std::span<const std::byte> values);  ///< u8, one dimension

    DType type() const { return type_; }
    const std::vector<std::int64_t>& shape() const { return shape_; }
    std::int64_t count() const;  ///< elements
    std::span<const std::byte> bytes() const { return {memory_.get(), bytes_}; }
    /// Every element as float; half types are widened exactly, integers and doubles are rounded.
    std::vector<float> floats() const;
    std::vector<std::int64_t> ints() const;  ///< throws Bug unless i64, i32 or u8
    /// A copy rounded to nearest-even in `type` (f32, f16 or bf16).
    HostTensor cast(DType type) const;

 private:
    DType type_ = DType::f32;
    std::vector<std::int64_t> shape_;
    std::shared_ptr<const std::byte> memory_;
    std::size_t bytes_ = 0;
};

using TensorMap = std::map<std::string, HostTensor>;

}  // namespace affectsr
