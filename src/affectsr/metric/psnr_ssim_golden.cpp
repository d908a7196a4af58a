// Runs the reference's picture metrics (BasicSR, SPARNet, scikit-image) on its stored pictures.
#include <array>
#include <set>

#include "affectsr/metric/psnr.h"
#include "affectsr/metric/ssim.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

// [3, h, w] whole numbers 0–255 → picture.
Image picture_from(const HostTensor& chw) {
    const std::vector<float> values = chw.floats();
    Image image(static_cast<int>(chw.shape().at(2)), static_cast<int>(chw.shape().at(1)));
    const std::size_t pixels = values.size() / 3;
    for (std::size_t i = 0; i < pixels; ++i) {
        for (std::size_t c = 0; c < 3; ++c) image.rgb[i * 3 + c] = static_cast<std::uint8_t>(values[c * pixels + i]);
    }
    return image;
}

HostTensor scalar(double value) {
    return HostTensor::from_floats(std::array{static_cast<float>(value)}, {1});
}

SsimOptions ssim_options(const std::string& channels, int border_px, const std::string& window = "gaussian") {
    SsimOptions options;
    options.channels = channels;
    options.border_px = border_px;
    options.window = window;
    options.sample_covariance = window == "uniform";  // scikit-image's defaults go together
    return options;
}

PsnrOptions psnr_options(const std::string& channels, int border_px, double error_floor = 0) {
    PsnrOptions options;
    options.channels = channels;
    options.border_px = border_px;
    options.error_floor = error_floor;
    return options;
}

HostTensor y_of(const Image& image) {
    const Plane y = compared_planes(image, {}).front();
    return HostTensor::from_floats(std::vector<float>(y.values.begin(), y.values.end()), {y.height, y.width});
}

// d(1 − SSIM) / d(sr / 255), [3, h, w].
HostTensor loss_gradient(const Image& hr, const Image& sr) {
    const SsimOptions options = ssim_options("rgb", 0);
    const std::vector<Plane> truth = compared_planes(hr, options), judged = compared_planes(sr, options);
    std::vector<float> values;
    for (std::size_t c = 0; c < truth.size(); ++c) {
        std::vector<double> gradient;
        plane_ssim(truth[c], judged[c], options, &gradient);
        for (const double slope : gradient) values.push_back(static_cast<float>(-slope * 255 / 3));
    }
    return HostTensor::from_floats(values, {3, sr.height, sr.width});
}

golden::Outputs run(const golden::Case& one) {
    const Image hr = picture_from(one.input("hr")), sr = picture_from(one.input("sr"));
    golden::Outputs outputs;
    for (const int border : std::set<int>{0, one.config.value("crop", 0)}) {
        for (const std::string channels : {"rgb", "y"}) {
            const std::string name = channels + "_crop" + std::to_string(border);
            outputs["output.psnr_" + name] = scalar(psnr_db(hr, sr, psnr_options(channels, border)));
            outputs["output.ssim_" + name] = scalar(ssim(hr, sr, ssim_options(channels, border)));
        }
    }
    outputs["output.y_hr"] = y_of(hr);
    outputs["output.psnr_sparnet"] = scalar(psnr_db(hr, sr, psnr_options("y_truncated", 0)));
    outputs["output.ssim_sparnet"] = scalar(ssim(hr, sr, ssim_options("y_truncated", 0)));
    outputs["output.ssim_skimage_default_rgb"] = scalar(ssim(hr, sr, ssim_options("rgb", 0, "uniform")));
    outputs["output.ssim_skimage_gauss_rgb"] = scalar(ssim(hr, sr, ssim_options("rgb", 0)));
    outputs["output.psnr_pt_rgb_crop0"] = scalar(psnr_db(hr, sr, psnr_options("rgb", 0, 1e-8)));
    outputs["output.ssim_pt_rgb_crop0"] = outputs["output.ssim_rgb_crop0"];
    outputs["output.grad_one_minus_ssim"] = loss_gradient(hr, sr);
    return outputs;
}

const bool kRegistered = golden::register_runner("psnr_ssim", run);

}  // namespace
}  // namespace affectsr
