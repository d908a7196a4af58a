#include "affectsr/checkpoint/tflite.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/checkpoint/flat_buffer.h"
#include "affectsr/checkpoint/pickle_scanner.h"
#include "affectsr/checkpoint/tflite_sparsity.h"
#include "affectsr/weights/mapped_file.h"

namespace affectsr {

namespace {

constexpr std::size_t kMostTensors = 1u << 14, kMostOperators = 1u << 14, kMostCodes = 1u << 10;
constexpr std::size_t kMostBuffers = 1u << 15, kMostName = 1u << 12, kMostOperands = 1u << 10, kMostDimensions = 8;
constexpr std::size_t kMostScales = 1u << 16;
constexpr std::size_t kMostFilled = 8, kLeastFilled = 1u << 16;  // tensors with gaps, against the file's size
constexpr std::int64_t kMostSide = 1 << 16, kMostElements = std::int64_t{1} << 26;

// Fields of the tables in schema.fbs, in its order.
namespace model_field {
constexpr int kVersion = 0, kCodes = 1, kGraphs = 2, kDescription = 3, kBuffers = 4;
}
namespace code_field {
constexpr int kOldCode = 0, kCustom = 1, kCode = 3;
}
namespace graph_field {
constexpr int kTensors = 0, kInputs = 1, kOutputs = 2, kOperators = 3;
}
namespace tensor_field {
constexpr int kShape = 0, kType = 1, kBuffer = 2, kName = 3, kQuantisation = 4, kSparsity = 6;
}
namespace operator_field {
constexpr int kCode = 0, kInputs = 1, kOutputs = 2, kOptionsKind = 3, kOptions = 4;
}

struct OperatorName {
    int code;
    const char* name;
};
constexpr int kCustomCode = 32;
constexpr std::array kOperatorNames = {
    OperatorName{0, "ADD"},
    OperatorName{1, "AVERAGE_POOL_2D"},
    OperatorName{2, "CONCATENATION"},
    OperatorName{3, "CONV_2D"},
    OperatorName{4, "DEPTHWISE_CONV_2D"},
    OperatorName{5, "DEPTH_TO_SPACE"},
    OperatorName{6, "DEQUANTIZE"},
    OperatorName{9, "FULLY_CONNECTED"},
    OperatorName{14, "LOGISTIC"},
    OperatorName{17, "MAX_POOL_2D"},
    OperatorName{18, "MUL"},
    OperatorName{19, "RELU"},
    OperatorName{20, "RELU_N1_TO_1"},
    OperatorName{21, "RELU6"},
    OperatorName{22, "RESHAPE"},
    OperatorName{23, "RESIZE_BILINEAR"},
    OperatorName{25, "SOFTMAX"},
    OperatorName{28, "TANH"},
    OperatorName{34, "PAD"},
    OperatorName{36, "GATHER"},
    OperatorName{39, "TRANSPOSE"},
    OperatorName{40, "MEAN"},
    OperatorName{41, "SUB"},
    OperatorName{42, "DIV"},
    OperatorName{43, "SQUEEZE"},
    OperatorName{45, "STRIDED_SLICE"},
    OperatorName{49, "SPLIT"},
    OperatorName{54, "PRELU"},
    OperatorName{59, "NEG"},
    OperatorName{67, "TRANSPOSE_CONV"},
    OperatorName{74, "SUM"},
    OperatorName{75, "SQRT"},
    OperatorName{76, "RSQRT"},
    OperatorName{97, "RESIZE_NEAREST_NEIGHBOR"},
    OperatorName{99, "SQUARED_DIFFERENCE"},
    OperatorName{114, "QUANTIZE"},
    OperatorName{117, "HARD_SWISH"},
    OperatorName{124, "DENSIFY"},
    OperatorName{126, "BATCH_MATMUL"},
    OperatorName{150, "GELU"},
};

struct TensorType {
    int number;
    const char* name;
    std::optional<DType> ours;
};
constexpr std::array kTensorTypes = {
    TensorType{0, "FLOAT32", DType::f32}, TensorType{1, "FLOAT16", DType::f16}, TensorType{2, "INT32", DType::i32},
    TensorType{3, "UINT8", DType::u8},    TensorType{4, "INT64", DType::i64},   TensorType{6, "BOOL", std::nullopt},
    TensorType{7, "INT16", std::nullopt}, TensorType{9, "INT8", std::nullopt},
};

/// Which fields of an options table mean what; −1: it has no such field.
struct OptionsLayout {
    std::string_view name;
    int kind;  // number of the union BuiltinOptions
    int padding = -1, stride_width = -1, stride_height = -1, dilation_width = -1, dilation_height = -1;
    int filter_width = -1, filter_height = -1, axis = -1, activation = -1, align_corners = -1, half_pixel = -1,
        block = -1;
};
constexpr std::array kOptionsLayouts = {
    OptionsLayout{.name = "CONV_2D",
                  .kind = 1,
                  .padding = 0,
                  .stride_width = 1,
                  .stride_height = 2,
                  .dilation_width = 4,
                  .dilation_height = 5,
                  .activation = 3},
    OptionsLayout{.name = "DEPTHWISE_CONV_2D",
                  .kind = 2,
                  .padding = 0,
                  .stride_width = 1,
                  .stride_height = 2,
                  .dilation_width = 5,
                  .dilation_height = 6,
                  .activation = 4},
    OptionsLayout{.name = "MAX_POOL_2D",
                  .kind = 5,
                  .padding = 0,
                  .stride_width = 1,
                  .stride_height = 2,
                  .filter_width = 3,
                  .filter_height = 4,
                  .activation = 5},
    OptionsLayout{.name = "AVERAGE_POOL_2D",
                  .kind = 5,
                  .padding = 0,
                  .stride_width = 1,
                  .stride_height = 2,
                  .filter_width = 3,
                  .filter_height = 4,
                  .activation = 5},
    OptionsLayout{.name = "CONCATENATION", .kind = 10, .axis = 0, .activation = 1},
    OptionsLayout{.name = "ADD", .kind = 11, .activation = 0},
    OptionsLayout{.name = "RESIZE_BILINEAR", .kind = 15, .align_corners = 2, .half_pixel = 3},
    OptionsLayout{.name = "MUL", .kind = 21, .activation = 0},
    OptionsLayout{.name = "DEPTH_TO_SPACE", .kind = 94, .block = 0},
    OptionsLayout{.name = "RESIZE_NEAREST_NEIGHBOR", .kind = 74, .align_corners = 0, .half_pixel = 1},
};

[[noreturn]] void damaged(const std::string& where, const std::string& why) {
    throw ModelError("model_damaged", where + ": " + why);
}
[[noreturn]] void unknown(const std::string& where, const std::string& why) {
    throw ModelError("unknown_checkpoint", where + ": " + why);
}

std::string name_of_code(int code) {
    const auto found = std::find_if(kOperatorNames.begin(), kOperatorNames.end(),
                                    [&](const OperatorName& known) { return known.code == code; });
    return found != kOperatorNames.end() ? found->name : "operator " + std::to_string(code);
}

/// Reads the tables of one file.
class TfliteReader {
 public:
    TfliteReader(const MappedFile& file, std::string where)
        : file_(file), where_(std::move(where)), flat_(file.bytes(), where_) {}

    TfliteGraph read() {
        if (flat_.identifier() != "TFL3") unknown(where_, "this is no TFLite file: bytes 4 to 7 are not \"TFL3\"");
        const FlatBuffer::Table model = flat_.root();
        const auto version = flat_.scalar<std::uint32_t>(model, model_field::kVersion);
        if (version != 3) unknown(where_, "its schema has version " + std::to_string(version) + "; version 3 is read");
        read_codes(model);
        buffers_ = flat_.vector(model, model_field::kBuffers, 4, kMostBuffers);
        const FlatBuffer::Vector graphs = flat_.vector(model, model_field::kGraphs, 4, kMostOperators);
        if (graphs.count != 1) unknown(where_, "it has " + std::to_string(graphs.count) + " graphs; one graph is read");
        TfliteGraph graph;
        graph.description = flat_.text(model, model_field::kDescription, kMostName);
        read_graph(flat_.element(graphs, 0), graph);
        return graph;
    }

 private:
    void read_codes(const FlatBuffer::Table& model) {
        const FlatBuffer::Vector codes = flat_.vector(model, model_field::kCodes, 4, kMostCodes);
        for (std::size_t i = 0; i < codes.count; ++i) {
            const FlatBuffer::Table code = flat_.element(codes, i);
            // Codes below 127 are in the older field, which old readers know; the newer one has them too, or 0.
            const int number = std::max<int>(flat_.scalar<std::int8_t>(code, code_field::kOldCode),
                                             flat_.scalar<std::int32_t>(code, code_field::kCode));
            names_.push_back(number == kCustomCode ? "custom " + shown(flat_.text(code, code_field::kCustom, kMostName))
                                                   : name_of_code(number));
        }
    }

    void read_graph(const FlatBuffer::Table& table, TfliteGraph& graph) {
        const FlatBuffer::Vector tensors = flat_.vector(table, graph_field::kTensors, 4, kMostTensors);
        graph.tensors.reserve(tensors.count);
        for (std::size_t i = 0; i < tensors.count; ++i)
            graph.tensors.push_back(read_tensor(flat_.element(tensors, i), i));
        graph.inputs = operands(table, graph_field::kInputs, tensors.count, false, where_ + ": the graph");
        graph.outputs = operands(table, graph_field::kOutputs, tensors.count, false, where_ + ": the graph");
        const FlatBuffer::Vector operators = flat_.vector(table, graph_field::kOperators, 4, kMostOperators);
        graph.operators.reserve(operators.count);
        for (std::size_t i = 0; i < operators.count; ++i) read_operator(flat_.element(operators, i), graph);
    }

    TfliteTensor read_tensor(const FlatBuffer::Table& table, std::size_t index) {
        TfliteTensor tensor;
        tensor.name = flat_.text(table, tensor_field::kName, kMostName);
        const std::string named = where_ + ": tensor " + std::to_string(index) + " " + shown(tensor.name);
        std::int64_t count = 1;
        for (const std::int32_t side : flat_.numbers<std::int32_t>(table, tensor_field::kShape, kMostDimensions)) {
            if (side < 0 || side > kMostSide)
                damaged(named,
                        "has a side of " + std::to_string(side) + "; sides are 0 to " + std::to_string(kMostSide));
            tensor.shape.push_back(side);
            count *= side;  // at most 2^26 · 2^16
            if (count > kMostElements) damaged(named, "has more than " + std::to_string(kMostElements) + " elements");
        }
        const int number = flat_.scalar<std::int8_t>(table, tensor_field::kType);
        const auto type = std::find_if(kTensorTypes.begin(), kTensorTypes.end(),
                                       [&](const TensorType& known) { return known.number == number; });
        tensor.type = type != kTensorTypes.end() ? type->name : "type " + std::to_string(number);
        if (const auto quantisation = flat_.table(table, tensor_field::kQuantisation)) {
            tensor.scales = flat_.numbers<float>(*quantisation, 2, kMostScales);
            tensor.zero_points = flat_.numbers<std::int64_t>(*quantisation, 3, kMostScales);
        }
        const FlatBuffer::Vector data = data_of(table, named);
        if (data.count == 0 || type == kTensorTypes.end() || !type->ours) return tensor;
        const std::size_t wanted = static_cast<std::size_t>(count) * bytes_of(*type->ours);
        if (const auto sparsity = flat_.table(table, tensor_field::kSparsity)) {
            filled_ += wanted;
            if (wanted == 0) damaged(named, "has numbers, but no places for them");
            if (filled_ > kMostFilled * file_.bytes().size() + kLeastFilled)
                damaged(named, "is stored with gaps that make it, with others, many times the file's size");
            tensor.constant = without_gaps(flat_, *sparsity, *type->ours, tensor.shape,
                                           file_.bytes().subspan(data.at, data.count), named);
            return tensor;
        }
        if (data.count != wanted)
            damaged(named, "has " + std::to_string(data.count) + " bytes of numbers, its shape asks for " +
                               std::to_string(wanted));
        tensor.constant = HostTensor(*type->ours, tensor.shape, file_.part(data.at), data.count);
        return tensor;
    }

    /// The bytes of a tensor's buffer; none if it is computed.
    FlatBuffer::Vector data_of(const FlatBuffer::Table& tensor, const std::string& named) {
        const auto index = flat_.scalar<std::uint32_t>(tensor, tensor_field::kBuffer);
        if (index == 0) return {};  // by the schema, an empty one
        if (index >= buffers_.count) damaged(named, "lies in buffer " + std::to_string(index) + ", which is not there");
        const FlatBuffer::Table buffer = flat_.element(buffers_, index);
        if (flat_.scalar<std::uint64_t>(buffer, 1) > 1)
            unknown(named, "keeps its numbers outside the FlatBuffer, as files over 2 GiB do");
        return flat_.vector(buffer, 0, 1, file_.bytes().size());
    }

    std::vector<int> operands(const FlatBuffer::Table& table, int field, std::size_t tensors, bool optional,
                              const std::string& named) {
        std::vector<int> found = flat_.numbers<int>(table, field, kMostOperands);
        for (const int tensor : found)
            if (tensor < (optional ? -1 : 0) || tensor >= static_cast<int>(tensors))
                damaged(named, "names tensor " + std::to_string(tensor) + ", which is not there");
        return found;
    }

    void read_operator(const FlatBuffer::Table& table, TfliteGraph& graph) {
        const std::size_t node = graph.operators.size();
        const auto code = flat_.scalar<std::uint32_t>(table, operator_field::kCode);
        if (code >= names_.size())
            damaged(where_ + ": node " + std::to_string(node),
                    "has operator code " + std::to_string(code) + ", which is not there");
        graph.operators.push_back({names_[code], {}, {}});
        TfliteOperator& made = graph.operators.back();
        const std::string named = tflite_node(graph, node, where_);
        made.inputs = operands(table, operator_field::kInputs, graph.tensors.size(), true, named);
        made.outputs = operands(table, operator_field::kOutputs, graph.tensors.size(), false, named);
        const auto layout = std::find_if(kOptionsLayouts.begin(), kOptionsLayouts.end(),
                                         [&](const OptionsLayout& known) { return known.name == made.name; });
        if (layout == kOptionsLayouts.end() ||
            flat_.scalar<std::uint8_t>(table, operator_field::kOptionsKind) != layout->kind)
            return;
        if (const auto options = flat_.table(table, operator_field::kOptions)) {
            made.has_options = true;
            made.options = read_options(*options, *layout, named);
        }
    }

    TfliteOptions read_options(const FlatBuffer::Table& table, const OptionsLayout& layout, const std::string& named) {
        const auto number = [&](int field, std::int32_t otherwise) {
            return field < 0 ? otherwise : flat_.scalar<std::int32_t>(table, field, otherwise);
        };
        const auto byte = [&](int field) { return field < 0 ? 0 : int{flat_.scalar<std::int8_t>(table, field)}; };
        TfliteOptions options;
        const int padding = byte(layout.padding), activation = byte(layout.activation);
        if (padding < 0 || padding > 1)
            damaged(named, "has padding " + std::to_string(padding) + "; 0 and 1 are known");
        if (activation < 0 || activation > 5)
            damaged(named, "has activation " + std::to_string(activation) + "; 0 to 5 are known");
        options.same_padding = layout.padding >= 0 && padding == 0;
        options.activation = static_cast<TfliteActivation>(activation);
        // Numbers that are left out are 0, but for dilations.
        if (layout.stride_width >= 0) options.stride_width = number(layout.stride_width, 0);
        if (layout.stride_height >= 0) options.stride_height = number(layout.stride_height, 0);
        if (layout.filter_width >= 0) options.filter_width = number(layout.filter_width, 0);
        if (layout.filter_height >= 0) options.filter_height = number(layout.filter_height, 0);
        options.dilation_width = number(layout.dilation_width, 1);
        options.dilation_height = number(layout.dilation_height, 1);
        options.axis = number(layout.axis, 0);
        options.block = number(layout.block, 0);
        options.align_corners = byte(layout.align_corners) != 0;
        options.half_pixel_centres = byte(layout.half_pixel) != 0;
        return options;
    }

    const MappedFile& file_;
    std::string where_;
    FlatBuffer flat_;
    FlatBuffer::Vector buffers_;
    std::vector<std::string> names_;
    std::size_t filled_ = 0;  // bytes of tensors whose gaps were filled
};

}  // namespace

std::string tflite_node(const TfliteGraph& graph, std::size_t node, const std::string& where) {
    return where + ": node " + std::to_string(node) + " (" + graph.operators[node].name + ")";
}

TfliteGraph read_tflite(const std::filesystem::path& path) {
    const MappedFile file = MappedFile::open(path);
    return TfliteReader(file, path.string()).read();
}

}  // namespace affectsr
