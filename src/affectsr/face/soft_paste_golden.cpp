// The crops and pastings of GFPGAN's and CodeFormer's programs, without their networks: "restored" is the negative.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"
#include "affectsr/face/crop_template.h"
#include "affectsr/face/lmeds.h"
#include "affectsr/face/soft_paste.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

constexpr int kFacePx = 512;

// Stored pictures are B, G, R.
Image image_of(const HostTensor& bgr) {
    const std::vector<float> values = bgr.floats();
    Image image(static_cast<int>(bgr.shape().at(1)), static_cast<int>(bgr.shape().at(0)));
    for (std::size_t i = 0; i < values.size(); ++i)
        image.rgb[i / 3 * 3 + 2 - i % 3] = static_cast<std::uint8_t>(values[i]);
    return image;
}

HostTensor bgr_of(const Image& image, int left, int top, int width, int height, int stride) {
    std::vector<float> values;
    std::int64_t rows = 0;
    for (int y = top; y < top + height; y += stride, ++rows)
        for (int x = left; x < left + width; x += stride)
            for (int c = 2; c >= 0; --c) values.push_back(image.pixel(x, y)[c]);
    const auto columns = static_cast<std::int64_t>(values.size()) / 3 / rows;
    return HostTensor::from_floats(values, {rows, columns, 3});
}

HostTensor matrix(const Affine& map) {
    return HostTensor::from_floats(std::vector<float>(map.m.begin(), map.m.end()), {2, 3});
}

HostTensor size_tensor(ImageSize size) {
    return HostTensor::from_ints(std::vector<std::int64_t>{size.height, size.width}, {2});
}

/// One axis of cv::resize on 8-bit pictures: where the taps begin, and their weights in units of 1/2048.
struct CvAxis {
    std::vector<int> first;
    std::vector<std::vector<int>> weight;
};

CvAxis cv_axis(int to, double times, int taps) {
    const auto kernel = [&](double t) {
        if (taps == 2) return std::max(0.0, 1 - std::abs(t));
        const double at = 3.14159265358979323846 * t;
        return std::abs(t) < 1e-6 ? 1.0 : std::abs(t) >= 4 ? 0.0 : 4 * std::sin(at) * std::sin(at / 4) / (at * at);
    };
    CvAxis axis;
    for (int i = 0; i < to; ++i) {
        const double position = (i + 0.5) / times - 0.5;
        axis.first.push_back(static_cast<int>(std::floor(position)) - taps / 2 + 1);
        std::vector<double> exact;
        for (int k = 0; k < taps; ++k) exact.push_back(kernel(position - axis.first.back() - k));
        const double sum = std::accumulate(exact.begin(), exact.end(), 0.0);
        axis.weight.emplace_back();
        for (const double share : exact) axis.weight.back().push_back(static_cast<int>(std::lrint(share / sum * 2048)));
    }
    return axis;
}

/// cv::resize by INTER_LINEAR (2 taps) and INTER_LANCZOS4 (8), not widened, the border repeated: how the references'
/// programs enlarge. OpenCV's linear rows drop four bits before they are weighed, its Lanczos rows none.
Image cv_resized(const Image& image, double times, int taps) {
    const ImageSize to{static_cast<int>(std::lround(image.width * times)),
                       static_cast<int>(std::lround(image.height * times))};
    const CvAxis across = cv_axis(to.width, times, taps), down = cv_axis(to.height, times, taps);
    Image large(to.width, to.height);
    std::vector<std::int64_t> row(static_cast<std::size_t>(taps));
    for (int y = 0; y < to.height; ++y)
        for (int x = 0; x < to.width; ++x)
            for (int c = 0; c < 3; ++c) {
                for (int j = 0; j < taps; ++j) {
                    row[j] = 0;
                    for (int i = 0; i < taps; ++i)
                        row[j] +=
                            across.weight[x][i] * image.pixel(std::clamp(across.first[x] + i, 0, image.width - 1),
                                                              std::clamp(down.first[y] + j, 0, image.height - 1))[c];
                }
                std::int64_t sum = 0;
                for (int j = 0; j < taps; ++j)
                    sum += taps == 2 ? (down.weight[y][j] * (row[j] >> 4)) >> 16 : down.weight[y][j] * row[j];
                sum = taps == 2 ? (sum + 2) >> 2 : (sum + (1 << 21)) >> 22;
                large.pixel(x, y)[c] = static_cast<std::uint8_t>(std::clamp<std::int64_t>(sum, 0, 255));
            }
    return large;
}

/// The case's label map in place of a face parser's answer (its README gives the ellipses).
std::vector<std::uint8_t> parse_labels() {
    struct Ellipse {
        std::uint8_t label;
        double x, y, across, down;
    };
    const std::array<Ellipse, 6> ellipses{{{17, 256, 250, 190, 240},
                                           {1, 256, 280, 150, 200},
                                           {4, 190, 240, 25, 12},
                                           {5, 320, 240, 25, 12},
                                           {2, 256, 310, 25, 40},
                                           {10, 256, 375, 50, 18}}};
    std::vector<std::uint8_t> labels;
    for (int y = 0; y < kFacePx; ++y)
        for (int x = 0; x < kFacePx; ++x) {
            std::uint8_t label = 0;
            for (const Ellipse& e : ellipses)
                if (std::pow((x - e.x) / e.across, 2) + std::pow((y - e.y) / e.down, 2) < 1) label = e.label;
            if (y > 470 && std::abs(x - 256) < 90) label = 14;
            labels.push_back(label);
        }
    return labels;
}

Similarity robust(std::span<const Point> landmarks) {
    const std::optional<Similarity> found =
        fit_similarity_lmeds(landmarks, crop_template("ffhq_512").points_at(kFacePx));
    if (!found) throw InputError("degenerate", "landmarks of the case fit no similarity");
    return *found;
}

struct Way {
    std::string name;
    int upscale;
    PasteMask mask;
};

void walk(const Way& way, const Image& photo, const Landmarks& landmarks, golden::Outputs& outputs) {
    const std::string prefix = "output." + way.name + "_";
    const Similarity crop_from_photo = robust(landmarks);
    const Image crop = cut_for_restorer(photo, crop_from_photo, kFacePx);
    const Affine map = background_from_crop(crop_from_photo, way.upscale);
    outputs[prefix + "affine"] = matrix(Affine(crop_from_photo));
    outputs[prefix + "inverse_affine"] = matrix(map);
    outputs[prefix + "crop_strided"] = bgr_of(crop, 0, 0, kFacePx, kFacePx, 8);
    outputs[prefix + "crop_center"] = bgr_of(crop, 240, 240, 32, 32, 1);
    Image negative = crop;
    for (std::uint8_t& value : negative.rgb) value = static_cast<std::uint8_t>(255 - value);
    const std::vector<float> parts =
        way.mask == PasteMask::square ? std::vector<float>() : soft_parts(parse_labels(), kFacePx);
    Image pasted = cv_resized(photo, way.upscale, 8);
    Image mask(pasted.width, pasted.height);
    paste_back_soft(pasted, negative, map, way.upscale, way.mask, parts);
    paste_back_soft(mask, Image(kFacePx, kFacePx, 255), map, way.upscale, way.mask, parts);
    const int stride = pasted.height < 400 ? 2 : 8;
    outputs[prefix + "pasted_size"] = size_tensor(pasted.size());
    outputs[prefix + "pasted_strided"] = bgr_of(pasted, 0, 0, pasted.width, pasted.height, stride);
    std::vector<float> shares;
    for (int y = 0; y < mask.height; y += stride)
        for (int x = 0; x < mask.width; x += stride) shares.push_back(mask.pixel(x, y)[0]);
    const std::int64_t rows = (mask.height + stride - 1) / stride;
    outputs[prefix + "mask255_strided"] =
        HostTensor::from_floats(shares, {rows, static_cast<std::int64_t>(shares.size()) / rows});
}

golden::Outputs run(const golden::Case& c) {
    golden::Outputs outputs;
    const auto points_of = [](const HostTensor& tensor, std::size_t first) {
        const std::vector<float> values = tensor.floats();
        Landmarks points;
        for (std::size_t i = 0; i < 5; ++i)
            points.push_back({values.at(10 * first + 2 * i), values.at(10 * first + 2 * i + 1)});
        return points;
    };
    const HostTensor& sets = c.input("landmark_sets");
    const auto count = sets.shape().at(0);
    std::vector<float> lmeds, least_squares;
    for (std::int64_t i = 0; i < count; ++i) {
        const Landmarks points = points_of(sets, static_cast<std::size_t>(i));
        const std::optional<Similarity> plain = fit_similarity(points, crop_template("ffhq_512").points);
        if (!plain) throw InputError("degenerate", "landmarks of the case fit no similarity");
        for (const double value : Affine(robust(points)).m) lmeds.push_back(static_cast<float>(value));
        for (const double value : Affine(*plain).m) least_squares.push_back(static_cast<float>(value));
    }
    outputs["output.affine_lmeds_sets"] = HostTensor::from_floats(lmeds, {count, 2, 3});
    outputs["output.affine_lsq_sets"] = HostTensor::from_floats(least_squares, {count, 2, 3});

    const Image photo = image_of(c.input("image_bgr"));
    const Landmarks landmarks = points_of(c.input("landmarks"), 0);
    for (const Way& way : {Way{"square_up2", 2, PasteMask::square}, Way{"square_up1", 1, PasteMask::square},
                           Way{"parse_up2", 2, PasteMask::parts}})
        walk(way, photo, landmarks, outputs);
    // CodeFormer's program enlarges a photo until its shorter side is 512 px.
    const double times = static_cast<double>(kFacePx) / std::min(photo.width, photo.height);
    const Image large = cv_resized(photo, times, 2);
    Landmarks moved = landmarks;
    for (Point& point : moved)
        point = {static_cast<float>(static_cast<double>(point.x) * times),
                 static_cast<float>(static_cast<double>(point.y) * times)};
    outputs["output.codeformer_input_size"] = size_tensor(large.size());
    walk({"codeformer_up1", 1, PasteMask::both}, large, moved, outputs);
    return outputs;
}

const bool kRegistered = golden::register_runner("face_pipeline", run);

}  // namespace
}  // namespace affectsr
