#include <cmath>
#include <string>

#include "affectsr/base/error.h"
#include "affectsr/face/affine.h"
#include "affectsr/face/align.h"
#include "affectsr/face/crop_template.h"
#include "golden/golden_case.h"

namespace affectsr {
namespace {

// Where published aligners put the five landmarks, in pixels of their crops.
using Template = std::array<Point, 5>;

// DDAMFN++, face_align_v2.0.py: 112 × 112 px, one for each pose from left to right profile.
constexpr std::array<Template, 5> kDdamfn{{
    {{{55.550F, 49.477F}, {62.116F, 49.339F}, {38.075F, 70.237F}, {55.017F, 92.262F}, {61.466F, 92.979F}}},
    {{{47.241F, 48.598F}, {72.887F, 49.540F}, {40.555F, 71.067F}, {47.423F, 93.643F}, {71.236F, 94.353F}}},
    {{{33.566F, 40.559F}, {78.321F, 40.559F}, {55.338F, 64.967F}, {38.479F, 90.276F}, {73.591F, 90.276F}}},
    {{{39.516F, 49.540F}, {65.162F, 48.598F}, {71.849F, 71.067F}, {41.167F, 94.353F}, {64.980F, 93.643F}}},
    {{{50.225F, 49.339F}, {56.791F, 49.477F}, {74.266F, 70.237F}, {50.875F, 92.979F}, {65.317F, 92.262F}}},
}};

// An unofficial likeness of RAF-DB's 100 × 100 crops: eyes and the middle of the mouth.
constexpr std::array<Point, 3> kThreePoint{{{28.6F, 40}, {71.4F, 40}, {50, 71.4F}}};

Similarity fitted(std::span<const Point> source, std::span<const Point> target) {
    const std::optional<Similarity> found = fit_similarity(source, target);
    if (!found) throw InputError("degenerate", "landmarks of the case fit no similarity");
    return *found;
}

void append(std::vector<float>& matrices, const Similarity& similarity) {
    for (const double value : Affine(similarity).m) matrices.push_back(static_cast<float>(value));
}

double sum_of_distances(const Landmarks& points, const Similarity& transform, const Template& target) {
    double sum = 0;
    for (std::size_t i = 0; i < target.size(); ++i) {
        const Point moved = transform.apply(points[i]);
        sum += std::hypot(static_cast<double>(moved.x - target[i].x), static_cast<double>(moved.y - target[i].y));
    }
    return sum;
}

std::vector<Landmarks> faces_of(const HostTensor& tensor) {  // [n, 5, 2]
    const std::vector<float> values = tensor.floats();
    std::vector<Landmarks> faces(static_cast<std::size_t>(tensor.shape().at(0)));
    for (std::size_t i = 0; i < faces.size() * 5; ++i) faces[i / 5].push_back({values.at(2 * i), values.at(2 * i + 1)});
    return faces;
}

void align_faces(const std::vector<Landmarks>& faces, golden::Outputs& outputs) {
    const Template large = crop_template("arcface_112").points_at(112),
                   small = crop_template("arcface_112").points_at(100);
    std::vector<float> arcface, inverse, arcface_100, three_point, ddamfn, errors;
    std::vector<std::int64_t> poses;
    for (const Landmarks& face : faces) {
        append(arcface, fitted(face, large));
        append(inverse, fitted(face, large).inverse());
        append(arcface_100, fitted(face, small));
        const Landmarks three{face[0], face[1], {(face[3].x + face[4].x) / 2, (face[3].y + face[4].y) / 2}};
        append(three_point, fitted(three, kThreePoint));
        std::size_t pose = 0;
        std::vector<double> sums;
        for (const Template& target : kDdamfn) {
            sums.push_back(sum_of_distances(face, fitted(face, target), target));
            errors.push_back(static_cast<float>(sums.back()));
            if (sums.back() < sums[pose]) pose = sums.size() - 1;
        }
        poses.push_back(static_cast<std::int64_t>(pose));
        append(ddamfn, fitted(face, kDdamfn[pose]));
    }
    const auto n = static_cast<std::int64_t>(faces.size());
    outputs["output.arcface_matrix"] = HostTensor::from_floats(arcface, {n, 2, 3});
    outputs["output.arcface_inverse"] = HostTensor::from_floats(inverse, {n, 2, 3});
    outputs["output.arcface_100_matrix"] = HostTensor::from_floats(arcface_100, {n, 2, 3});
    outputs["output.three_point_100_matrix"] = HostTensor::from_floats(three_point, {n, 2, 3});
    outputs["output.ddamfn_matrix"] = HostTensor::from_floats(ddamfn, {n, 2, 3});
    outputs["output.ddamfn_errors"] = HostTensor::from_floats(errors, {n, 5});
    outputs["output.ddamfn_pose_index"] = HostTensor::from_ints(poses, {n});
}

golden::Outputs run(const golden::Case& c) {
    golden::Outputs outputs;
    align_faces(faces_of(c.input("landmarks")), outputs);
    const HostTensor &image = c.input("image"), &matrix = c.input("warp_matrix");
    const std::vector<float> plane = image.floats(), rows = matrix.floats();
    const ImageSize from{static_cast<int>(image.shape().at(1)), static_cast<int>(image.shape().at(0))};
    Affine map;
    for (std::size_t i = 0; i < 6; ++i) map.m[i] = static_cast<double>(rows.at(i));
    for (const auto& [name, rule] :
         {std::pair{"output.warp_exact", BilinearRule::exact}, std::pair{"output.warp_cv2", BilinearRule::opencv}}) {
        const auto wanted = c.tensors.find(name);
        if (wanted == c.tensors.end()) continue;
        const std::vector<std::int64_t> shape = wanted->second.shape();
        const ImageSize to{static_cast<int>(shape.at(1)), static_cast<int>(shape.at(0))};
        outputs[name] = HostTensor::from_floats(warp_plane(plane, from, map, to, rule), shape);
    }
    return outputs;
}

const bool kRegistered = golden::register_runner("face_alignment", run);

}  // namespace
}  // namespace affectsr
