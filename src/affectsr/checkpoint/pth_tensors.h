// The tensors of a PyTorch checkpoint: its pickle names storages, places in them and strides.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "affectsr/checkpoint/pickle.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// What the pickle of a checkpoint may name: tensors and parameters, their storages and types, OrderedDict,
/// Counter, set, and the parts of a NumPy number. They are named in what is read; none is ever imported or called.
std::span<const PickleGlobal> checkpoint_globals();

/// A storage as a checkpoint's pickle refers to it: ("storage", class, key, place, elements[, view]).
struct StorageReference {
    DType type = DType::f32;       ///< what its elements become here
    std::size_t stored_bytes = 4;  ///< of one element in the file; fewer than those of `type` where that is wider
    std::string_view key;
    std::int64_t count = 0;  ///< elements of the whole storage
    std::int64_t first = 0;  ///< where the part that is meant begins …
    std::int64_t part = 0;   ///< … and how many elements it has; all, but in the oldest checkpoints
};

/// Reads a persistent reference. Throws ModelError: `forbidden_pickle` for one to anything but a storage,
/// `model_damaged` for counts that are negative, overflow or do not fit. `where` begins every message.
StorageReference storage_reference(const Pickle& pickle, const PickleValue& value, const std::string& where);

/// Makes HostTensors of the tensors in one pickle. Tensors of one storage share its memory: that of the mapped file
/// where type and alignment allow.
class PthTensors {
 public:
    /// Gives the `bytes` of the storage called `key`, or throws ModelError if it has another number of bytes.
    using Content = std::function<std::shared_ptr<const std::byte>(std::string_view key, std::size_t bytes)>;

    /// `pickle` must outlive the object. Copies of strided tensors may take `most_copied` bytes together. `big_endian`:
    /// how the numbers of the storages are written. Throws as storage_reference for any reference in the pickle.
    PthTensors(const Pickle& pickle, Content content, std::size_t most_copied, bool big_endian, std::string where);

    /// Whether the value is a tensor or a parameter.
    bool is_tensor(const PickleValue& value) const { return tensor_call(value) != nullptr; }
    /// The tensor, dense and row-major; `name` is for messages. Whole numbers of 8 and 16 bits with a sign become i32,
    /// truths u8. Throws ModelError (`model_damaged`) for negative or overflowing sizes, strides and offsets, for more
    /// than 16 dimensions, for a storage that is too short, and for more elements than the storage has (a tensor that
    /// was expanded).
    HostTensor tensor(const PickleValue& value, const std::string& name);

 private:
    struct Storage {
        DType type = DType::f32;
        std::shared_ptr<const std::byte> memory;
        std::int64_t count = 0;
    };
    [[noreturn]] void refuse(const std::string& name, const std::string& why) const;
    const PickleValue* tensor_call(const PickleValue& value) const;
    const Storage& storage(const StorageReference& reference);
    std::vector<std::int64_t> numbers(const PickleValue& value, const std::string& name, const char* what) const;
    HostTensor gathered(const Storage& storage, std::int64_t first, const std::vector<std::int64_t>& sizes,
                        const std::vector<std::int64_t>& strides, const std::string& name);

    const Pickle& pickle_;
    Content content_;
    std::size_t may_copy_;
    bool big_endian_;
    std::string where_;
    std::map<std::string, Storage, std::less<>> storages_;
};

}  // namespace affectsr
