#include "affectsr/face/crop_template.h"

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"

namespace affectsr {

namespace {

constexpr const char* kInsightface = "Deng et al. 2019, doi:10.1109/CVPR.2019.00482; insightface's face_align.py";
constexpr int kOurPx = 48;  // small_net's input

std::array<Point, 5> our_points() {
    std::array<Point, 5> points = kCropTemplate;  // fractions of the side, from edge to edge
    for (Point& point : points) point = {point.x * kOurPx - 0.5F, point.y * kOurPx - 0.5F};
    return points;
}

/// insightface moves the points of crops of 128 px by 8 px to the right and leaves them as large as at 112.
std::array<Point, 5> arcface_points(float shift_px) {
    std::array<Point, 5> points{
        {{38.2946F, 51.6963F}, {73.5318F, 51.5014F}, {56.0252F, 71.7366F}, {41.5493F, 92.3655F}, {70.7299F, 92.2041F}}};
    for (Point& point : points) point.x += shift_px;
    return points;
}

}  // namespace

std::array<Point, 5> CropTemplate::points_at(int wanted_px) const {
    AFFECTSR_EXPECT(wanted_px >= 1 && size_px >= 1, "a crop has at least one pixel");
    std::array<Point, 5> scaled = points;
    const float times = static_cast<float>(wanted_px) / static_cast<float>(size_px);
    for (Point& point : scaled)
        point = {origin_px + (point.x - origin_px) * times, origin_px + (point.y - origin_px) * times};
    return scaled;
}

// To add a template: one line here.
std::span<const CropTemplate> crop_template_catalog() {
    static const std::array catalog{
        CropTemplate{"affectsr_48", "FER2013's framing, measured (see kCropTemplate)", kOurPx, our_points(), -0.5F},
        CropTemplate{"arcface_112", kInsightface, 112, arcface_points(0), 0},
        CropTemplate{"arcface_128", kInsightface, 128, arcface_points(8), 0},
        CropTemplate{"ffhq_512",
                     "Karras et al. 2019, doi:10.1109/CVPR.2019.00453; the points of facexlib's FaceRestoreHelper",
                     512,
                     {{{192.98138F, 239.94708F},
                       {318.90277F, 240.1936F},
                       {256.63416F, 314.01935F},
                       {201.26117F, 371.41043F},
                       {313.08905F, 371.15118F}}},
                     0},
        CropTemplate{
            "lfw_128",
            "LFW, deep-funneled (Huang et al. 2012), the middle 128 px of its pictures: medians of MediaPipe's "
            "points on 10,344 of them, made symmetric",
            128,
            {{{43.4F, 51.6F}, {84.1F, 51.6F}, {63.8F, 73.5F}, {46.1F, 96.3F}, {81.5F, 96.3F}}},
            -0.5F},
    };
    return catalog;
}

const CropTemplate& crop_template(const std::string& name) {
    std::string known;
    for (const CropTemplate& candidate : crop_template_catalog()) {
        if (candidate.name == name) return candidate;
        known += (known.empty() ? "" : ", ") + candidate.name;
    }
    throw UsageError("no crop template is called \"" + name + "\"; known are: " + known, "unknown_crop_template");
}

}  // namespace affectsr
