#include "affectsr/checkpoint/pth_tensors.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/checkpoint/pickle_scanner.h"

namespace affectsr {

namespace {

static_assert(std::endian::native == std::endian::little, "the storages of a checkpoint are read in place");

constexpr std::size_t kMostDimensions = 16;  // what a safetensors file may have
constexpr int kMostWrapping = 4;             // a tensor in a parameter in a subclass …

struct StorageClass {
    std::string_view name;
    std::size_t stored_bytes;
    DType type;
};
constexpr std::array kStorageClasses = {
    StorageClass{"torch FloatStorage", 4, DType::f32},     StorageClass{"torch HalfStorage", 2, DType::f16},
    StorageClass{"torch BFloat16Storage", 2, DType::bf16}, StorageClass{"torch DoubleStorage", 8, DType::f64},
    StorageClass{"torch LongStorage", 8, DType::i64},      StorageClass{"torch IntStorage", 4, DType::i32},
    StorageClass{"torch ShortStorage", 2, DType::i32},     StorageClass{"torch CharStorage", 1, DType::i32},
    StorageClass{"torch ByteStorage", 1, DType::u8},       StorageClass{"torch BoolStorage", 1, DType::u8},
};

// Functions of PyTorch that give a tensor, and which of their arguments says what they are made of.
constexpr std::string_view kTensorV1 = "torch._utils _rebuild_tensor", kTensorV2 = "torch._utils _rebuild_tensor_v2";
constexpr std::string_view kParameter = "torch._utils _rebuild_parameter";
constexpr std::string_view kParameterWithState = "torch._utils _rebuild_parameter_with_state";

constexpr std::array kGlobals = {
    PickleGlobal{"collections OrderedDict", PickleUse::dict},
    PickleGlobal{kTensorV2, PickleUse::call},
    PickleGlobal{"torch FloatStorage"},
    PickleGlobal{"torch HalfStorage"},
    PickleGlobal{"torch BFloat16Storage"},
    PickleGlobal{"torch DoubleStorage"},
    PickleGlobal{"torch LongStorage"},
    PickleGlobal{"torch IntStorage"},
    PickleGlobal{"torch ShortStorage"},
    PickleGlobal{"torch CharStorage"},
    PickleGlobal{"torch ByteStorage"},
    PickleGlobal{"torch BoolStorage"},
    PickleGlobal{kTensorV1, PickleUse::call},
    PickleGlobal{kParameter, PickleUse::call},
    PickleGlobal{kParameterWithState, PickleUse::call},
    PickleGlobal{"torch Size", PickleUse::call},
    PickleGlobal{"torch device", PickleUse::call},
    PickleGlobal{"torch float32"},
    PickleGlobal{"torch float16"},
    PickleGlobal{"torch bfloat16"},
    PickleGlobal{"torch float64"},
    PickleGlobal{"torch int64"},
    PickleGlobal{"torch int32"},
    PickleGlobal{"torch int16"},
    PickleGlobal{"torch int8"},
    PickleGlobal{"torch uint8"},
    PickleGlobal{"torch bool"},
    // A NumPy number beside the tensors, such as the best accuracy so far.
    PickleGlobal{"numpy dtype", PickleUse::call_with_state},
    PickleGlobal{"numpy.core.multiarray scalar", PickleUse::call},
    PickleGlobal{"numpy._core.multiarray scalar", PickleUse::call},
    PickleGlobal{"_codecs encode", PickleUse::call},  // how Python 3 writes bytes for Python 2
    // A learning rate's milestones and other sets.
    PickleGlobal{"collections Counter", PickleUse::call},
    PickleGlobal{"__builtin__ set", PickleUse::call},
    PickleGlobal{"builtins set", PickleUse::call},
};

template <class Stored, class Wanted>
void widen(const std::byte* from, std::int64_t count, std::byte* to) {
    for (std::int64_t i = 0; i < count; ++i) {
        Stored stored;
        std::memcpy(&stored, from + static_cast<std::size_t>(i) * sizeof stored, sizeof stored);
        const auto wanted = static_cast<Wanted>(stored);
        std::memcpy(to + static_cast<std::size_t>(i) * sizeof wanted, &wanted, sizeof wanted);
    }
}

std::shared_ptr<std::byte[]> room_for(std::size_t bytes) {
    // new[] rather than make_shared: only its result is sure to be aligned for every element type.
    return std::shared_ptr<std::byte[]>(new std::byte[std::max<std::size_t>(bytes, 1)]);
}

/// The elements in this machine's byte order and at least as wide as the file's.
std::shared_ptr<const std::byte> converted(const std::byte* stored, const StorageReference& as, bool reverse) {
    const std::size_t count = static_cast<std::size_t>(as.count), bytes = count * as.stored_bytes;
    const std::shared_ptr<std::byte[]> ours = room_for(bytes);
    if (bytes > 0) std::memcpy(ours.get(), stored, bytes);
    if (reverse && as.stored_bytes > 1)
        for (std::size_t i = 0; i < bytes; i += as.stored_bytes)
            std::reverse(ours.get() + i, ours.get() + i + as.stored_bytes);
    if (as.stored_bytes == bytes_of(as.type)) return {ours, ours.get()};
    const std::shared_ptr<std::byte[]> wide = room_for(count * bytes_of(as.type));
    if (as.stored_bytes == 2)
        widen<std::int16_t, std::int32_t>(ours.get(), as.count, wide.get());
    else
        widen<std::int8_t, std::int32_t>(ours.get(), as.count, wide.get());
    return {wide, wide.get()};
}

std::vector<std::int64_t> dense_strides(const std::vector<std::int64_t>& sizes) {
    std::vector<std::int64_t> strides(sizes.size(), 1);
    for (std::size_t d = sizes.size(); d-- > 1;) strides[d - 1] = strides[d] * sizes[d];
    return strides;
}

bool is_dense(const std::vector<std::int64_t>& sizes, const std::vector<std::int64_t>& strides) {
    const std::vector<std::int64_t> dense = dense_strides(sizes);
    for (std::size_t d = 0; d < sizes.size(); ++d)
        if (sizes[d] != 1 && strides[d] != dense[d]) return false;
    return true;
}

}  // namespace

std::span<const PickleGlobal> checkpoint_globals() {
    return kGlobals;
}

StorageReference storage_reference(const Pickle& pickle, const PickleValue& value, const std::string& where) {
    const auto damaged = [&where](const std::string& why) {
        throw ModelError("model_damaged", where + ": a storage " + why);
    };
    const auto id = pickle.items(*pickle.items(value)[0]);
    if (id.size() < 5 || id.size() > 6 || id[0]->kind != PickleKind::text || id[0]->text != "storage")
        throw ModelError("forbidden_pickle",
                         where + ": the pickle refers to something outside itself that is no storage");
    StorageReference reference;
    const auto known = std::find_if(kStorageClasses.begin(), kStorageClasses.end(), [&](const StorageClass& candidate) {
        return id[1]->kind == PickleKind::global && id[1]->text == candidate.name;
    });
    if (known == kStorageClasses.end()) damaged("has a class that is none");
    if (id[2]->kind != PickleKind::text || id[4]->kind != PickleKind::integer) damaged("has no key or no size");
    reference.type = known->type;
    reference.stored_bytes = known->stored_bytes;
    reference.key = id[2]->text;
    reference.count = reference.part = id[4]->integer;
    if (reference.count < 0 || reference.count > INT64_MAX / 8)
        damaged(shown(reference.key) + " has " + std::to_string(reference.count) + " elements");
    if (id.size() == 6 && id[5]->kind != PickleKind::none) {
        // (key of the view, first element, elements)
        const auto view = id[5]->kind == PickleKind::tuple ? pickle.items(*id[5]) : decltype(id){};
        if (view.size() != 3 || view[1]->kind != PickleKind::integer || view[2]->kind != PickleKind::integer)
            damaged(shown(reference.key) + " has a view that is none");
        reference.first = view[1]->integer;
        reference.part = view[2]->integer;
        if (reference.first < 0 || reference.part < 0 || reference.first > reference.count ||
            reference.part > reference.count - reference.first)
            damaged(shown(reference.key) + " has a view that reaches out of it");
    }
    return reference;
}

PthTensors::PthTensors(const Pickle& pickle, Content content, std::size_t most_copied, bool big_endian,
                       std::string where)
    : pickle_(pickle),
      content_(std::move(content)),
      may_copy_(most_copied),
      big_endian_(big_endian),
      where_(std::move(where)) {
    for (const PickleValue* value : pickle_.persistent()) storage_reference(pickle_, *value, where_);
}

void PthTensors::refuse(const std::string& name, const std::string& why) const {
    throw ModelError("model_damaged", where_ + ": tensor " + shown(name) + " " + why);
}

/// The _rebuild_tensor call inside a value; nullptr if it is no tensor.
const PickleValue* PthTensors::tensor_call(const PickleValue& value) const {
    const PickleValue* inner = &value;
    for (int i = 0; i < kMostWrapping && inner->kind == PickleKind::call; ++i) {
        const auto parts = pickle_.items(*inner);
        const std::string_view function = parts[0]->text;
        const auto arguments = pickle_.items(*parts[1]);
        if (function == kTensorV2 || function == kTensorV1) return inner;
        if ((function != kParameter && function != kParameterWithState) || arguments.empty()) return nullptr;
        inner = arguments[0];
    }
    return nullptr;
}

const PthTensors::Storage& PthTensors::storage(const StorageReference& reference) {
    if (const auto found = storages_.find(reference.key); found != storages_.end()) {
        if (found->second.type != reference.type || found->second.count != reference.count)
            throw ModelError("model_damaged", where_ + ": storage " + shown(reference.key) + " has two types or sizes");
        return found->second;
    }
    const std::size_t bytes = static_cast<std::size_t>(reference.count) * reference.stored_bytes;
    std::shared_ptr<const std::byte> memory = content_(reference.key, bytes);
    const bool aligned = reinterpret_cast<std::uintptr_t>(memory.get()) % reference.stored_bytes == 0;
    if (!aligned || big_endian_ || reference.stored_bytes != bytes_of(reference.type))
        memory = converted(memory.get(), reference, big_endian_);
    return storages_.emplace(reference.key, Storage{reference.type, std::move(memory), reference.count}).first->second;
}

std::vector<std::int64_t> PthTensors::numbers(const PickleValue& value, const std::string& name,
                                              const char* what) const {
    const PickleValue* tuple = &value;
    if (value.kind == PickleKind::call && pickle_.items(value)[0]->text == "torch Size") {
        const auto arguments = pickle_.items(*pickle_.items(value)[1]);
        if (arguments.size() == 1) tuple = arguments[0];
    }
    if (tuple->kind != PickleKind::tuple && tuple->kind != PickleKind::list)
        refuse(name, std::string("has no ") + what);
    const auto items = pickle_.items(*tuple);
    if (items.size() > kMostDimensions) refuse(name, "has " + std::to_string(items.size()) + " dimensions, over 16");
    std::vector<std::int64_t> found;
    for (const PickleValue* item : items) {
        if (item->kind != PickleKind::integer || item->integer < 0)
            refuse(name, std::string("has ") + what + " that are no numbers from 0 on");
        found.push_back(item->integer);
    }
    return found;
}

HostTensor PthTensors::tensor(const PickleValue& value, const std::string& name) {
    const PickleValue* call = tensor_call(value);
    AFFECTSR_EXPECT(call != nullptr, "a tensor was asked for where there is none");
    const auto arguments = pickle_.items(*pickle_.items(*call)[1]);
    if (arguments.size() < 4 || arguments[0]->kind != PickleKind::persistent ||
        arguments[1]->kind != PickleKind::integer)
        refuse(name, "is not made of a storage, an offset, sizes and strides");
    const StorageReference reference = storage_reference(pickle_, *arguments[0], where_);
    const std::int64_t offset = arguments[1]->integer;
    const std::vector<std::int64_t> sizes = numbers(*arguments[2], name, "sizes");
    const std::vector<std::int64_t> strides = numbers(*arguments[3], name, "strides");
    if (sizes.size() != strides.size()) refuse(name, "has not as many strides as sizes");
    if (offset < 0) refuse(name, "begins before its storage, at " + std::to_string(offset));

    std::int64_t count = 1, last = offset;
    bool overflows = false;
    for (std::size_t d = 0; d < sizes.size(); ++d) {
        std::int64_t reach = 0;
        // A side of 0 must not hide an overflow of the others.
        overflows |= __builtin_mul_overflow(count, std::max<std::int64_t>(sizes[d], 1), &count);
        overflows |= __builtin_mul_overflow(std::max<std::int64_t>(sizes[d] - 1, 0), strides[d], &reach);
        overflows |= __builtin_add_overflow(last, reach, &last);
    }
    if (overflows) refuse(name, "has a shape that overflows");
    if (std::find(sizes.begin(), sizes.end(), 0) != sizes.end()) return {reference.type, sizes, nullptr, 0};
    if (last >= reference.part)
        refuse(name, "needs " + std::to_string(last) + " and one elements of storage " + shown(reference.key) +
                         ", which has " + std::to_string(reference.part));
    if (count > reference.part) refuse(name, "has more elements than its storage; save a copy of it (clone())");
    return gathered(storage(reference), reference.first + offset, sizes, strides, name);
}

HostTensor PthTensors::gathered(const Storage& storage, std::int64_t first, const std::vector<std::int64_t>& sizes,
                                const std::vector<std::int64_t>& strides, const std::string& name) {
    std::size_t count = 1;
    for (const std::int64_t side : sizes) count *= static_cast<std::size_t>(side);
    const std::size_t width = bytes_of(storage.type), bytes = count * width;
    const std::byte* start = storage.memory.get() + static_cast<std::size_t>(first) * width;
    if (is_dense(sizes, strides)) return {storage.type, sizes, {storage.memory, start}, bytes};
    if (bytes > may_copy_) refuse(name, "shares its storage with too many others that are stored in another order");
    may_copy_ -= bytes;
    const std::shared_ptr<std::byte[]> ours = room_for(bytes);
    std::vector<std::int64_t> at(sizes.size(), 0);
    std::int64_t place = 0;
    for (std::size_t i = 0; i < count; ++i) {
        std::memcpy(ours.get() + i * width, start + static_cast<std::size_t>(place) * width, width);
        for (std::size_t d = sizes.size(); d-- > 0;) {  // the last index runs fastest
            place += strides[d];
            if (++at[d] < sizes[d]) break;
            place -= strides[d] * sizes[d];
            at[d] = 0;
        }
    }
    return {storage.type, sizes, {ours, ours.get()}, bytes};
}

}  // namespace affectsr
