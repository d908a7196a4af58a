#include "affectsr/engine/primitives.h"

#include "affectsr/base/error.h"

namespace affectsr::engine {

using dnnl::memory;
using dnnl::prop_kind;
using Tag = memory::format_tag;

memory::desc described(int count, const ValueShape& v, memory::data_type type, bool flat) {
    if (flat) return {{std::int64_t{count} * v.height * v.width, v.channels}, type, Tag::nc};  // a row each position
    return {{count, v.channels, v.height, v.width}, type, Tag::nhwc};
}

PrimitiveCall::PrimitiveCall(dnnl::primitive primitive, dnnl::stream stream,
                             std::vector<std::pair<int, memory>> arguments)
    : primitive_(std::move(primitive)), stream_(std::move(stream)), held_(std::move(arguments)) {
    for (const auto& [argument, given] : held_) arguments_.push_back({argument, given.get()});
}

void PrimitiveCall::operator()() const {
    dnnl::error::wrap_c_api(
        dnnl_primitive_execute(primitive_.get(), stream_.get(), static_cast<int>(arguments_.size()), arguments_.data()),
        "oneDNN could not play an operation");
}

namespace {

void append(dnnl::post_ops& after, const Epilogue& e) {
    switch (e.activation) {
        case Activation::none:
            return;
        case Activation::relu:
            return after.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
        case Activation::leaky_relu:
            return after.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, e.slope, 0.0f);
        case Activation::sigmoid:
            return after.append_eltwise(1.0f, dnnl::algorithm::eltwise_logistic, 0.0f, 0.0f);
        case Activation::silu:
            return after.append_eltwise(1.0f, dnnl::algorithm::eltwise_swish, 1.0f, 0.0f);
        case Activation::tanh:
            return after.append_eltwise(1.0f, dnnl::algorithm::eltwise_tanh, 0.0f, 0.0f);
    }
}

dnnl::primitive_attr attributes(const dnnl::post_ops& after) {
    dnnl::primitive_attr attr;
    attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    attr.set_post_ops(after);
    return attr;
}

template <class Descriptor>
Primitive finished(const Descriptor& pd, const memory::desc& source, const memory::desc& result) {
    Primitive p;
    p.implementation = pd.impl_info_str();
    p.source = source;
    p.result = result;
    p.scratchpad = pd.scratchpad_desc();
    return p;
}

bool is_reference(const std::string& implementation) {
    return implementation.find("ref") != std::string::npos;
}

memory::desc weights_wanted(const Operation& o, const Weights& weights) {
    return {weights.weight_dims(o), weights.type(), Tag::any};
}

/// convolution_forward, deconvolution_forward and inner_product_forward share how weights and epilogues hang on them.
template <class Kernel, class MakeDescriptor>
Primitive weighted(const Operation& o, Weights& weights, const std::shared_ptr<LargePages>& pages,
                   const memory::desc& source, const memory::desc& result, int parity, MakeDescriptor make) {
    const auto with = [&](bool sums, bool activates) {
        dnnl::post_ops after;
        if (sums) after.append_sum(1.0f);
        if (activates) append(after, o.epilogue);
        const auto pd = make(attributes(after));
        Primitive p = finished(pd, source, result);
        p.sums = sums;
        p.activates = activates;
        return std::pair(p, pd);
    };
    const bool has_sum = o.sum >= 0, has_activation = o.epilogue.activation != Activation::none;
    auto best = with(has_sum, has_activation);
    // Some pairs of kernel and epilogue exist only in oneDNN's unoptimised reference.
    if (is_reference(best.first.implementation) && (has_sum || has_activation)) {
        auto plain = with(false, false);
        if (!is_reference(plain.first.implementation)) best = std::move(plain);
    }
    auto& [p, pd] = best;
    p.weights = weights.packed(o, pd.weights_desc(), pages, parity);
    p.constants.emplace_back(DNNL_ARG_WEIGHTS, p.weights->memory);
    p.constants.emplace_back(DNNL_ARG_BIAS, weights.bias(o));
    p.primitive = Kernel(pd);
    return p;
}

}  // namespace

std::optional<Primitive> primitive_of(const Plan& plan, const Operation& o, Weights& weights,
                                      const std::shared_ptr<LargePages>& pages, const Surroundings& around,
                                      int parity) {
    const Step& s = plan.steps[o.step];
    if (o.pointwise) return std::nullopt;
    const memory::desc bias({s.out_channels}, memory::data_type::f32, Tag::a);
    const auto inference = prop_kind::forward_inference;
    const bool flat = s.is<step::Linear>() || s.is<step::LayerNorm>();
    const memory::desc source = described(around.count, around.source, around.source_type, flat);
    const memory::desc result = described(around.count, around.result, around.result_type, flat);
    const auto both = [](int number) { return memory::dims{number, number}; };
    const auto pool = [&](const auto& window, dnnl::algorithm rule) {
        const dnnl::pooling_forward::primitive_desc pd(
            {inference, rule, source, result, both(window.stride), both(window.kernel), both(window.padding),
             both(window.padding)},
            attributes({}), processor());
        Primitive p = finished(pd, source, result);
        p.primitive = dnnl::pooling_forward(pd);
        return std::optional(p);
    };
    return std::visit(
        OneOfThese{
            [&](const step::Conv& c) {
                // Even rows of an enlarged picture look one pixel up, odd ones one pixel down; columns likewise.
                const bool enlarged = o.enlarged > 1;
                const memory::dims before = enlarged ? memory::dims{1 - parity / 2, 1 - parity % 2} : both(c.padding);
                const memory::dims after = enlarged ? memory::dims{parity / 2, parity % 2} : both(c.padding);
                return std::optional(weighted<dnnl::convolution_forward>(
                    o, weights, pages, source, result, parity, [&](const auto& attr) {
                        return dnnl::convolution_forward::primitive_desc(
                            {inference, dnnl::algorithm::convolution_direct, source, weights_wanted(o, weights), bias,
                             result, both(c.stride), before, after},
                            attr, processor());
                    }));
            },
            [&](const step::ConvTranspose& c) {
                return std::optional(weighted<dnnl::deconvolution_forward>(
                    o, weights, pages, source, result, parity, [&](const auto& attr) {
                        return dnnl::deconvolution_forward::primitive_desc(
                            {inference, dnnl::algorithm::deconvolution_direct, source, weights_wanted(o, weights), bias,
                             result, both(c.stride), both(c.padding), both(c.padding - c.output_padding)},
                            attr, processor());
                    }));
            },
            [&](const step::Linear&) {
                return std::optional(weighted<dnnl::inner_product_forward>(
                    o, weights, pages, source, result, parity, [&](const auto& attr) {
                        return dnnl::inner_product_forward::primitive_desc(
                            {inference, source, weights_wanted(o, weights), bias, result}, attr, processor());
                    }));
            },
            [&](const step::MaxPool& p) { return pool(p, dnnl::algorithm::pooling_max); },
            [&](const step::AvgPool& p) { return pool(p, dnnl::algorithm::pooling_avg_include_padding); },
            [&](const step::Softmax& soft) {
                if (soft.parts > 0) return std::optional<Primitive>();
                const dnnl::softmax_forward::primitive_desc pd({inference, source, 1}, attributes({}), processor());
                Primitive p = finished(pd, source, result);
                p.primitive = dnnl::softmax_forward(pd);
                return std::optional(p);
            },
            [&](const step::LayerNorm& n) {
                const auto flags = dnnl::normalization_flags::use_scale | dnnl::normalization_flags::use_shift;
                const dnnl::layer_normalization_forward::primitive_desc pd(
                    {inference, source, static_cast<float>(n.epsilon), flags}, attributes({}), processor());
                Primitive p = finished(pd, source, result);
                p.constants.emplace_back(DNNL_ARG_SCALE, weights.vector(s, "weight"));
                p.constants.emplace_back(DNNL_ARG_SHIFT, weights.vector(s, "bias"));
                p.primitive = dnnl::layer_normalization_forward(pd);
                return std::optional(p);
            },
            [](const auto&) { return std::optional<Primitive>(); },
        },
        s.kind);
}

}  // namespace affectsr::engine
