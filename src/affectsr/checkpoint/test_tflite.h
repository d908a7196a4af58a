// Writes TFLite files table by table, good and hostile ones, for the tests of their reader.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace affectsr::test_tflite {

/// Bytes of a FlatBuffer that may stand anywhere in it, and where in them the table or vector begins.
struct Blob {
    std::string bytes;
    std::size_t entry = 0;
};

inline std::string little(std::uint64_t number, std::size_t width) {
    std::string bytes(width, '\0');
    for (std::size_t i = 0; i < width; ++i) bytes[i] = static_cast<char>(number >> (8 * i) & 0xFF);
    return bytes;
}

inline void patch(std::string& bytes, std::size_t at, std::uint64_t number, std::size_t width) {
    bytes.replace(at, width, little(number, width));
}

/// Puts a blob behind the others and lets the offset at `at` lead to it.
inline void append(std::string& bytes, std::size_t at, const Blob& child) {
    bytes.resize((bytes.size() + 3) / 4 * 4);
    patch(bytes, at, bytes.size() + child.entry - at, 4);
    bytes += child.bytes;
}

/// A field: a byte, a number of four bytes, or what an offset leads to.
using Field = std::variant<std::uint8_t, std::int32_t, Blob>;

/// A table; fields by their number in the schema.
inline Blob table(const std::map<int, Field>& fields) {
    const std::size_t slots = fields.empty() ? 0 : static_cast<std::size_t>(fields.rbegin()->first) + 1;
    const std::size_t layout = (4 + 2 * slots + 3) / 4 * 4, size = 4 + 4 * fields.size();
    std::string bytes(layout + size, '\0');
    patch(bytes, 0, 4 + 2 * slots, 2);
    patch(bytes, 2, size, 2);
    patch(bytes, layout, layout, 4);
    std::size_t at = layout + 4;
    for (const auto& [number, field] : fields) {
        patch(bytes, 4 + 2 * static_cast<std::size_t>(number), at - layout, 2);
        if (const auto* byte = std::get_if<std::uint8_t>(&field)) patch(bytes, at, *byte, 1);
        if (const auto* whole = std::get_if<std::int32_t>(&field))
            patch(bytes, at, static_cast<std::uint32_t>(*whole), 4);
        if (const auto* child = std::get_if<Blob>(&field)) append(bytes, at, *child);
        at += 4;
    }
    return {std::move(bytes), layout};
}

inline Blob vector_of_tables(const std::vector<Blob>& tables) {
    std::string bytes = little(tables.size(), 4) + std::string(4 * tables.size(), '\0');
    for (std::size_t i = 0; i < tables.size(); ++i) append(bytes, 4 + 4 * i, tables[i]);
    return {std::move(bytes), 0};
}

/// Numbers, or a text, as they lie in memory.
template <class T>
Blob vector_of(const std::vector<T>& values) {
    return {
        little(values.size(), 4) + std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)),
        0};
}
inline Blob text(const std::string& content) {
    return {little(content.size(), 4) + content, 0};
}

/// A dimension of a tensor with gaps whose places all have values.
inline Blob dense_level(std::int32_t size) {
    return table({{0, std::uint8_t{0}}, {1, size}});
}
/// One whose row r has values at indices[segments[r] … segments[r + 1]), told as bytes.
inline Blob compressed_level(std::int32_t size, const std::vector<std::uint8_t>& segments,
                             const std::vector<std::uint8_t>& indices) {
    return table({{0, std::uint8_t{1}},
                  {1, size},
                  {2, std::uint8_t{3}},
                  {3, table({{0, vector_of(segments)}})},
                  {4, std::uint8_t{3}},
                  {5, table({{0, vector_of(indices)}})}});
}
inline Blob sparsity(const std::vector<std::int32_t>& order, const std::vector<std::int32_t>& blocked,
                     const std::vector<Blob>& levels) {
    return table({{0, vector_of(order)}, {1, vector_of(blocked)}, {2, vector_of_tables(levels)}});
}

// Numbers of the schema.
enum Code : std::int32_t {
    kAdd = 0,
    kAveragePool = 1,
    kConcatenation = 2,
    kConv = 3,
    kDepthwise = 4,
    kDepthToSpace = 5,
    kDequantize = 6,
    kLogistic = 14,
    kMaxPool = 17,
    kMul = 18,
    kRelu = 19,
    kRelu6 = 21,
    kReshape = 22,
    kResizeBilinear = 23,
    kTanh = 28,
    kPad = 34,
    kMean = 40,
    kSqueeze = 43,
    kPrelu = 54,
    kResizeNearest = 97,
    kDensify = 124,
};
enum Type : std::uint8_t { kFloat32 = 0, kFloat16 = 1, kInt32 = 2, kInt8 = 9 };
enum Padding : std::uint8_t { kSame = 0, kValid = 1 };

/// A graph under construction: tensors and nodes are numbered as they come; the first tensor is the input.
class Network {
 public:
    Network() = default;
    /// Of one picture.
    explicit Network(const std::vector<std::int32_t>& input) { value(input); }

    /// A value that a node will make.
    int value(const std::vector<std::int32_t>& shape, Type type = kFloat32) { return tensor(shape, type, 0); }
    int constant(const std::vector<std::int32_t>& shape, const std::vector<float>& values) {
        return tensor(shape, kFloat32, buffer(vector_of(bytes_of(values))));
    }
    int whole_constant(const std::vector<std::int32_t>& shape, const std::vector<std::int32_t>& values) {
        return tensor(shape, kInt32, buffer(vector_of(bytes_of(values))));
    }
    /// Bits of float16.
    int half_constant(const std::vector<std::int32_t>& shape, const std::vector<std::uint16_t>& values) {
        return tensor(shape, kFloat16, buffer(vector_of(bytes_of(values))));
    }
    /// Values with gaps; `sparsity` says where they belong.
    int sparse_constant(const std::vector<std::int32_t>& shape, const std::vector<float>& values,
                        const Blob& sparsity) {
        return tensor(shape, kFloat32, buffer(vector_of(bytes_of(values))), &sparsity);
    }
    /// A node; returns the tensor that it makes. `kind`: the number of its options in the schema.
    int node(Code code, const std::vector<std::int32_t>& inputs, const std::vector<std::int32_t>& shape, int kind = 0,
             const std::map<int, Field>& options = {}) {
        const int made = value(shape);
        raw_node(code, inputs, {made}, kind, options);
        return made;
    }
    void raw_node(int code, const std::vector<std::int32_t>& inputs, const std::vector<std::int32_t>& outputs,
                  int kind = 0, const std::map<int, Field>& options = {}) {
        std::map<int, Field> fields = {
            {0, static_cast<std::int32_t>(codes_.size())}, {1, vector_of(inputs)}, {2, vector_of(outputs)}};
        if (kind != 0) fields.insert({{3, static_cast<std::uint8_t>(kind)}, {4, table(options)}});
        codes_.push_back(table({{0, static_cast<std::uint8_t>(code > 127 ? 127 : code)}, {3, std::int32_t{code}}}));
        nodes_.push_back(table(fields));
    }
    int conv(int x, int weight, int bias, const std::vector<std::int32_t>& shape, Padding padding, int stride,
             std::uint8_t activation = 0) {
        std::vector<std::int32_t> inputs = {x, weight};
        if (bias >= 0) inputs.push_back(bias);
        return node(kConv, inputs, shape, 1, {{0, padding}, {1, stride}, {2, stride}, {3, activation}});
    }
    int depthwise(int x, int weight, int bias, const std::vector<std::int32_t>& shape, Padding padding, int stride,
                  int multiplier) {
        return node(kDepthwise, {x, weight, bias}, shape, 2, {{0, padding}, {1, stride}, {2, stride}, {3, multiplier}});
    }
    int pool(Code code, int x, const std::vector<std::int32_t>& shape, Padding padding, int window, int stride) {
        return node(code, {x}, shape, 5, {{0, padding}, {1, stride}, {2, stride}, {3, window}, {4, window}});
    }

    /// The file.
    std::string file(const std::vector<std::int32_t>& outputs, std::int32_t version = 3) const {
        const Blob graph = table({{0, vector_of_tables(tensors_)},
                                  {1, vector_of(std::vector<std::int32_t>{0})},
                                  {2, vector_of(outputs)},
                                  {3, vector_of_tables(nodes_)}});
        std::vector<Blob> buffers = {table({})};
        buffers.insert(buffers.end(), buffers_.begin(), buffers_.end());
        const Blob model = table({{0, version},
                                  {1, vector_of_tables(codes_)},
                                  {2, vector_of_tables({graph})},
                                  {3, text("made by a test")},
                                  {4, vector_of_tables(buffers)}});
        std::string bytes = std::string(4, '\0') + "TFL3";
        append(bytes, 0, model);
        return bytes;
    }

    int tensor(const std::vector<std::int32_t>& shape, Type type, std::int32_t buffer, const Blob* sparsity = nullptr) {
        const int number = static_cast<int>(tensors_.size());
        std::map<int, Field> fields = {{0, vector_of(shape)},
                                       {1, static_cast<std::uint8_t>(type)},
                                       {2, buffer},
                                       {3, text("t" + std::to_string(number))}};
        if (sparsity != nullptr) fields.insert({6, *sparsity});
        tensors_.push_back(table(fields));
        return number;
    }

 private:
    template <class T>
    static std::vector<std::uint8_t> bytes_of(const std::vector<T>& values) {
        std::vector<std::uint8_t> bytes(values.size() * sizeof(T));
        if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
        return bytes;
    }
    std::int32_t buffer(Blob data) {
        buffers_.push_back(table({{0, std::move(data)}}));
        return static_cast<std::int32_t>(buffers_.size());
    }

    std::vector<Blob> tensors_, nodes_, codes_, buffers_;
};

}  // namespace affectsr::test_tflite
