// A published TFLite network, as it is written down in its file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// What an operator does to its result at last; the numbers of the schema.
enum class TfliteActivation : std::int8_t { none, relu, relu_n1_to_1, relu6, tanh, sign_bit };

/// The settings of an operator; those that its kind does not have keep their defaults.
struct TfliteOptions {
    bool same_padding = false;  ///< TensorFlow's "SAME": as many results as strides begin in the picture; else "VALID"
    int stride_width = 1, stride_height = 1;
    int dilation_width = 1, dilation_height = 1;
    int filter_width = 1, filter_height = 1;  ///< of a pool
    int axis = 0;                             ///< of a concatenation
    int block = 0;                            ///< pixels of DEPTH_TO_SPACE, in each direction
    bool align_corners = false, half_pixel_centres = false;
    TfliteActivation activation = TfliteActivation::none;
};

/// One operator ("node") of the file.
struct TfliteOperator {
    std::string name;          ///< as the schema spells it: "CONV_2D"; a custom operator by its own name
    std::vector<int> inputs;   ///< tensors; −1: an optional one is not there
    std::vector<int> outputs;  ///< tensors
    bool has_options = false;  ///< the file tells the options that its kind has
    TfliteOptions options = {};
};

/// One value of the network.
struct TfliteTensor {
    std::string name;
    std::string type;                 ///< as the schema spells it: "FLOAT32"
    std::vector<std::int64_t> shape;  ///< as TensorFlow lays it: pictures are [1, height, width, channels]
    std::vector<float> scales;        ///< of quantised numbers; empty: it is not quantised
    std::vector<std::int64_t> zero_points;
    /// Its numbers, if the file has them: float32, float16 or whole. They share the file's memory, unless they are
    /// stored with gaps: those are filled with zeros.
    std::optional<HostTensor> constant;
};

/// A network as a graph of operators, in the order in which they are played. A value; safe to share.
struct TfliteGraph {
    std::string description;
    std::vector<TfliteTensor> tensors;
    std::vector<TfliteOperator> operators;
    std::vector<int> inputs, outputs;  ///< tensors
};

/// Reads a TFLite file (FlatBuffer schema "TFL3", version 3). Tensors that nodes name are there, shapes are positive
/// and small enough to count, constants have as many bytes as their shape asks for; whether the operators make sense is
/// tflite_plan's affair. Memory and work are bounded by the size of the file, whatever it claims.
///
/// Throws ModelError: `unknown_checkpoint` for a file of another kind or version, or one with several graphs;
/// `model_damaged`, naming the byte, tensor or node, for one that is cut off or makes no sense, or is over the limits
/// (16,384 tensors and as many nodes, 8 dimensions, sides of 65,536, 2^26 elements); and as MappedFile::open. Source:
/// TensorFlow's schema.fbs.
TfliteGraph read_tflite(const std::filesystem::path& path);

/// "FILE: node 12 (CONV_2D)": how a message names an operator.
std::string tflite_node(const TfliteGraph& graph, std::size_t node, const std::string& where);

}  // namespace affectsr
