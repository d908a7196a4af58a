#include "affectsr/checkpoint/tflite_plan.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/checkpoint/pickle_scanner.h"
#include "affectsr/checkpoint/tflite_layout.h"
#include "affectsr/checkpoint/tflite_nodes.h"

namespace affectsr {

namespace {

constexpr std::size_t kMostParts = 16;  // of one output
constexpr int kMostRepeats = 8;         // zero channels are made of the channels that are there, so many times
constexpr int kMostBlock = 16;
constexpr std::int64_t kMostSide = 1 << 16;

/// Writes down the steps of one node after the other.
class TflitePlanner : private TfliteNodes {
 public:
    using TfliteNodes::TfliteNodes;

    TflitePlan run() {
        TflitePlan made;
        const ValueShape input = start();
        made.size = {input.height, input.width};
        made.channels = input.channels;
        for (std::size_t node = 0; node < graph().operators.size(); ++node) {
            take(node);
            play();
        }
        finish(made);
        return made;
    }

 private:
    /// The input, the first step.
    ValueShape start() {
        const auto refuse_input = [&](const std::string& why) {
            throw ModelError("unsupported_operator",
                             where() + ": " + why + "; one picture of FLOAT32, 1×height×width×channels, is read");
        };
        if (graph().inputs.size() != 1)
            refuse_input("the network has " + std::to_string(graph().inputs.size()) + " inputs");
        const TfliteTensor& input = graph().tensors[static_cast<std::size_t>(graph().inputs[0])];
        const std::vector<std::int64_t>& s = input.shape;
        if (input.type != "FLOAT32" || s.size() != 4 || s[0] != 1 || tflite_count(s) == 0 || input.constant)
            refuse_input("the input is " + input.type + " of " + tflite_shape_text(s));
        const ValueShape shape{static_cast<int>(s[3]), static_cast<int>(s[1]), static_cast<int>(s[2])};
        set_flow(graph().inputs[0], {{plan_.input(shape.channels), shape}});
        return shape;
    }

    void finish(TflitePlan& made) {
        const auto refuse_graph = [&](const std::string& why) {
            throw ModelError("model_damaged", where() + ": " + why);
        };
        if (graph().outputs.empty()) refuse_graph("the graph has no outputs");
        for (std::size_t i = 0; i < graph().outputs.size(); ++i) {
            const TfliteTensor& tensor = graph().tensors[static_cast<std::size_t>(graph().outputs[i])];
            TfliteOutput output{tensor.name, tensor.shape, {}};
            const TfliteFlow& flow = flow_of(graph().outputs[i]);
            if (flow.empty()) refuse_graph("no node makes output " + std::to_string(i) + " " + shown(tensor.name));
            for (const TfliteFlowPart& part : flow) {
                if (part.value.step == 0) refuse_graph("output " + std::to_string(i) + " is the input itself");
                const std::string part_name = flow.size() > 1 ? "." + std::to_string(output.parts.size()) : "";
                output.parts.push_back({std::to_string(i) + part_name, part.shape});
                plan_.output(output.parts.back().output, part.value);
            }
            made.outputs.push_back(std::move(output));
        }
        made.plan = plan_.finish();
        made.tensors = std::move(weights_);
    }

    void play() {
        struct Rule {
            std::string_view name;
            void (TflitePlanner::*play)();
        };
        static constexpr std::array kRules = {
            Rule{"ADD", &TflitePlanner::add},
            Rule{"AVERAGE_POOL_2D", &TflitePlanner::average_pool},
            Rule{"CONCATENATION", &TflitePlanner::concatenation},
            Rule{"CONV_2D", &TflitePlanner::conv},
            Rule{"DEPTHWISE_CONV_2D", &TflitePlanner::depthwise_conv},
            Rule{"DENSIFY", &TflitePlanner::keep_constant},
            Rule{"DEPTH_TO_SPACE", &TflitePlanner::depth_to_space},
            Rule{"DEQUANTIZE", &TflitePlanner::keep_constant},
            Rule{"LOGISTIC", &TflitePlanner::pointwise},
            Rule{"MAX_POOL_2D", &TflitePlanner::max_pool},
            Rule{"MUL", &TflitePlanner::mul},
            Rule{"PAD", &TflitePlanner::pad},
            Rule{"PRELU", &TflitePlanner::prelu},
            Rule{"RELU", &TflitePlanner::pointwise},
            Rule{"RELU6", &TflitePlanner::pointwise},
            Rule{"RESHAPE", &TflitePlanner::reshape},
            Rule{"RESIZE_BILINEAR", &TflitePlanner::resize},
            Rule{"RESIZE_NEAREST_NEIGHBOR", &TflitePlanner::resize},
            Rule{"SQUEEZE", &TflitePlanner::reshape},
            Rule{"TANH", &TflitePlanner::pointwise},
        };
        const auto rule =
            std::find_if(kRules.begin(), kRules.end(), [&](const Rule& known) { return known.name == op().name; });
        if (rule == kRules.end()) {
            std::string known;
            for (const Rule& one : kRules) known += (known.empty() ? "" : ", ") + std::string(one.name);
            unsupported("is not among the operators that are understood: " + known);
        }
        expect_new_result();
        (this->*rule->play)();
    }

    void make_activated(Value value, const ValueShape& shape) {
        make_picture(activated(value, op().options.activation), shape);
    }

    Value relu6(Value x) {
        // No step holds a value below a limit: 6 − relu(6 − relu(x)).
        const Value below = plan_.relu(plan_.shift(plan_.scale(plan_.relu(x), -1), 6));
        return plan_.shift(plan_.scale(below, -1), 6);
    }

    Value activated(Value x, TfliteActivation activation) {
        switch (activation) {
            case TfliteActivation::none:
                return x;
            case TfliteActivation::relu:
                return plan_.relu(x);
            case TfliteActivation::relu6:
                return relu6(x);
            case TfliteActivation::tanh:
                return plan_.tanh(x);
            case TfliteActivation::relu_n1_to_1:
            case TfliteActivation::sign_bit:
                break;
        }
        unsupported("has the fused activation " +
                    std::string(activation == TfliteActivation::sign_bit ? "SIGN_BIT" : "RELU_N1_TO_1") +
                    "; RELU, RELU6 and TANH are understood");
    }

    // ---- operators ----

    void conv() {
        const std::vector<std::int64_t>& w = shape_of(1);
        const TfliteFlowPart x = picture(0);
        if (w.size() != 4) damaged("has weights of " + tflite_shape_text(w));
        const std::int64_t out = w[0], in = w[3];
        const int side = square_window(w[2], w[1]);
        if (in < 1 || out < 1 || x.shape.channels % in != 0 || out % (x.shape.channels / in) != 0)
            damaged("has weights of " + tflite_shape_text(w) + " for " + std::to_string(x.shape.channels) +
                    " channels");
        std::vector<float> weight = channels_first(floats(1), static_cast<std::size_t>(out),
                                                   static_cast<std::size_t>(side) * static_cast<std::size_t>(side),
                                                   static_cast<std::size_t>(in));
        convolve(x, std::move(weight), side, static_cast<int>(out), x.shape.channels / static_cast<int>(in));
    }

    void depthwise_conv() {
        const std::vector<std::int64_t>& w = shape_of(1);
        const TfliteFlowPart x = picture(0);
        if (w.size() != 4 || w[0] != 1 || w[3] < 1 || w[3] % x.shape.channels != 0)
            damaged("has weights of " + tflite_shape_text(w) + " for " + std::to_string(x.shape.channels) +
                    " channels");
        const int side = square_window(w[2], w[1]);
        std::vector<float> weight =
            channels_first(floats(1), 1, static_cast<std::size_t>(side) * static_cast<std::size_t>(side),
                           static_cast<std::size_t>(w[3]));
        convolve(x, std::move(weight), side, static_cast<int>(w[3]), x.shape.channels);
    }

    void convolve(const TfliteFlowPart& x, std::vector<float> weight, int side, int out, int groups) {
        const int by = stride();
        const WindowPlaces across = window_places(x.shape.width, side, by, op().options.same_padding);
        const WindowPlaces down = window_places(x.shape.height, side, by, op().options.same_padding);
        const bool even = across.before == across.after && down.before == down.after && across.before == down.before;
        const Value padded =
            even ? x.value : plan_.pad(x.value, {across.before, across.after, down.before, down.after});
        const bool bias = has(2);
        const Value made = plan_.conv(step_name(), padded, out, {side, by, even ? across.before : 0, groups, bias});
        weights_[step_name() + ".weight"] =
            HostTensor::from_floats(weight, {out, x.shape.channels / groups, side, side});
        if (bias) weights_[step_name() + ".bias"] = HostTensor::from_floats(row(2, out, false), {out});
        make_activated(made, {out, down.count, across.count});
    }

    /// A pool's border, the same on all sides.
    struct Pool {
        TfliteFlowPart x;
        int side = 1, stride = 1, padding = 0;
        ValueShape shape;
    };
    Pool pool(bool border_counts) const {
        const TfliteOptions& o = op().options;
        Pool made{picture(0), 1, stride(), 0, {}};
        made.side = square_window(o.filter_width, o.filter_height);
        const WindowPlaces across = window_places(made.x.shape.width, made.side, made.stride, o.same_padding);
        const WindowPlaces down = window_places(made.x.shape.height, made.side, made.stride, o.same_padding);
        made.padding = across.before;
        if (across.before != across.after || down.before != down.after || across.before != down.before ||
            (border_counts && made.padding > 0))
            unsupported("needs a border of " + std::to_string(across.before) + ", " + std::to_string(across.after) +
                        ", " + std::to_string(down.before) + ", " + std::to_string(down.after) +
                        " px at left, right, top and bottom, which " +
                        (border_counts ? "must not count in a mean" : "is not the same on all sides"));
        made.shape = {made.x.shape.channels, down.count, across.count};
        return made;
    }

    void max_pool() {
        const Pool p = pool(false);
        make_activated(plan_.max_pool(p.x.value, p.side, p.stride, p.padding), p.shape);
    }

    void average_pool() {
        const Pool p = pool(true);
        make_activated(plan_.avg_pool(p.x.value, p.side, p.stride, p.padding), p.shape);
    }

    void add() {
        if (const auto constant_at = constant_operand()) {
            const TfliteFlowPart x = picture(1 - *constant_at);
            return make_activated(plan_.shift(x.value, row(*constant_at, x.shape.channels, true)), x.shape);
        }
        const TfliteFlowPart a = picture(0), b = picture(1);
        if (a.shape != b.shape)
            unsupported("adds " + name_of(0) + " and " + name_of(1) + "; equal sizes are understood");
        make_activated(plan_.add(a.value, b.value), a.shape);
    }

    void mul() {
        if (const auto constant_at = constant_operand()) {
            const TfliteFlowPart x = picture(1 - *constant_at);
            return make_activated(plan_.scale(x.value, row(*constant_at, x.shape.channels, true)), x.shape);
        }
        TfliteFlowPart a = picture(0), b = picture(1);
        if (a.shape.height * a.shape.width == 1) std::swap(a, b);
        if (a.shape != b.shape && !(a.shape.channels == b.shape.channels && b.shape.height * b.shape.width == 1))
            unsupported("multiplies " + name_of(0) + " and " + name_of(1) +
                        "; equal sizes, or a number for each channel, are understood");
        make_activated(plan_.mul(a.value, b.value), a.shape);
    }

    void prelu() {
        const TfliteFlowPart x = picture(0);
        weights_[step_name() + ".weight"] =
            HostTensor::from_floats(row(1, x.shape.channels, false), {x.shape.channels});
        make_picture(plan_.prelu(step_name(), x.value), x.shape);
    }

    /// What changes every number by itself may come behind a reshape, too.
    void pointwise() {
        TfliteFlow made = flow(0);
        if (shape_of(0) != result_shape())
            damaged("makes " + tflite_shape_text(shape_of(0)) + ", but the file says " +
                    tflite_shape_text(result_shape()));
        for (TfliteFlowPart& part : made)
            part.value = op().name == "LOGISTIC" ? plan_.sigmoid(part.value)
                         : op().name == "TANH"   ? plan_.tanh(part.value)
                         : op().name == "RELU6"  ? relu6(part.value)
                                                 : plan_.relu(part.value);
        make(std::move(made));
    }

    Value zero_channels(const TfliteFlowPart& like, int channels) {
        std::vector<Value> parts;
        for (int left = channels; left > 0; left -= like.shape.channels)
            parts.push_back(plan_.scale(plan_.slice(like.value, 0, std::min(left, like.shape.channels)), 0));
        return parts.size() == 1 ? parts[0] : plan_.concat(parts);
    }

    void pad() {
        const TfliteFlowPart x = picture(0);
        const std::vector<std::int64_t> by = wholes(1, 8);
        for (const std::int64_t pixels : by)
            if (pixels < 0 || pixels > kMostSide) damaged("pads by " + std::to_string(pixels));
        const auto at = [&](std::size_t i) { return static_cast<int>(by[i]); };
        if (at(0) + at(1) > 0) unsupported("pads the batch");
        const int most = kMostRepeats * x.shape.channels;
        if (at(6) > most || at(7) > most)
            unsupported("adds " + std::to_string(std::max(at(6), at(7))) + " channels to " +
                        std::to_string(x.shape.channels) + "; up to " + std::to_string(most) + " are understood");
        Value value = x.value;
        if (at(6) + at(7) > 0) {
            std::vector<Value> parts;
            if (at(6) > 0) parts.push_back(zero_channels(x, at(6)));
            parts.push_back(x.value);
            if (at(7) > 0) parts.push_back(zero_channels(x, at(7)));
            value = plan_.concat(parts);
        }
        if (at(2) + at(3) + at(4) + at(5) > 0) value = plan_.pad(value, {at(4), at(5), at(2), at(3)});
        make_picture(value,
                     {x.shape.channels + at(6) + at(7), x.shape.height + at(2) + at(3), x.shape.width + at(4) + at(5)});
    }

    void resize() {
        const TfliteFlowPart x = picture(0);
        const std::vector<std::int64_t> size = wholes(1, 2);
        const bool bilinear = op().name == "RESIZE_BILINEAR";
        if (!op().has_options) damaged("has no options");
        if (op().options.align_corners || (bilinear && !op().options.half_pixel_centres))
            unsupported("aligns corners; pixels that are aligned by their centres are understood");
        if (size[0] < 1 || size[0] > kMostSide || size[1] > kMostSide || size[0] % x.shape.height != 0 ||
            size[1] != size[0] / x.shape.height * x.shape.width)
            unsupported("makes " + tflite_shape_text(size) + " of " + name_of(0) +
                        "; enlarging by a whole factor is understood");
        const int factor = static_cast<int>(size[0]) / x.shape.height;
        make_picture(bilinear ? plan_.enlarge_bilinear(x.value, factor) : plan_.enlarge_nearest(x.value, factor),
                     {x.shape.channels, x.shape.height * factor, x.shape.width * factor});
    }

    void reshape() {
        const TfliteFlow made = flow(0);
        if (tflite_count(shape_of(0)) != tflite_count(result_shape()))
            damaged("makes " + tflite_shape_text(result_shape()) + " of " + name_of(0));
        make(made);
    }

    void concatenation() {
        if (op().inputs.empty()) damaged("has no inputs");
        if (!op().has_options) damaged("has no options");
        if (op().options.activation != TfliteActivation::none)
            unsupported("has a fused activation; none is understood");
        std::vector<std::int64_t> shape = shape_of(0);
        const int sides = static_cast<int>(shape.size());
        const int axis = op().options.axis < 0 ? op().options.axis + sides : op().options.axis;
        if (axis < 0 || axis >= sides) damaged("joins along axis " + std::to_string(op().options.axis));
        const auto along = static_cast<std::size_t>(axis);
        shape[along] = 0;
        for (std::size_t i = 0; i < op().inputs.size(); ++i) {
            std::vector<std::int64_t> part = shape_of(i);
            if (part.size() != shape.size()) damaged("joins values of different dimensions");
            shape[along] += part[along];
            part[along] = shape[along];
            if (part != shape) damaged("joins values of different sizes");
        }
        if (shape != result_shape())
            damaged("makes " + tflite_shape_text(shape) + ", but the file says " + tflite_shape_text(result_shape()));
        if (sides == 4 && axis == 3) return concatenate_channels();
        if (!std::all_of(shape.begin(), shape.begin() + axis, [](std::int64_t s) { return s == 1; }))
            unsupported("joins along axis " + std::to_string(axis) + " of " + tflite_shape_text(shape) +
                        "; channels, or numbers one behind the other, are understood");
        TfliteFlow made;
        for (std::size_t i = 0; i < op().inputs.size(); ++i) {
            const TfliteFlow& more = flow(i);
            made.insert(made.end(), more.begin(), more.end());
            if (made.size() > kMostParts) unsupported("joins more than " + std::to_string(kMostParts) + " values");
        }
        make(std::move(made));
    }

    void concatenate_channels() {
        std::vector<Value> parts;
        ValueShape shape;
        for (std::size_t i = 0; i < op().inputs.size(); ++i) {
            const TfliteFlowPart& part = picture(i);
            parts.push_back(part.value);
            shape = {shape.channels + part.shape.channels, part.shape.height, part.shape.width};
        }
        make_picture(plan_.concat(parts), shape);
    }

    void depth_to_space() {
        const TfliteFlowPart x = picture(0);
        const int block = op().options.block;
        const bool is_block = op().has_options && block >= 1 && block <= kMostBlock;
        if (!is_block || x.shape.channels % (block * block) != 0)
            damaged("makes blocks of " + std::to_string(block) + " px of " + name_of(0));
        const int area = block * block;
        const int out = x.shape.channels / area;
        Value value = x.value;
        if (out > 1 && area > 1) {
            const auto channels = static_cast<std::size_t>(x.shape.channels);
            expect_room(channels * channels);
            value = plan_.conv(step_name(), value, x.shape.channels, {.kernel = 1, .bias = false});
            weights_[step_name() + ".weight"] = HostTensor::from_floats(
                shuffling_weight(channels / static_cast<std::size_t>(area), static_cast<std::size_t>(area)),
                {x.shape.channels, x.shape.channels, 1, 1});
        }
        make_picture(plan_.pixel_shuffle(value, block), {out, x.shape.height * block, x.shape.width * block});
    }

    /// DEQUANTIZE and DENSIFY of a constant; a file's reader has filled its gaps, and half numbers are widened when a
    /// node takes them.
    void keep_constant() {
        const HostTensor& numbers = constant(0, false);
        if (numbers.shape() != result_shape())
            damaged("makes " + tflite_shape_text(numbers.shape()) + ", but the file says " +
                    tflite_shape_text(result_shape()));
        make_constant(numbers);
    }

    PlanBuilder plan_;
    TensorMap weights_;
};

}  // namespace

TflitePlan tflite_plan(const TfliteGraph& graph, const std::string& where) {
    return TflitePlanner(graph, where).run();
}

}  // namespace affectsr
