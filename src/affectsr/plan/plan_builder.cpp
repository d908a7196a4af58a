// How a Plan is written down.
#include <algorithm>
#include <cmath>
#include <map>

#include "affectsr/base/error.h"
#include "affectsr/plan/plan.h"

namespace affectsr {

Value PlanBuilder::append(StepKind kind, Value x, int out_channels, const std::string& name) {
    const int in_channels = channels(x);
    plan_.steps.push_back({std::move(kind), name, {x.step}, in_channels, out_channels});
    return {static_cast<int>(plan_.steps.size()) - 1};
}

Value PlanBuilder::append(StepKind kind, Value a, Value b) {
    AFFECTSR_EXPECT(channels(a) == channels(b), std::string(name_of(kind)) + " wants values of equal channels");
    const Value made = append(std::move(kind), a, channels(a));
    plan_.steps.back().inputs.push_back(b.step);
    return made;
}

int PlanBuilder::channels(Value x) const {
    AFFECTSR_EXPECT(x.step >= 0 && x.step < static_cast<int>(plan_.steps.size()), "a value of another plan");
    return plan_.steps[static_cast<std::size_t>(x.step)].out_channels;
}

Value PlanBuilder::input(int channels, const std::string& name, InputSize size) {
    AFFECTSR_EXPECT(channels > 0, "an input has channels");
    for (const Step& s : plan_.steps)
        AFFECTSR_EXPECT(!s.is<step::PlanInput>() || s.as<step::PlanInput>()->name != name,
                        "two inputs are called " + name);
    AFFECTSR_EXPECT(size == InputSize{} || (size.height > 0 && size.width > 0), "a size is fixed in both directions");
    plan_.steps.push_back({step::PlanInput{name, size}, "", {}, channels, channels});
    return {static_cast<int>(plan_.steps.size()) - 1};
}

namespace {

template <class Kind>
Kind convolution(const ConvOptions& o, int in, int out) {
    AFFECTSR_EXPECT(
        o.kernel > 0 && o.stride > 0 && o.groups > 0 && out > 0 && in % o.groups == 0 && out % o.groups == 0,
        "a convolution's sizes are positive, and its groups divide its channels");
    return {o.kernel, o.stride, o.padding >= 0 ? o.padding : (o.kernel - 1) / 2, o.groups, o.bias};
}

template <class Kind>
Kind pool(int kernel, int stride, int padding) {
    AFFECTSR_EXPECT(kernel > 0 && stride > 0 && padding >= 0 && 2 * padding <= kernel, "a pool must see the picture");
    return {kernel, stride, padding};
}

template <class Kind>
Kind resized(int factor) {
    AFFECTSR_EXPECT(factor >= 1, "a picture is enlarged by 1 or more");
    return {factor};
}

}  // namespace

Value PlanBuilder::conv(const std::string& name, Value x, int out_channels, ConvOptions options) {
    return append(convolution<step::Conv>(options, channels(x), out_channels), x, out_channels, name);
}

Value PlanBuilder::conv_transpose(const std::string& name, Value x, int out_channels, ConvOptions options) {
    auto kind = convolution<step::ConvTranspose>(options, channels(x), out_channels);
    AFFECTSR_EXPECT(options.output_padding >= 0 && options.output_padding < options.stride &&
                        options.output_padding <= kind.padding,
                    "an output padding is what the padding cut off, and smaller than the stride");
    kind.output_padding = options.output_padding;
    return append(kind, x, out_channels, name);
}

Value PlanBuilder::linear(const std::string& name, Value x, int out_features, bool bias) {
    AFFECTSR_EXPECT(out_features > 0, "a linear layer has outputs");
    return append(step::Linear{bias}, x, out_features, name);
}

Value PlanBuilder::batch_norm(const std::string& name, Value x, double epsilon) {
    return append(step::BatchNorm{epsilon}, x, channels(x), name);
}

Value PlanBuilder::instance_norm(const std::string& name, Value x, bool affine, double epsilon) {
    AFFECTSR_EXPECT(!affine || !name.empty(), "an affine norm needs a name for its parameters");
    return append(step::InstanceNorm{epsilon, affine}, x, channels(x), name);
}

Value PlanBuilder::layer_norm(const std::string& name, Value x, double epsilon) {
    return append(step::LayerNorm{epsilon}, x, channels(x), name);
}

Value PlanBuilder::group_norm(const std::string& name, Value x, int groups, double epsilon, bool affine) {
    AFFECTSR_EXPECT(!affine || !name.empty(), "an affine norm needs a name for its parameters");
    AFFECTSR_EXPECT(groups > 0 && channels(x) % groups == 0, "a group norm's groups divide its channels");
    return append(step::GroupNorm{groups, epsilon, affine}, x, channels(x), name);
}

Value PlanBuilder::gelu(Value x) {
    return append(step::Gelu{}, x, channels(x));
}

Value PlanBuilder::silu(Value x) {
    return append(step::Silu{}, x, channels(x));
}

Value PlanBuilder::attention(Value queries, Value keys, Value values, int heads) {
    AFFECTSR_EXPECT(heads > 0 && channels(queries) % heads == 0, "heads are equal stretches of the channels");
    AFFECTSR_EXPECT(channels(values) == channels(queries), "attention wants values of equal channels");
    const Value made = append(step::Attention{heads}, queries, keys);
    plan_.steps.back().inputs.push_back(values.step);
    return made;
}

Value PlanBuilder::lookup(const std::string& name, Value x, int out_channels) {
    AFFECTSR_EXPECT(out_channels > 0, "a code's entry has channels");
    return append(step::Lookup{}, x, out_channels, name);
}

Value PlanBuilder::adain(Value x, Value like, double epsilon) {
    return append(step::Adain{epsilon}, x, like);
}

Value PlanBuilder::add_parameter(const std::string& name, Value x, int height, int width) {
    AFFECTSR_EXPECT(height > 0 && width > 0, "a parameter has a size");
    return append(step::AddParameter{height, width}, x, channels(x), name);
}

Value PlanBuilder::constant(const std::string& name, Value like, int channels, int height, int width) {
    AFFECTSR_EXPECT(channels > 0 && height > 0 && width > 0, "a constant has a size");
    return append(step::Constant{height, width}, like, channels, name);
}

Value PlanBuilder::add_noise(const std::string& name, Value x, int height, int width) {
    AFFECTSR_EXPECT(height > 0 && width > 0, "noise has a size");
    return append(step::AddNoise{height, width}, x, channels(x), name);
}

Value PlanBuilder::demodulation(const std::string& name, Value styles, int out_channels, int kernel, double epsilon) {
    AFFECTSR_EXPECT(out_channels > 0 && kernel > 0, "a convolution's sizes are positive");
    return append(step::Demodulation{kernel, epsilon}, styles, out_channels, name);
}

Value PlanBuilder::relu(Value x) {
    return append(step::Relu{}, x, channels(x));
}

Value PlanBuilder::leaky_relu(Value x, double slope) {
    AFFECTSR_EXPECT(slope >= 0 && slope <= 1, "a leaky slope lies in [0, 1]");
    return append(step::LeakyRelu{slope}, x, channels(x));
}

Value PlanBuilder::prelu(const std::string& name, Value x, bool one_slope) {
    return append(step::Prelu{one_slope}, x, channels(x), name);
}

Value PlanBuilder::sigmoid(Value x) {
    return append(step::Sigmoid{}, x, channels(x));
}
Value PlanBuilder::tanh(Value x) {
    return append(step::Tanh{}, x, channels(x));
}
Value PlanBuilder::softmax(Value x) {
    return append(step::Softmax{}, x, channels(x));
}
Value PlanBuilder::softmax(Value x, int parts) {
    AFFECTSR_EXPECT(parts > 0 && channels(x) % parts == 0, "a softmax over stretches wants as many of equal length");
    return append(step::Softmax{parts == channels(x) ? 0 : parts}, x, channels(x));
}
Value PlanBuilder::global_avg_pool(Value x) {
    return append(step::GlobalAvgPool{}, x, channels(x));
}

Value PlanBuilder::flatten(Value x, int pixels) {
    AFFECTSR_EXPECT(pixels > 0, "a picture has pixels");
    return append(step::Flatten{pixels}, x, channels(x) * pixels);
}

Value PlanBuilder::dropout(Value x, double probability) {
    AFFECTSR_EXPECT(probability >= 0 && probability < 1, "a dropout probability lies in [0, 1)");
    return append(step::Dropout{probability}, x, channels(x));
}

Value PlanBuilder::max_pool(Value x, int kernel, int stride, int padding) {
    return append(pool<step::MaxPool>(kernel, stride, padding), x, channels(x));
}
Value PlanBuilder::avg_pool(Value x, int kernel, int stride, int padding) {
    return append(pool<step::AvgPool>(kernel, stride, padding), x, channels(x));
}

Value PlanBuilder::adaptive_avg_pool(Value x, int height, int width) {
    AFFECTSR_EXPECT(height > 0 && width > 0, "a pool needs cells");
    return append(step::AdaptiveAvgPool{height, width}, x, channels(x));
}

Value PlanBuilder::add(Value a, Value b) {
    return append(step::Add{}, a, b);
}
Value PlanBuilder::mul(Value a, Value b) {
    if (channels(b) != 1) return append(step::Mul{}, a, b);
    const Value made = append(step::Mul{}, a, channels(a));
    plan_.steps.back().inputs.push_back(b.step);
    return made;
}

Value PlanBuilder::shift(Value x, double by) {
    return shift(x, std::vector<float>{static_cast<float>(by)});
}
Value PlanBuilder::shift(Value x, std::vector<float> by_channel) {
    AFFECTSR_EXPECT(by_channel.size() == 1 || by_channel.size() == static_cast<std::size_t>(channels(x)),
                    "a shift is one number for all channels or one for each");
    return append(step::Shift{std::move(by_channel)}, x, channels(x));
}

Value PlanBuilder::scale(Value x, double by) {
    return scale(x, std::vector<float>{static_cast<float>(by)});
}
Value PlanBuilder::scale(Value x, std::vector<float> by_channel) {
    AFFECTSR_EXPECT(by_channel.size() == 1 || by_channel.size() == static_cast<std::size_t>(channels(x)),
                    "a scale is one number for all channels or one for each");
    return append(step::Scale{std::move(by_channel)}, x, channels(x));
}

Value PlanBuilder::mix_positions(Value x, int positions, std::vector<PositionLink> links) {
    const auto lies_within = [positions](int at) { return at >= 0 && at < positions; };
    for (const PositionLink& link : links)
        AFFECTSR_EXPECT(lies_within(link.to) && lies_within(link.from) && std::isfinite(link.weight),
                        "links lead from position to position, with finite weights");
    std::stable_sort(links.begin(), links.end(),
                     [](const PositionLink& a, const PositionLink& b) { return a.to < b.to; });
    return append(step::MixPositions{positions, std::move(links)}, x, channels(x));
}

Value PlanBuilder::splat(Value points, Value places, Value like) {
    const int coordinates = channels(places);
    AFFECTSR_EXPECT(plan_.steps[static_cast<std::size_t>(places.step)].is<step::PlanInput>() &&
                        (coordinates == 2 || coordinates == 3) && channels(like) > 0,
                    "points are placed by an input of two or three coordinates, on a map like a value of this plan");
    const Value made = append(step::Splat{}, points, channels(points));
    plan_.steps.back().inputs.push_back(places.step);
    plan_.steps.back().inputs.push_back(like.step);
    return made;
}

Value PlanBuilder::concat(const std::vector<Value>& parts) {
    AFFECTSR_EXPECT(!parts.empty(), "concat needs parts");
    Step made{step::Concat{}, "", {}, 0, 0};
    for (const Value part : parts) {
        made.inputs.push_back(part.step);
        made.out_channels += channels(part);
    }
    made.in_channels = made.out_channels;
    plan_.steps.push_back(std::move(made));
    return {static_cast<int>(plan_.steps.size()) - 1};
}

Value PlanBuilder::slice(Value x, int begin, int end) {
    AFFECTSR_EXPECT(begin >= 0 && begin < end && end <= channels(x), "a slice lies within the channels");
    return append(step::Slice{begin}, x, end - begin);
}

Value PlanBuilder::pad(Value x, Margins margins) {
    AFFECTSR_EXPECT(margins.left >= 0 && margins.right >= 0 && margins.top >= 0 && margins.bottom >= 0,
                    "margins are not negative");
    return append(step::Pad{margins}, x, channels(x));
}

Value PlanBuilder::pad_reflected(Value x, Margins margins) {
    AFFECTSR_EXPECT(margins.left >= 0 && margins.right >= 0 && margins.top >= 0 && margins.bottom >= 0,
                    "margins are not negative");
    return append(step::PadReflected{margins}, x, channels(x));
}

Value PlanBuilder::sum_channels(Value x, std::vector<std::vector<int>> groups) {
    for (const std::vector<int>& group : groups)
        for (const int channel : group)
            AFFECTSR_EXPECT(channel >= 0 && channel < channels(x), "a group names channels that there are");
    AFFECTSR_EXPECT(!groups.empty(), "there is a group of channels to add up");
    const int count = static_cast<int>(groups.size());
    return append(step::SumChannels{std::move(groups)}, x, count);
}

Value PlanBuilder::divide_by_peak(Value x, double least) {
    AFFECTSR_EXPECT(least > 0, "what is divided by is above 0");
    return append(step::DivideByPeak{least}, x, channels(x));
}

Value PlanBuilder::covariance(Value x, double ridge) {
    AFFECTSR_EXPECT(ridge >= 0, "a ridge is not negative");
    return append(step::Covariance{ridge}, x, 1);
}

Value PlanBuilder::congruence(const std::string& name, Value x, int from, int to) {
    AFFECTSR_EXPECT(channels(x) == 1 && to > 0 && to <= from, "a congruence makes one matrix no larger");
    return append(step::Congruence{from, to}, x, 1, name);
}

Value PlanBuilder::map_eigenvalues(Value x, double least, double most, bool logarithm) {
    AFFECTSR_EXPECT(channels(x) == 1 && least < most && (least > 0 || !logarithm),
                    "eigenvalues of one matrix are clipped to a range, above 0 for the logarithm");
    return append(step::MapEigenvalues{least, most, logarithm}, x, 1);
}

Value PlanBuilder::enlarge_nearest(Value x, int factor) {
    return append(resized<step::EnlargeNearest>(factor), x, channels(x));
}
Value PlanBuilder::enlarge_bilinear(Value x, int factor, bool align_corners) {
    auto kind = resized<step::EnlargeBilinear>(factor);
    kind.align_corners = align_corners;
    return append(kind, x, channels(x));
}
Value PlanBuilder::enlarge_bicubic(Value x, int factor) {
    return append(resized<step::EnlargeBicubic>(factor), x, channels(x));
}

Value PlanBuilder::pixel_shuffle(Value x, int factor) {
    AFFECTSR_EXPECT(factor >= 1 && channels(x) % (factor * factor) == 0,
                    "a shuffle wants a multiple of factor² channels");
    return append(step::PixelShuffle{factor}, x, channels(x) / (factor * factor));
}

Value PlanBuilder::pixel_unshuffle(Value x, int factor) {
    return append(resized<step::PixelUnshuffle>(factor), x, channels(x) * factor * factor);
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
    std::map<std::string, std::vector<std::int64_t>> shapes;
    for (const Step& s : plan_.steps)
        for (const Parameter& parameter : parameters_of(s)) {
            const auto [known, is_new] = shapes.emplace(parameter.name, parameter.shape);
            AFFECTSR_EXPECT(is_new || known->second == parameter.shape,
                            "steps that share " + parameter.name + " want it in different shapes");
        }
    return std::move(plan_);
}

Plan PlanBuilder::finish(Value x) {
    output("out", x);
    return finish();
}

}  // namespace affectsr
