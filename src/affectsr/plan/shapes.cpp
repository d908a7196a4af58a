// What a plan's values measure, and what they cost.
#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/plan/plan.h"

namespace affectsr {

namespace {

constexpr ValueShape kDoesNotFit{};

/// After a convolution or pool of a window.
template <class Window>
ValueShape after_window(const Window& w, const ValueShape& x, int channels) {
    const auto out = [&](int size) {
        return size + 2 * w.padding < w.kernel ? 0 : (size + 2 * w.padding - w.kernel) / w.stride + 1;
    };
    return {channels, out(x.height), out(x.width)};
}

/// The shape of a step's value, from that of its first input. Kinds that are not named keep height and width.
ValueShape shape_after(const Step& s, const ValueShape& x) {
    const int channels = s.out_channels;
    const auto enlarged = [&](int factor) { return ValueShape{channels, x.height * factor, x.width * factor}; };
    const auto of_features = [&] { return x.height * x.width == 1 ? ValueShape{channels, 1, 1} : kDoesNotFit; };
    return std::visit(
        OneOfThese{
            [&](const step::Conv& c) { return after_window(c, x, channels); },
            [&](const step::MaxPool& p) { return after_window(p, x, channels); },
            [&](const step::AvgPool& p) { return after_window(p, x, channels); },
            [&](const step::ConvTranspose& c) {
                const auto out = [&](int size) {
                    return (size - 1) * c.stride - 2 * c.padding + c.kernel + c.output_padding;
                };
                return ValueShape{channels, out(x.height), out(x.width)};
            },
            [&](const step::Pad& p) {
                return ValueShape{channels, x.height + p.margins.top + p.margins.bottom,
                                  x.width + p.margins.left + p.margins.right};
            },
            [&](const step::PadReflected& p) {
                const Margins& m = p.margins;  // a pixel of the edge is not its own mirror image
                return std::max(m.top, m.bottom) >= x.height || std::max(m.left, m.right) >= x.width
                           ? kDoesNotFit
                           : ValueShape{channels, x.height + m.top + m.bottom, x.width + m.left + m.right};
            },
            [&](const step::AdaptiveAvgPool& p) {
                return ValueShape{channels, p.height, p.width};
            },
            [&](const step::GlobalAvgPool&) {
                return ValueShape{channels, 1, 1};
            },
            [&](const step::EnlargeNearest& e) { return enlarged(e.factor); },
            [&](const step::EnlargeBilinear& e) { return enlarged(e.factor); },
            [&](const step::EnlargeBicubic& e) { return enlarged(e.factor); },
            [&](const step::PixelShuffle& p) { return enlarged(p.factor); },
            [&](const step::PixelUnshuffle& p) {
                return x.height % p.factor || x.width % p.factor
                           ? kDoesNotFit
                           : ValueShape{channels, x.height / p.factor, x.width / p.factor};
            },
            [&](const step::Flatten& f) {
                return x.height * x.width == f.pixels ? ValueShape{channels, 1, 1} : kDoesNotFit;
            },
            [&](const step::MixPositions& m) {
                return x.height * x.width == m.positions ? ValueShape{channels, x.height, x.width} : kDoesNotFit;
            },
            [&](const step::Covariance&) {
                return x.height * x.width < 2 ? kDoesNotFit : ValueShape{1, x.channels, x.channels};
            },
            [&](const step::Congruence& c) {
                return x.height == c.from && x.width == c.from ? ValueShape{1, c.to, c.to} : kDoesNotFit;
            },
            [&](const step::MapEigenvalues&) { return x.height == x.width ? x : kDoesNotFit; },
            [&](const step::Linear&) { return of_features(); },
            [&](const step::Demodulation&) { return of_features(); },
            [&](const step::AddParameter& a) {
                const bool fits = a.height * a.width == 1 || (x.height == a.height && x.width == a.width);
                return fits ? x : kDoesNotFit;
            },
            [&](const step::Constant& c) {
                return ValueShape{channels, c.height, c.width};
            },
            [&](const step::AddNoise& a) { return x.height == a.height && x.width == a.width ? x : kDoesNotFit; },
            [&](const auto&) {
                return ValueShape{channels, x.height, x.width};
            },
        },
        s.kind);
}

/// The map of a splat; its points have a place each.
ValueShape map_of(const Step& s, const ValueShape& points, const ValueShape& places, const ValueShape& like) {
    const bool fits = points.height == places.height && points.width == places.width;
    return fits ? ValueShape{s.out_channels, like.height, like.width} : kDoesNotFit;
}

void expect_fixed_size(const step::PlanInput& input, InputSize given) {
    if (input.size == InputSize{} || input.size == given) return;
    throw UsageError("the network's input \"" + input.name + "\" measures " + std::to_string(input.size.width) + "×" +
                     std::to_string(input.size.height) + ", not " + std::to_string(given.width) + "×" +
                     std::to_string(given.height));
}

}  // namespace

std::vector<ValueShape> Plan::shapes(std::span<const InputSize> sizes) const {
    std::vector<ValueShape> shapes;
    shapes.reserve(steps.size());
    std::size_t inputs_seen = 0;
    for (const Step& s : steps) {
        const auto of = [&](std::size_t input) { return shapes[static_cast<std::size_t>(s.inputs[input])]; };
        InputSize size;
        const auto* const input = s.as<step::PlanInput>();
        if (input != nullptr) {
            if (inputs_seen == sizes.size()) throw UsageError("the network has more inputs than sizes were given");
            size = sizes[inputs_seen++];
            expect_fixed_size(*input, size);
        }
        const bool splats = s.is<step::Splat>();
        const ValueShape shape = input != nullptr ? ValueShape{s.out_channels, size.height, size.width}
                                 : splats         ? map_of(s, of(0), of(1), of(2))
                                                  : shape_after(s, of(0));
        bool fits = shape.height > 0 && shape.width > 0;
        for (std::size_t i = 1; i < s.inputs.size() && !splats; ++i) {
            const ValueShape other = of(i);
            const bool one_pixel = other.height == 1 && other.width == 1;
            const bool same_size = other.height == shape.height && other.width == shape.width;
            const bool any_size = s.is<step::Adain>() || (s.is<step::Attention>() && other == of(1));
            fits = fits && (same_size || any_size || (s.is<step::Mul>() && one_pixel));
        }
        if (!fits) {
            const ValueShape at = s.inputs.empty() ? shape : of(0);
            throw UsageError("a picture of " + std::to_string(sizes[0].width) + "×" + std::to_string(sizes[0].height) +
                             " px does not fit step " + std::to_string(shapes.size()) + " (" + name_of(s.kind) +
                             (s.name.empty() ? ")" : " \"" + s.name + "\")") + ", which sees " +
                             std::to_string(at.width) + "×" + std::to_string(at.height));
        }
        shapes.push_back(shape);
    }
    if (inputs_seen != sizes.size()) throw UsageError("the network has fewer inputs than sizes were given");
    return shapes;
}

std::vector<ValueShape> Plan::shapes(int height, int width) const {
    return shapes(input_sizes({height, width}));
}

std::vector<InputSize> Plan::input_sizes(InputSize picture) const {
    std::vector<InputSize> sizes;
    for (const Step& s : steps)
        if (const auto* input = s.as<step::PlanInput>())
            sizes.push_back(input->size == InputSize{} ? picture : input->size);
    return sizes;
}

std::int64_t Plan::flops_of(std::size_t index, const std::vector<ValueShape>& shapes) const {
    const Step& s = steps[index];
    const auto area = [](const ValueShape& v) { return std::int64_t{v.height} * v.width; };
    const auto products = [&](const auto& c) {
        return 2 * std::int64_t{s.in_channels} * s.out_channels / c.groups * c.kernel * c.kernel;
    };
    const auto source = [&]() -> const ValueShape& { return shapes[static_cast<std::size_t>(s.inputs[0])]; };
    return std::visit(
        OneOfThese{
            [&](const step::Conv& c) { return products(c) * area(shapes[index]); },
            [&](const step::ConvTranspose& c) { return products(c) * area(source()); },
            [&](const step::Covariance&) { return 2 * area(source()) * area(shapes[index]); },
            [&](const step::Congruence& c) { return 2 * std::int64_t{c.from} * c.to * (std::int64_t{c.from} + c.to); },
            [&](const step::MapEigenvalues&) {  // 9 c³, and V f(Λ) Vᵀ
                return 11 * area(shapes[index]) * shapes[index].width;
            },
            [&](const step::Linear&) { return 2 * std::int64_t{s.in_channels} * s.out_channels; },
            [&](const step::Attention&) {  // both products
                return 4 * std::int64_t{s.in_channels} * area(source()) *
                       area(shapes[static_cast<std::size_t>(s.inputs[1])]);
            },
            [&](const step::Demodulation&) { return 2 * std::int64_t{s.in_channels} * s.out_channels; },
            [](const auto&) { return std::int64_t{0}; },
        },
        s.kind);
}

std::int64_t Plan::flops(int height, int width) const {
    const std::vector<ValueShape> values = shapes(height, width);
    std::int64_t total = 0;
    for (std::size_t i = 0; i < steps.size(); ++i) total += flops_of(i, values);
    return total;
}

}  // namespace affectsr
