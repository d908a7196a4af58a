#include "affectsr/checkpoint/tflite_nodes.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

constexpr std::size_t kMostCopies = 4, kLeastRoom = 1u << 18;  // of weights, against those of the file
constexpr int kMostWindow = 256;                               // sides and strides of kernels and pools

std::vector<std::int64_t> published_shape(const ValueShape& shape) {
    return {1, shape.height, shape.width, shape.channels};
}

/// Whether all sides but the last are 1: one number for each channel.
bool is_row(const std::vector<std::int64_t>& shape) {
    return std::all_of(shape.begin(), shape.end() - (shape.empty() ? 0 : 1), [](std::int64_t s) { return s == 1; });
}

}  // namespace

std::string tflite_shape_text(const std::vector<std::int64_t>& shape) {
    std::string text;
    for (const std::int64_t side : shape) text += (text.empty() ? "" : "×") + std::to_string(side);
    return text.empty() ? "one number" : text;
}

std::int64_t tflite_count(const std::vector<std::int64_t>& shape) {
    std::int64_t count = 1;
    for (const std::int64_t side : shape) count *= side;
    return count;
}

TfliteNodes::TfliteNodes(const TfliteGraph& graph, const std::string& where)
    : graph_(graph), where_(where), flows_(graph.tensors.size()), constants_(graph.tensors.size()) {
    for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
        constants_[i] = graph.tensors[i].constant;
        if (constants_[i]) room_ += constants_[i]->bytes().size();
    }
}

void TfliteNodes::refuse(const char* code, const std::string& why) const {
    throw ModelError(code, tflite_node(graph_, node_, where_) + " " + why);
}

void TfliteNodes::expect_new_result() const {
    if (op().outputs.size() != 1)
        damaged("has " + std::to_string(op().outputs.size()) + " outputs; it makes one value");
    if (!flows_[result_index()].empty() || constants_[result_index()])
        damaged("makes tensor " + std::to_string(result_index()) + ", which is there already");
}

bool TfliteNodes::has(std::size_t operand) const {
    return operand < op().inputs.size() && op().inputs[operand] >= 0;
}

std::size_t TfliteNodes::operand_index(std::size_t operand) const {
    if (!has(operand)) damaged("has no input " + std::to_string(operand));
    return static_cast<std::size_t>(op().inputs[operand]);
}

const std::vector<std::int64_t>& TfliteNodes::shape_of(std::size_t operand) const {
    return graph_.tensors[operand_index(operand)].shape;
}

std::string TfliteNodes::name_of(std::size_t operand) const {
    const std::size_t index = operand_index(operand);
    const TfliteTensor& tensor = graph_.tensors[index];
    return "tensor " + std::to_string(index) + " (" + tensor.type + " of " + tflite_shape_text(tensor.shape) + ")";
}

const TfliteFlow& TfliteNodes::flow(std::size_t operand) const {
    const TfliteFlow& found = flows_[operand_index(operand)];
    if (!found.empty()) return found;
    if (is_constant(operand)) unsupported("reads " + name_of(operand) + ", a constant, as a computed value");
    damaged("reads " + name_of(operand) + ", which no node before it makes");
}

TfliteFlowPart TfliteNodes::picture(std::size_t operand) const {
    const TfliteFlow& found = flow(operand);
    if (found.size() != 1 || shape_of(operand) != published_shape(found[0].shape))
        unsupported("reads " + name_of(operand) + ", a value that was reshaped; those are read at the end only");
    return found[0];
}

const HostTensor& TfliteNodes::constant(std::size_t operand, bool whole) const {
    const std::optional<HostTensor>& found = constants_[operand_index(operand)];
    const bool is_whole = found && (found->type() == DType::i32 || found->type() == DType::i64);
    const bool is_float = found && (found->type() == DType::f32 || found->type() == DType::f16);
    if (!(whole ? is_whole : is_float))
        unsupported("needs " + name_of(operand) + " to be a constant of " +
                    (whole ? "INT32 or INT64" : "FLOAT32 or FLOAT16"));
    return *found;
}

void TfliteNodes::expect_room(std::size_t floats) {
    copied_ += floats * sizeof(float);
    if (copied_ > kMostCopies * room_ + kLeastRoom)
        damaged("needs weights which, with those of other nodes, are many times the file's size");
}

std::vector<float> TfliteNodes::floats(std::size_t operand) {
    const HostTensor& found = constant(operand, false);
    expect_room(static_cast<std::size_t>(found.count()));
    std::vector<float> values = found.floats();
    const auto odd = std::find_if(values.begin(), values.end(), [](float v) { return !std::isfinite(v); });
    if (odd != values.end())
        refuse("not_finite", "has a weight that is no number: element " + std::to_string(odd - values.begin()) +
                                 " of " + name_of(operand) + " is " + std::to_string(*odd));
    return values;
}

std::vector<std::int64_t> TfliteNodes::wholes(std::size_t operand, std::int64_t count) const {
    const HostTensor& found = constant(operand, true);
    if (found.count() != count) damaged("needs " + std::to_string(count) + " numbers in " + name_of(operand));
    return found.ints();
}

std::vector<float> TfliteNodes::row(std::size_t operand, int channels, bool one_for_all) {
    const std::int64_t count = tflite_count(shape_of(operand));
    if (!is_row(shape_of(operand)) || !(count == channels || (one_for_all && count == 1)))
        unsupported("has " + name_of(operand) + "; one number for each of " + std::to_string(channels) +
                    " channels is understood");
    return floats(operand);
}

std::optional<std::size_t> TfliteNodes::constant_operand() const {
    if (op().inputs.size() != 2) damaged("has " + std::to_string(op().inputs.size()) + " inputs; it takes two");
    if (is_constant(1)) return 1;
    if (is_constant(0)) return 0;
    return std::nullopt;
}

int TfliteNodes::stride() const {
    const TfliteOptions& o = op().options;
    if (!op().has_options) damaged("has no options");
    if (o.dilation_width != 1 || o.dilation_height != 1)
        unsupported("is dilated by " + std::to_string(o.dilation_width) + "×" + std::to_string(o.dilation_height) +
                    "; no dilation is understood");
    if (o.stride_width != o.stride_height || o.stride_width < 1 || o.stride_width > kMostWindow)
        unsupported("has strides of " + std::to_string(o.stride_width) + "×" + std::to_string(o.stride_height) +
                    "; equal ones from 1 to " + std::to_string(kMostWindow) + " are understood");
    return o.stride_width;
}

int TfliteNodes::square_window(std::int64_t width, std::int64_t height) const {
    if (width != height || width < 1 || width > kMostWindow)
        unsupported("has a window of " + std::to_string(width) + "×" + std::to_string(height) +
                    "; square ones from 1 to " + std::to_string(kMostWindow) + " are understood");
    return static_cast<int>(width);
}

void TfliteNodes::make_picture(Value value, const ValueShape& shape) {
    if (shape.count() == 0) damaged("has a window that is larger than its picture, " + name_of(0));
    if (result_shape() != published_shape(shape))
        damaged("makes " + tflite_shape_text(published_shape(shape)) + ", but the file says " +
                tflite_shape_text(result_shape()));
    make({{value, shape}});
}

}  // namespace affectsr
