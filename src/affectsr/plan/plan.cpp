#include "affectsr/plan/plan.h"

#include "affectsr/base/error.h"

namespace affectsr {

const char* name_of(StepKind kind) {
    static const char* const kNames[] = {"input",
                                         "conv",
                                         "conv_transpose",
                                         "linear",
                                         "batch_norm",
                                         "instance_norm",
                                         "layer_norm",
                                         "relu",
                                         "leaky_relu",
                                         "prelu",
                                         "sigmoid",
                                         "tanh",
                                         "softmax",
                                         "add",
                                         "mul",
                                         "scale",
                                         "concat",
                                         "slice",
                                         "pad",
                                         "max_pool",
                                         "avg_pool",
                                         "adaptive_avg_pool",
                                         "global_avg_pool",
                                         "enlarge_nearest",
                                         "enlarge_bilinear",
                                         "enlarge_bicubic",
                                         "pixel_shuffle",
                                         "pixel_unshuffle",
                                         "flatten",
                                         "dropout"};
    static_assert(std::size(kNames) == static_cast<std::size_t>(StepKind::dropout) + 1);
    return kNames[static_cast<std::size_t>(kind)];
}

void Plan::output_mark(const std::string& name) {
    std::string known;
    for (const Output& mark : marks) {
        if (mark.name == name) {
            outputs.push_back(mark);
            return;
        }
        known += (known.empty() ? "" : ", ") + mark.name;
    }
    throw UsageError("the network has no stage \"" + name + "\"; it has: " + known);
}

std::int64_t Plan::parameter_count() const {
    std::int64_t count = 0;
    for (const Step& s : steps) {
        const std::int64_t in = s.in_channels, out = s.out_channels;
        if (s.kind == StepKind::conv || s.kind == StepKind::conv_transpose)
            count += out * in / s.groups * s.kernel * s.kernel + (s.bias ? out : 0);
        if (s.kind == StepKind::linear) count += out * in + (s.bias ? out : 0);
        if (s.kind == StepKind::batch_norm || s.kind == StepKind::layer_norm) count += 2 * out;
        if (s.kind == StepKind::instance_norm && s.bias) count += 2 * out;
        if (s.kind == StepKind::prelu) count += out;
    }
    return count;
}

namespace {

/// Height and width after a step, from those of its first input.
ValueShape shape_after(const Step& s, const ValueShape& x) {
    const int factor = static_cast<int>(s.factor);
    switch (s.kind) {
        case StepKind::conv:
        case StepKind::max_pool:
        case StepKind::avg_pool: {
            const auto out = [&](int size) {
                return size + 2 * s.padding < s.kernel ? 0 : (size + 2 * s.padding - s.kernel) / s.stride + 1;
            };
            return {s.out_channels, out(x.height), out(x.width)};
        }
        case StepKind::conv_transpose: {
            const auto out = [&](int size) { return (size - 1) * s.stride - 2 * s.padding + s.kernel; };
            return {s.out_channels, out(x.height), out(x.width)};
        }
        case StepKind::pad:
            return {s.out_channels, x.height + s.margins.top + s.margins.bottom,
                    x.width + s.margins.left + s.margins.right};
        case StepKind::adaptive_avg_pool:
            return {s.out_channels, s.height, s.width};
        case StepKind::global_avg_pool:
            return {s.out_channels, 1, 1};
        case StepKind::enlarge_nearest:
        case StepKind::enlarge_bilinear:
        case StepKind::enlarge_bicubic:
        case StepKind::pixel_shuffle:
            return {s.out_channels, x.height * factor, x.width * factor};
        case StepKind::pixel_unshuffle:
            return x.height % factor || x.width % factor
                       ? ValueShape{}
                       : ValueShape{s.out_channels, x.height / factor, x.width / factor};
        case StepKind::flatten:
            return x.height * x.width == s.pixels ? ValueShape{s.out_channels, 1, 1} : ValueShape{};
        case StepKind::linear:
        case StepKind::layer_norm:
            return x.height * x.width == 1 ? ValueShape{s.out_channels, 1, 1} : ValueShape{};
        default:
            return {s.out_channels, x.height, x.width};
    }
}

}  // namespace

std::vector<ValueShape> Plan::shapes(int height, int width) const {
    std::vector<ValueShape> shapes;
    for (const Step& s : steps) {
        const auto of = [&](std::size_t input) { return shapes[static_cast<std::size_t>(s.inputs[input])]; };
        const ValueShape shape = s.inputs.empty() ? ValueShape{s.out_channels, height, width} : shape_after(s, of(0));
        bool fits = shape.height > 0 && shape.width > 0;
        for (std::size_t i = 1; i < s.inputs.size(); ++i) {
            const ValueShape other = of(i);
            const bool one_pixel = other.height == 1 && other.width == 1;
            const bool same_size = other.height == shape.height && other.width == shape.width;
            fits = fits && (same_size || (s.kind == StepKind::mul && one_pixel));
        }
        if (!fits)
            throw UsageError("a picture of " + std::to_string(width) + "×" + std::to_string(height) +
                             " px does not fit step " + std::to_string(shapes.size()) + " (" + name_of(s.kind) +
                             (s.name.empty() ? ")" : " \"" + s.name + "\")"));
        shapes.push_back(shape);
    }
    return shapes;
}

std::int64_t Plan::flops_of(std::size_t step, const std::vector<ValueShape>& shapes) const {
    const Step& s = steps[step];
    const std::int64_t weights = std::int64_t{s.in_channels} * s.out_channels / s.groups * s.kernel * s.kernel;
    const auto area = [](const ValueShape& v) { return std::int64_t{v.height} * v.width; };
    if (s.kind == StepKind::conv) return 2 * weights * area(shapes[step]);
    if (s.kind == StepKind::conv_transpose) return 2 * weights * area(shapes[static_cast<std::size_t>(s.inputs[0])]);
    if (s.kind == StepKind::linear) return 2 * weights;
    return 0;
}

std::int64_t Plan::flops(int height, int width) const {
    const std::vector<ValueShape> values = shapes(height, width);
    std::int64_t total = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) total += flops_of(i, values);
    return total;
}

Value PlanBuilder::append(Step step) {
    plan_.steps.push_back(std::move(step));
    return {static_cast<int>(plan_.steps.size()) - 1};
}

int PlanBuilder::channels(Value x) const {
    AFFECTSR_EXPECT(x.step >= 0 && x.step < static_cast<int>(plan_.steps.size()), "a value of another plan");
    return plan_.steps[static_cast<std::size_t>(x.step)].out_channels;
}

Value PlanBuilder::input(int input_channels) {
    AFFECTSR_EXPECT(input_channels > 0, "an input needs channels");
    for (const Step& s : plan_.steps) AFFECTSR_EXPECT(s.kind != StepKind::input, "a plan has one input");
    return append({.kind = StepKind::input, .name = "", .inputs = {}, .out_channels = input_channels});
}

Value PlanBuilder::conv(const std::string& name, Value x, int out_channels, ConvOptions o) {
    const int in = channels(x);
    AFFECTSR_EXPECT(out_channels > 0 && in % o.groups == 0 && out_channels % o.groups == 0,
                    "channels of \"" + name + "\" must be multiples of its groups");
    return append({.kind = StepKind::conv,
                   .name = name,
                   .inputs = {x.step},
                   .in_channels = in,
                   .out_channels = out_channels,
                   .kernel = o.kernel,
                   .stride = o.stride,
                   .padding = o.padding < 0 ? (o.kernel - 1) / 2 : o.padding,
                   .groups = o.groups,
                   .bias = o.bias});
}

Value PlanBuilder::conv_transpose(const std::string& name, Value x, int out_channels, ConvOptions o) {
    const Value made = conv(name, x, out_channels, o);
    plan_.steps.back().kind = StepKind::conv_transpose;
    return made;
}

Value PlanBuilder::linear(const std::string& name, Value x, int out_features, bool bias) {
    return append({.kind = StepKind::linear,
                   .name = name,
                   .inputs = {x.step},
                   .in_channels = channels(x),
                   .out_channels = out_features,
                   .bias = bias});
}

Value PlanBuilder::unary(StepKind kind, Value x) {
    const int c = channels(x);
    return append({.kind = kind, .name = "", .inputs = {x.step}, .in_channels = c, .out_channels = c});
}

Value PlanBuilder::batch_norm(const std::string& name, Value x, double epsilon) {
    const Value made = unary(StepKind::batch_norm, x);
    plan_.steps.back().name = name;
    plan_.steps.back().epsilon = epsilon;
    return made;
}

Value PlanBuilder::instance_norm(const std::string& name, Value x, bool affine, double epsilon) {
    AFFECTSR_EXPECT(!affine || !name.empty(), "an affine norm needs a name for its parameters");
    const Value made = unary(StepKind::instance_norm, x);
    plan_.steps.back().name = name;
    plan_.steps.back().bias = affine;
    plan_.steps.back().epsilon = epsilon;
    return made;
}

Value PlanBuilder::layer_norm(const std::string& name, Value x, double epsilon) {
    const Value made = unary(StepKind::layer_norm, x);
    plan_.steps.back().name = name;
    plan_.steps.back().epsilon = epsilon;
    return made;
}

Value PlanBuilder::relu(Value x) {
    return unary(StepKind::relu, x);
}

Value PlanBuilder::leaky_relu(Value x, double slope) {
    AFFECTSR_EXPECT(slope >= 0 && slope <= 1, "a leaky slope lies in [0, 1]");
    const Value made = unary(StepKind::leaky_relu, x);
    plan_.steps.back().slope = slope;
    return made;
}

Value PlanBuilder::prelu(const std::string& name, Value x) {
    const Value made = unary(StepKind::prelu, x);
    plan_.steps.back().name = name;
    return made;
}

Value PlanBuilder::sigmoid(Value x) {
    return unary(StepKind::sigmoid, x);
}
Value PlanBuilder::tanh(Value x) {
    return unary(StepKind::tanh, x);
}
Value PlanBuilder::softmax(Value x) {
    return unary(StepKind::softmax, x);
}
Value PlanBuilder::global_avg_pool(Value x) {
    return unary(StepKind::global_avg_pool, x);
}

Value PlanBuilder::flatten(Value x, int pixels) {
    AFFECTSR_EXPECT(pixels > 0, "a picture has pixels");
    const Value made = unary(StepKind::flatten, x);
    plan_.steps.back().pixels = pixels;
    plan_.steps.back().out_channels *= pixels;
    return made;
}

Value PlanBuilder::dropout(Value x, double probability) {
    AFFECTSR_EXPECT(probability >= 0 && probability < 1, "a dropout probability lies in [0, 1)");
    const Value made = unary(StepKind::dropout, x);
    plan_.steps.back().probability = probability;
    return made;
}

Value PlanBuilder::pool(StepKind kind, Value x, int kernel, int stride, int padding) {
    AFFECTSR_EXPECT(kernel > 0 && stride > 0 && padding >= 0 && 2 * padding <= kernel, "a pool must see the picture");
    const Value made = unary(kind, x);
    plan_.steps.back().kernel = kernel;
    plan_.steps.back().stride = stride;
    plan_.steps.back().padding = padding;
    return made;
}

Value PlanBuilder::max_pool(Value x, int kernel, int stride, int padding) {
    return pool(StepKind::max_pool, x, kernel, stride, padding);
}
Value PlanBuilder::avg_pool(Value x, int kernel, int stride, int padding) {
    return pool(StepKind::avg_pool, x, kernel, stride, padding);
}

Value PlanBuilder::adaptive_avg_pool(Value x, int height, int width) {
    AFFECTSR_EXPECT(height > 0 && width > 0, "a pool needs cells");
    const Value made = unary(StepKind::adaptive_avg_pool, x);
    plan_.steps.back().height = height;
    plan_.steps.back().width = width;
    return made;
}

Value PlanBuilder::binary(StepKind kind, Value a, Value b) {
    AFFECTSR_EXPECT(channels(a) == channels(b), std::string(name_of(kind)) + " wants values of equal channels");
    const Value made = unary(kind, a);
    plan_.steps.back().inputs.push_back(b.step);
    return made;
}

Value PlanBuilder::add(Value a, Value b) {
    return binary(StepKind::add, a, b);
}
Value PlanBuilder::mul(Value a, Value b) {
    return binary(StepKind::mul, a, b);
}

Value PlanBuilder::scale(Value x, double factor) {
    const Value made = unary(StepKind::scale, x);
    plan_.steps.back().factor = factor;
    return made;
}

Value PlanBuilder::concat(const std::vector<Value>& parts) {
    AFFECTSR_EXPECT(!parts.empty(), "concat needs parts");
    Step step{.kind = StepKind::concat, .name = "", .inputs = {}};
    for (const Value part : parts) {
        step.inputs.push_back(part.step);
        step.out_channels += channels(part);
    }
    step.in_channels = step.out_channels;
    return append(std::move(step));
}

Value PlanBuilder::slice(Value x, int begin, int end) {
    AFFECTSR_EXPECT(begin >= 0 && begin < end && end <= channels(x), "a slice lies within the channels");
    const Value made = unary(StepKind::slice, x);
    plan_.steps.back().begin = begin;
    plan_.steps.back().out_channels = end - begin;
    return made;
}

Value PlanBuilder::pad(Value x, Margins margins) {
    AFFECTSR_EXPECT(margins.left >= 0 && margins.right >= 0 && margins.top >= 0 && margins.bottom >= 0,
                    "margins are not negative");
    const Value made = unary(StepKind::pad, x);
    plan_.steps.back().margins = margins;
    return made;
}

Value PlanBuilder::resized(StepKind kind, Value x, int factor) {
    AFFECTSR_EXPECT(factor >= 1, "a picture is enlarged by 1 or more");
    const Value made = unary(kind, x);
    plan_.steps.back().factor = factor;
    return made;
}

Value PlanBuilder::enlarge_nearest(Value x, int factor) {
    return resized(StepKind::enlarge_nearest, x, factor);
}
Value PlanBuilder::enlarge_bilinear(Value x, int factor) {
    return resized(StepKind::enlarge_bilinear, x, factor);
}
Value PlanBuilder::enlarge_bicubic(Value x, int factor) {
    return resized(StepKind::enlarge_bicubic, x, factor);
}

Value PlanBuilder::pixel_shuffle(Value x, int factor) {
    AFFECTSR_EXPECT(channels(x) % (factor * factor) == 0, "a shuffle wants a multiple of factor² channels");
    const Value made = resized(StepKind::pixel_shuffle, x, factor);
    plan_.steps.back().out_channels /= factor * factor;
    return made;
}

Value PlanBuilder::pixel_unshuffle(Value x, int factor) {
    const Value made = resized(StepKind::pixel_unshuffle, x, factor);
    plan_.steps.back().out_channels *= factor * factor;
    return made;
}

Value PlanBuilder::mark(const std::string& name, Value x) {
    AFFECTSR_EXPECT(channels(x) > 0, "a mark must name a value of this plan");
    plan_.marks.push_back({name, x.step});
    return x;
}

void PlanBuilder::output(const std::string& name, Value x) {
    AFFECTSR_EXPECT(channels(x) > 0, "an output must be a value of this plan");
    plan_.outputs.push_back({name, x.step});
}

Plan PlanBuilder::finish() {
    AFFECTSR_EXPECT(!plan_.outputs.empty(), "a plan needs an output");
    return std::move(plan_);
}

Plan PlanBuilder::finish(Value x) {
    output("out", x);
    return finish();
}

}  // namespace affectsr
