#include "affectsr/engine/conv_training.h"

#include <omp.h>

#include "affectsr/engine/packed_weights.h"

namespace affectsr::engine {

using dnnl::memory;
using Tag = memory::format_tag;

std::byte* TrainingScratch::data() {
    if (held_ < bytes_) {
        data_ = pages_.take(bytes_);
        held_ = bytes_;
    }
    return data_;
}

namespace {

memory::dims both(int number) {
    return {number, number};
}

memory::dims weight_dims(const ConvShape& s) {
    const step::Conv& c = s.conv;
    if (c.groups == 1) return {s.result.channels, s.source.channels, c.kernel, c.kernel};
    return {c.groups, s.result.channels / c.groups, s.source.channels / c.groups, c.kernel, c.kernel};
}

memory::desc pixels(int count, const ValueShape& v, memory::data_type type) {
    return {{count, v.channels, v.height, v.width}, type, Tag::nhwc};
}

/// Who calls keeps these alive.
memory at(const memory::desc& desc, const void* data) {
    return memory(desc, processor(), const_cast<void*>(data));
}

/// Every call of a thread follows the one before.
dnnl::stream& calls() {
    static thread_local dnnl::stream stream(processor());
    return stream;
}

dnnl::primitive_attr attributes(const Epilogue& e, bool activates) {
    dnnl::primitive_attr attr;
    attr.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (!activates) return attr;
    dnnl::post_ops after;
    const float slope = e.activation == Activation::leaky_relu ? e.slope : 0.0f;
    after.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, slope, 0.0f);
    attr.set_post_ops(after);
    return attr;
}

bool is_reference(const std::string& implementation) {
    return implementation.find("ref") != std::string::npos;
}

}  // namespace

ConvTraining::ConvTraining(const ConvShape& shape, memory::data_type type, Epilogue epilogue, bool source_gradient,
                           TrainingScratch& scratch, TrainingWay way)
    : shape_(shape), scratch_(scratch), has_source_gradient_(source_gradient) {
    const step::Conv& c = shape.conv;
    source_ = pixels(shape.count, shape.source, type);
    result_ = pixels(shape.count, shape.result, type);
    if (c.bias) bias_ = memory::desc({shape.result.channels}, memory::data_type::f32, Tag::a);
    const memory::desc any(weight_dims(shape), type, Tag::any);
    const memory::desc any_gradient(weight_dims(shape), memory::data_type::f32, Tag::any);
    const auto direct = dnnl::algorithm::convolution_direct;
    const dnnl::convolution_forward::desc forward(dnnl::prop_kind::forward_training, direct, source_, any, bias_,
                                                  result_, both(c.stride), both(c.padding), both(c.padding));
    const auto forward_pd = [&](bool activates) {
        return dnnl::convolution_forward::primitive_desc(forward, attributes(epilogue, activates), processor());
    };
    activates_ = epilogue.activation == Activation::relu || epilogue.activation == Activation::leaky_relu;
    auto played = forward_pd(activates_);
    if (activates_ && is_reference(played.impl_info_str())) {
        activates_ = false;
        played = forward_pd(false);
    }
    const auto hint = forward_pd(false);
    const dnnl::convolution_backward_weights::primitive_desc weights_pd(
        {direct, source_, any_gradient, bias_, result_, both(c.stride), both(c.padding), both(c.padding)},
        attributes({}, false), processor(), hint);
    implementations_ = {played.impl_info_str(), "", weights_pd.impl_info_str()};
    forward_ = dnnl::convolution_forward(played);
    backward_weights_ = dnnl::convolution_backward_weights(weights_pd);
    gradient_ = weights_pd.diff_weights_desc();
    gradient_bytes_ = (gradient_.get_size() + 63) / 64 * 64;
    pads_[0] = played.scratchpad_desc();
    pads_[2] = weights_pd.scratchpad_desc();
    weights_ = at(played.weights_desc(), pages_.take(played.weights_desc().get_size()));
    if (source_gradient) {
        const dnnl::convolution_backward_data::primitive_desc data_pd(
            {direct, source_, any, result_, both(c.stride), both(c.padding), both(c.padding)}, attributes({}, false),
            processor(), hint);
        implementations_[1] = data_pd.impl_info_str();
        backward_data_ = dnnl::convolution_backward_data(data_pd);
        pads_[1] = data_pd.scratchpad_desc();
        turned_weights_ = at(data_pd.weights_desc(), pages_.take(data_pd.weights_desc().get_size()));
    }
    for (const memory::desc& pad : pads_)
        if (pad.get_size() > 0) scratch_.want(gradient_bytes_ + pad.get_size());
    scratch_.want(gradient_bytes_);
    if (way == TrainingWay::fastest) choose_winograd(type, epilogue);
}

void ConvTraining::choose_winograd(memory::data_type type, Epilogue epilogue) {
    const step::Conv& c = shape_.conv;
    if (type != memory::data_type::f32 || c.kernel != 3 || c.stride != 1 || c.padding != 1 || c.groups != 1) return;
    const int in = shape_.source.channels, out = shape_.result.channels, threads = omp_get_max_threads();
    const auto made = [&](bool back, Epilogue after) {
        auto conv =
            std::make_unique<WinogradTraining>(shape_.count, shape_.source, shape_.result, back, after, threads);
        scratch_.want(conv->scratch_bytes());
        return conv;
    };
    const auto can = [](int from, int to) {
        return static_cast<std::size_t>(to) <= kWinogradProducts * static_cast<std::size_t>(from);
    };
    const int height = shape_.result.height, width = shape_.result.width;
    if (can(in, out) && winograd_pays(in, out, height, width)) {
        winograd_forward_ = made(false, epilogue);
        activates_ = epilogue.activation != Activation::none;
    }
    if (has_source_gradient_ && can(out, in) && winograd_pays(out, in, height, width)) winograd_back_ = made(true, {});
}

bool ConvTraining::is_fast() const {
    for (const std::string& implementation : implementations_)
        if (is_reference(implementation)) return false;
    return true;
}

memory::desc ConvTraining::plain_weights(bool channels_last) const {
    const memory::dims dims = weight_dims(shape_);
    const memory::dim k = shape_.conv.kernel, in = dims[dims.size() - 3];
    memory::dims strides =
        channels_last ? memory::dims{k * k * in, 1, k * in, in} : memory::dims{in * k * k, k * k, k, 1};
    if (shape_.conv.groups > 1) strides.insert(strides.begin(), strides[0] * dims[1]);
    return {dims, memory::data_type::f32, strides};
}

memory ConvTraining::scratchpad(const memory::desc& wanted) {
    return at(wanted, scratch_.data() + gradient_bytes_);
}

void ConvTraining::lie(bool channels_last) {
    const memory::desc plain = plain_weights(channels_last);
    if (packing_ && plain == plain_) return;
    plain_ = plain;
    const memory from = at(plain_, nullptr), gradient = at(gradient_, nullptr);
    packing_ = dnnl::reorder(from, weights_);
    if (has_source_gradient_) turned_packing_ = dnnl::reorder(from, turned_weights_);
    unpacking_ = dnnl::reorder(gradient, from);
}

void ConvTraining::pack(const float* weight, bool channels_last) {
    lie(channels_last);
    weight_ = weight;
    channels_last_ = channels_last;
    memory plain = at(plain_, weight);
    if (!winograd_forward_) packing_.execute(calls(), plain, weights_);
    if (has_source_gradient_ && !winograd_back_) turned_packing_.execute(calls(), plain, turned_weights_);
}

void ConvTraining::forward(const void* source, const float* bias, void* result) {
    if (winograd_forward_)
        return winograd_forward_->play(static_cast<const float*>(source), weight_, channels_last_, bias,
                                       static_cast<float*>(result), scratch_.data());
    std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, at(source_, source)},
                                              {DNNL_ARG_WEIGHTS, weights_},
                                              {DNNL_ARG_DST, at(result_, result)},
                                              {DNNL_ARG_SCRATCHPAD, scratchpad(pads_[0])}};
    if (shape_.conv.bias) arguments.emplace(DNNL_ARG_BIAS, at(bias_, bias));
    forward_.execute(calls(), arguments);
}

void ConvTraining::backward_data(const void* result_gradient, void* source_gradient) {
    if (winograd_back_)
        return winograd_back_->play(static_cast<const float*>(result_gradient), weight_, channels_last_, nullptr,
                                    static_cast<float*>(source_gradient), scratch_.data());
    backward_data_.execute(calls(), {{DNNL_ARG_DIFF_DST, at(result_, result_gradient)},
                                     {DNNL_ARG_WEIGHTS, turned_weights_},
                                     {DNNL_ARG_DIFF_SRC, at(source_, source_gradient)},
                                     {DNNL_ARG_SCRATCHPAD, scratchpad(pads_[1])}});
}

void ConvTraining::backward_weights(const void* source, const void* result_gradient, float* weight_gradient,
                                    float* bias_gradient, bool channels_last) {
    lie(channels_last);
    const bool direct = weight_gradient != nullptr && plain_ == gradient_;
    memory made = at(gradient_, direct ? static_cast<void*>(weight_gradient) : scratch_.data());
    std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, at(source_, source)},
                                              {DNNL_ARG_DIFF_DST, at(result_, result_gradient)},
                                              {DNNL_ARG_DIFF_WEIGHTS, made},
                                              {DNNL_ARG_SCRATCHPAD, scratchpad(pads_[2])}};
    if (shape_.conv.bias && bias_gradient == nullptr) {
        unwanted_bias_.resize(static_cast<std::size_t>(shape_.result.channels));
        bias_gradient = unwanted_bias_.data();
    }
    if (shape_.conv.bias) arguments.emplace(DNNL_ARG_DIFF_BIAS, at(bias_, bias_gradient));
    backward_weights_.execute(calls(), arguments);
    if (direct || weight_gradient == nullptr) return;
    memory wanted = at(plain_, weight_gradient);
    unpacking_.execute(calls(), made, wanted);
}

}  // namespace affectsr::engine
