// What the nodes of a TFLite network read and make, checked: the ground that tflite_plan.cpp stands on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "affectsr/checkpoint/tflite.h"
#include "affectsr/plan/plan.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// A value of a plan that holds a part of a tensor, or all of it.
struct TfliteFlowPart {
    Value value;
    ValueShape shape;
};
/// What a tensor consists of: numbers one behind the other, each part as [height, width, channels].
using TfliteFlow = std::vector<TfliteFlowPart>;

/// "1×64×64×24".
std::string tflite_shape_text(const std::vector<std::int64_t>& shape);
/// Elements of a tensor of this shape.
std::int64_t tflite_count(const std::vector<std::int64_t>& shape);

/// The tensors of a graph while its nodes are taken one after the other: which are computed by what, which are
/// constants. Operands are numbered in the order of the node. Every function throws ModelError that names the file, the
/// node and its operator: `model_damaged` for what contradicts itself, `unsupported_operator` for what a Plan cannot
/// say.
class TfliteNodes {
 public:
    /// Both must outlive the object.
    TfliteNodes(const TfliteGraph& graph, const std::string& where);

    const TfliteGraph& graph() const { return graph_; }
    const std::string& where() const { return where_; }
    /// Goes on to a node.
    void take(std::size_t node) { node_ = node; }
    /// The node makes one value, which is not there yet.
    void expect_new_result() const;
    const TfliteOperator& op() const { return graph_.operators[node_]; }
    std::string step_name() const { return "node" + std::to_string(node_); }

    [[noreturn]] void refuse(const char* code, const std::string& why) const;
    [[noreturn]] void damaged(const std::string& why) const { refuse("model_damaged", why); }
    [[noreturn]] void unsupported(const std::string& why) const { refuse("unsupported_operator", why); }

    bool has(std::size_t operand) const;
    bool is_constant(std::size_t operand) const { return constants_[operand_index(operand)].has_value(); }
    /// Which of its two operands is a constant, if one is.
    std::optional<std::size_t> constant_operand() const;
    const std::vector<std::int64_t>& shape_of(std::size_t operand) const;
    /// "tensor 12 (FLOAT32 of 1×64×64×24)".
    std::string name_of(std::size_t operand) const;
    const TfliteFlow& flow(std::size_t operand) const;
    /// A value that is a picture still, no part of a reshape.
    TfliteFlowPart picture(std::size_t operand) const;

    /// A constant of float32 or float16, or of whole numbers.
    const HostTensor& constant(std::size_t operand, bool whole) const;
    /// Counts weights that a node takes; all together are at most about four times what the file holds, though many
    /// nodes name the same constant.
    void expect_room(std::size_t floats);
    /// A constant's numbers as float32, all of which are finite (else `not_finite`); they are counted by expect_room().
    std::vector<float> floats(std::size_t operand);
    /// So many whole numbers.
    std::vector<std::int64_t> wholes(std::size_t operand, std::int64_t count) const;
    /// A constant with one number for each channel, or, if that is allowed, one for all.
    std::vector<float> row(std::size_t operand, int channels, bool one_for_all);

    /// The stride of a convolution or pool: the same in both directions, from 1 to 256; no dilation.
    int stride() const;
    /// The side of a kernel or pool: as wide as high, from 1 to 256.
    int square_window(std::int64_t width, std::int64_t height) const;

    const std::vector<std::int64_t>& result_shape() const { return graph_.tensors[result_index()].shape; }
    /// What the node makes; a picture's shape must be what the file says.
    void make_picture(Value value, const ValueShape& shape);
    void make(TfliteFlow flow) { flows_[result_index()] = std::move(flow); }
    void make_constant(const HostTensor& constant) { constants_[result_index()] = constant; }

    /// What a tensor of the graph consists of; empty if nothing has made it.
    const TfliteFlow& flow_of(int tensor) const { return flows_[static_cast<std::size_t>(tensor)]; }
    void set_flow(int tensor, TfliteFlow flow) { flows_[static_cast<std::size_t>(tensor)] = std::move(flow); }

 private:
    std::size_t result_index() const { return static_cast<std::size_t>(op().outputs[0]); }
    std::size_t operand_index(std::size_t operand) const;

    const TfliteGraph& graph_;
    const std::string& where_;
    std::size_t node_ = 0;
    std::vector<TfliteFlow> flows_;                     // of every tensor that a node has made
    std::vector<std::optional<HostTensor>> constants_;  // of every tensor, those behind DEQUANTIZE included
    std::size_t room_ = 0, copied_ = 0;                 // bytes of constants in the file, and as float32 in weights
};

}  // namespace affectsr
