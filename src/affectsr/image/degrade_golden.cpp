#include <random>
#include <string>

#include "affectsr/image/degrade.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

/// The picture in a [3, h, w] tensor of whole numbers 0–255.
Image picture(const HostTensor& tensor) {
    const std::vector<float> values = tensor.floats();
    Image image(static_cast<int>(tensor.shape()[2]), static_cast<int>(tensor.shape()[1]));
    const std::size_t area = image.rgb.size() / 3;
    for (std::size_t i = 0; i < image.rgb.size(); ++i) {
        image.rgb[i] = static_cast<std::uint8_t>(values[i % 3 * area + i / 3]);
    }
    return image;
}

/// Values in the order of `Image::rgb` as [3, h, w], every `step`-th row and column.
template <class Value>
HostTensor planes(const std::vector<Value>& values, ImageSize size, int step) {
    std::vector<float> out;
    for (int channel = 0; channel < 3; ++channel) {
        for (int y = 0; y < size.height; y += step) {
            for (int x = 0; x < size.width; x += step) {
                const std::size_t pixel =
                    static_cast<std::size_t>(y) * static_cast<std::size_t>(size.width) + static_cast<std::size_t>(x);
                out.push_back(static_cast<float>(values[pixel * 3 + static_cast<std::size_t>(channel)]));
            }
        }
    }
    return HostTensor::from_floats(out, {3, (size.height + step - 1) / step, (size.width + step - 1) / step});
}

HostTensor planes(const Image& image, int step = 1) {
    return planes(image.rgb, image.size(), step);
}

/// The number after the last '_' or 'x' of an output's name: "output.lr_x3", "output.kdef_rows_28".
int number_in(const std::string& name) {
    return std::stoi(name.substr(name.find_last_of("_x") + 1));
}

/// Which source samples the KDEF study's nearest-neighbour shrinking picks along one axis.
HostTensor picked(int from, int to) {
    const AxisTaps axis = axis_taps(from, to, resampling_of(Filter::nearest));
    return HostTensor::from_ints(std::vector<std::int64_t>(axis.first.begin(), axis.first.end()), {to});
}

golden::Outputs run_kdef(const golden::Case& golden_case) {
    const Image image = picture(golden_case.input("image"));
    const int kdef_height = golden_case.config.at("kdef_source").at(0).get<int>();
    const int kdef_width = golden_case.config.at("kdef_source").at(1).get<int>();
    std::mt19937_64 random(golden_case.seed);
    golden::Outputs outputs;
    for (const auto& [name, expected] : golden_case.tensors) {
        if (!name.starts_with("output.")) continue;
        Degradation degradation;
        degradation.size_px = number_in(name);
        degradation.filter = "nearest";
        if (name.starts_with("output.nearest_")) outputs[name] = planes(degrade(image, degradation, random));
        if (name.starts_with("output.kdef_columns_")) outputs[name] = picked(kdef_width, degradation.size_px);
        if (name.starts_with("output.kdef_rows_")) outputs[name] = picked(kdef_height, degradation.size_px);
    }
    return outputs;
}

golden::Outputs run_fsrfer(const golden::Case& golden_case) {
    const Image image = picture(golden_case.input("image"));
    std::mt19937_64 random(golden_case.seed);
    golden::Outputs outputs;
    for (const auto& [name, expected] : golden_case.tensors) {
        if (!name.starts_with("output.")) continue;
        Degradation degradation;
        degradation.scale = number_in(name);
        degradation.enlarge_back = !name.starts_with("output.lr_");
        const Image lr = degrade(image, degradation, random);
        if (name.starts_with("output.lr_")) outputs[name] = planes(lr);
        if (name.starts_with("output.up_")) outputs[name] = planes(lr, 2);
        if (name.starts_with("output.prewhiten_")) outputs[name] = planes(prewhiten(lr), lr.size(), 5);
    }
    return outputs;
}

[[maybe_unused]] const bool kRegistered =
    golden::register_runner("kdef_degrade", run_kdef) && golden::register_runner("fsrfer_degrade", run_fsrfer);

}  // namespace
}  // namespace affectsr
