// A published TFLite network as a Plan of ours, with its weights.
#pragma once

#include <string>
#include <vector>

#include "affectsr/checkpoint/tflite.h"
#include "affectsr/checkpoint/tflite_outputs.h"
#include "affectsr/plan/plan.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// A published network that our players can play.
struct TflitePlan {
    Plan plan;          ///< one input "in" [n, channels, height, width]; outputs "0", or "0.0", "0.1" … of parts
    TensorMap tensors;  ///< float32, under the names of the plan: "node12.weight"
    InputSize size;     ///< of "in": the only one that the file tells shapes for
    int channels = 0;   ///< of "in"
    std::vector<TfliteOutput> outputs;
};

/// The network of a graph with one picture as its input. These operators are understood, each as far as the steps of a
/// Plan can say what it does exactly:
/// CONV_2D and DEPTHWISE_CONV_2D (square kernels, equal strides, no dilation), MAX_POOL_2D, AVERAGE_POOL_2D ("SAME"
/// only where it adds no border on one side only, or, for the mean, none), ADD and MUL (of two pictures, or a picture
/// and a constant for each channel), PRELU (a slope for each channel), RELU, RELU6, LOGISTIC, TANH, PAD (pixels and
/// channels), RESIZE_BILINEAR (half-pixel centres) and RESIZE_NEAREST_NEIGHBOR by whole factors, CONCATENATION, RESHAPE
/// and SQUEEZE (at the end), DEPTH_TO_SPACE, DEQUANTIZE and DENSIFY of constants. Fused RELU, RELU6 and TANH.
///
/// TensorFlow's "SAME" border, which may be a pixel wider at the right and at the bottom, becomes a Pad step where it
/// is not the same all around. RELU6 is 6 − relu(6 − relu(x)).
///
/// Throws ModelError: `unsupported_operator`, naming node and operator, for one outside this list or with settings
/// outside it; `model_damaged` for nodes that contradict each other or their shapes; `not_finite` for a weight that is
/// no number. `where` (a file name) begins every message. Source: TensorFlow Lite's reference_ops.
TflitePlan tflite_plan(const TfliteGraph& graph, const std::string& where);

}  // namespace affectsr
