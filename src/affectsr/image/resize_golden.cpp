#include <algorithm>
#include <cmath>
#include <optional>
#include <regex>
#include <span>
#include <string>

#include "affectsr/base/error.h"
#include "affectsr/image/resize.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

/// What the name of an output says: "matlab_uint8_down3", "torch_up4_align_corners", "matlab_size_14x17", …
struct Wanted {
    std::string method;     // as the fixture's notes explain them
    double scale = 0;       // output per input; 0: by size
    ImageSize size;         // only by size
    bool enlarges = false;  // from input.small
    bool align_corners = false;
};

std::optional<Wanted> parse(const std::string& name) {
    static const std::regex kByScale(R"(output\.(\w+?)_(down|up)([0-9.]+)(_align_corners)?)");
    static const std::regex kBySize(R"(output\.(\w+?)_size_(\d+)x(\d+))");
    std::smatch part;
    Wanted wanted;
    if (std::regex_match(name, part, kBySize)) {
        wanted.method = part[1];
        wanted.size = {std::stoi(part[3]), std::stoi(part[2])};
        return wanted;
    }
    if (!std::regex_match(name, part, kByScale)) return std::nullopt;
    wanted.method = part[1];
    wanted.enlarges = part[2] == "up";
    wanted.scale = wanted.enlarges ? std::stod(part[3]) : 1 / std::stod(part[3]);
    wanted.align_corners = part[4].matched;
    return wanted;
}

std::optional<Resampling> rule_of(const Wanted& wanted) {
    Resampling rule;
    if (wanted.method == "matlab" || wanted.method == "matlab_uint8") {
        rule = resampling_of(Filter::bicubic);
    } else if (wanted.method == "torch" || wanted.method == "opencv_cubic") {
        rule = resampling_of(Filter::bicubic_torch);
    } else if (wanted.method == "torch_antialias" || wanted.method == "pil_bicubic") {
        rule = resampling_of(Filter::bicubic_pillow);
    } else {
        return std::nullopt;
    }
    rule.align_corners = wanted.align_corners;
    return rule;
}

/// Plane by plane, [c, h, w], without rounding.
HostTensor resized(const HostTensor& input, ImageSize to, const Resampling& rule, double scale) {
    const std::vector<float> values = input.floats();
    const ImageSize from{static_cast<int>(input.shape()[2]), static_cast<int>(input.shape()[1])};
    const std::size_t area = static_cast<std::size_t>(from.width) * static_cast<std::size_t>(from.height);
    std::vector<float> out;
    for (std::int64_t channel = 0; channel < input.shape()[0]; ++channel) {
        const std::span<const float> plane(values.data() + static_cast<std::size_t>(channel) * area, area);
        const std::vector<float> small = resize_plane(plane, from, to, rule, scale, scale);
        out.insert(out.end(), small.begin(), small.end());
    }
    return HostTensor::from_floats(out, {input.shape()[0], to.height, to.width});
}

/// The same through 8-bit pictures; a grey plane fills all three channels and one is kept.
HostTensor resized_bytes(const HostTensor& input, ImageSize to, const Resampling& rule, double scale) {
    const std::vector<float> values = input.floats();
    Image image(static_cast<int>(input.shape()[2]), static_cast<int>(input.shape()[1]));
    const std::size_t area = image.rgb.size() / 3;
    const std::size_t channels = static_cast<std::size_t>(input.shape()[0]);
    for (std::size_t i = 0; i < image.rgb.size(); ++i) {
        image.rgb[i] = static_cast<std::uint8_t>(values[std::min(i % 3, channels - 1) * area + i / 3]);
    }
    const Image small = resize(image, to, rule, scale, scale);
    std::vector<float> out(channels * small.rgb.size() / 3);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::size_t small_area = small.rgb.size() / 3;
        out[i] = small.rgb[i % small_area * 3 + i / small_area];
    }
    return HostTensor::from_floats(out, {input.shape()[0], to.height, to.width});
}

/// The table itself: "stage.weights_h_down3" and "stage.first_index_h_down3" of the rows of input.x.
void add_tables(const golden::Case& golden_case, golden::Outputs& outputs) {
    static const std::regex kTable(R"(stage\.(weights|first_index)_h_down([0-9.]+))");
    const int rows = static_cast<int>(golden_case.input("x").shape()[1]);
    for (const auto& [name, expected] : golden_case.tensors) {
        std::smatch part;
        if (!std::regex_match(name, part, kTable)) continue;
        const double scale = 1 / std::stod(part[2]);
        const AxisTaps axis = axis_taps(rows, scaled_size(rows, scale), resampling_of(Filter::bicubic), scale);
        const auto outs = static_cast<std::int64_t>(axis.first.size());
        if (part[1] == "weights") {
            const std::vector<float> weights(axis.weight.begin(), axis.weight.end());
            outputs[name] = HostTensor::from_floats(weights, {outs, axis.taps});
        } else {
            const std::vector<std::int64_t> first(axis.first.begin(), axis.first.end());
            outputs[name] = HostTensor::from_ints(first, {outs});
        }
    }
}

golden::Outputs run(const golden::Case& golden_case) {
    golden::Outputs outputs;
    for (const auto& [name, expected] : golden_case.tensors) {
        const std::optional<Wanted> wanted = parse(name);
        const std::optional<Resampling> rule = wanted ? rule_of(*wanted) : std::nullopt;
        if (!rule) continue;
        const bool bytes = wanted->method == "matlab_uint8";
        const HostTensor& input = golden_case.input(wanted->enlarges ? "small" : bytes ? "x_uint8" : "x");
        ImageSize to = wanted->size;
        if (wanted->scale != 0) {
            to = {scaled_size(static_cast<int>(input.shape()[2]), wanted->scale),
                  scaled_size(static_cast<int>(input.shape()[1]), wanted->scale)};
        }
        // MATLAB's kernel keeps the scale it was given, the others take the ratio of the sizes.
        const double scale = wanted->method.starts_with("matlab") ? wanted->scale : 0;
        outputs[name] = bytes ? resized_bytes(input, to, *rule, scale) : resized(input, to, *rule, scale);
    }
    add_tables(golden_case, outputs);
    return outputs;
}

[[maybe_unused]] const bool kRegistered = golden::register_runner("bicubic", run);

}  // namespace
}  // namespace affectsr
