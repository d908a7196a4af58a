#include "affectsr/net/plan.h"

#include "affectsr/base/error.h"

namespace affectsr {

const char* name_of(StepKind kind) {
    switch (kind) {
        case StepKind::input:
            return "input";
        case StepKind::conv:
            return "conv";
        case StepKind::batch_norm:
            return "batch_norm";
        case StepKind::relu:
            return "relu";
        case StepKind::sigmoid:
            return "sigmoid";
        case StepKind::add:
            return "add";
        case StepKind::mul:
            return "mul";
        case StepKind::global_avg_pool:
            return "global_avg_pool";
        case StepKind::max_pool:
            return "max_pool";
        case StepKind::flatten:
            return "flatten";
        case StepKind::linear:
            return "linear";
        case StepKind::dropout:
            return "dropout";
    }
    return "?";
}

std::int64_t Plan::parameter_count() const {
    std::int64_t count = 0;
    for (const Step& s : steps) {
        const std::int64_t in = s.in_channels, out = s.out_channels;
        if (s.kind == StepKind::conv) count += out * (in / s.groups) * s.kernel * s.kernel + (s.bias ? out : 0);
        if (s.kind == StepKind::linear) count += out * in + (s.bias ? out : 0);
        if (s.kind == StepKind::batch_norm) count += 2 * out;
    }
    return count;
}

std::int64_t Plan::flops(int height, int width) const {
    struct Size {
        std::int64_t h, w;
    };
    std::vector<Size> sizes;
    std::int64_t total = 0;
    for (const Step& s : steps) {
        Size size = s.inputs.empty() ? Size{height, width} : sizes[static_cast<std::size_t>(s.inputs[0])];
        if (s.kind == StepKind::conv || s.kind == StepKind::max_pool) {
            size = {(size.h + 2 * s.padding - s.kernel) / s.stride + 1,
                    (size.w + 2 * s.padding - s.kernel) / s.stride + 1};
            if (size.h < 1 || size.w < 1)
                throw UsageError("a picture of " + std::to_string(width) + "×" + std::to_string(height) +
                                 " px is too small for step \"" + s.name + "\"");
        }
        if (s.kind == StepKind::global_avg_pool || s.kind == StepKind::flatten) size = {1, 1};
        if (s.kind == StepKind::conv)
            total += 2 * size.h * size.w * s.out_channels * (s.in_channels / s.groups) * s.kernel * s.kernel;
        if (s.kind == StepKind::linear) total += 2ll * s.in_channels * s.out_channels;
        sizes.push_back(size);
    }
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

Value PlanBuilder::batch_norm(const std::string& name, Value x, double epsilon) {
    const int c = channels(x);
    return append({.kind = StepKind::batch_norm,
                   .name = name,
                   .inputs = {x.step},
                   .in_channels = c,
                   .out_channels = c,
                   .epsilon = epsilon});
}

namespace {

Step unary(StepKind kind, Value x, int channels) {
    return {.kind = kind, .name = "", .inputs = {x.step}, .in_channels = channels, .out_channels = channels};
}

}  // namespace

Value PlanBuilder::relu(Value x) {
    return append(unary(StepKind::relu, x, channels(x)));
}
Value PlanBuilder::sigmoid(Value x) {
    return append(unary(StepKind::sigmoid, x, channels(x)));
}
Value PlanBuilder::global_avg_pool(Value x) {
    return append(unary(StepKind::global_avg_pool, x, channels(x)));
}
Value PlanBuilder::flatten(Value x) {
    return append(unary(StepKind::flatten, x, channels(x)));
}

Value PlanBuilder::dropout(Value x, double probability) {
    AFFECTSR_EXPECT(probability >= 0 && probability < 1, "a dropout probability lies in [0, 1)");
    Step step = unary(StepKind::dropout, x, channels(x));
    step.probability = probability;
    return append(std::move(step));
}

Value PlanBuilder::max_pool(Value x, int kernel, int stride, int padding) {
    Step step = unary(StepKind::max_pool, x, channels(x));
    step.kernel = kernel;
    step.stride = stride;
    step.padding = padding;
    return append(std::move(step));
}

Value PlanBuilder::add(Value a, Value b) {
    AFFECTSR_EXPECT(channels(a) == channels(b), "only values of equal channels can be added");
    Step step = unary(StepKind::add, a, channels(a));
    step.inputs.push_back(b.step);
    return append(std::move(step));
}

Value PlanBuilder::mul(Value a, Value b) {
    AFFECTSR_EXPECT(channels(a) == channels(b), "only values of equal channels can be multiplied");
    Step step = unary(StepKind::mul, a, channels(a));
    step.inputs.push_back(b.step);
    return append(std::move(step));
}

Value PlanBuilder::linear(const std::string& name, Value x, int out_features, bool bias) {
    return append({.kind = StepKind::linear,
                   .name = name,
                   .inputs = {x.step},
                   .in_channels = channels(x),
                   .out_channels = out_features,
                   .bias = bias});
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
