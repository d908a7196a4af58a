#include "affectsr/detect/landmark_net.h"

#include <optional>
#include <string>

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"
#include "affectsr/face/mesh.h"

namespace affectsr {

namespace {

constexpr double kLogErrorAtFirst = -2.5;  // a twelfth of the eye distance, until it has learned better

/// conv → norm → relu → conv → norm → + shortcut → relu.
Value residual_block(PlanBuilder& p, const std::string& name, Value x, int width, int stride) {
    Value y = p.conv(name + ".conv1", x, width, {.kernel = 3, .stride = stride, .bias = false});
    y = p.relu(p.batch_norm(name + ".bn1", y));
    y = p.batch_norm(name + ".bn2", p.conv(name + ".conv2", y, width, {.kernel = 3, .bias = false}));
    if (stride != 1 || p.channels(x) != width) {
        x = p.conv(name + ".shortcut.conv", x, width, {.kernel = 1, .stride = stride, .bias = false});
        x = p.batch_norm(name + ".shortcut.bn", x);
    }
    return p.relu(p.add(y, x));
}

void expect_options_fit(const LandmarkNetOptions& o) {
    if (o.widths.empty() || o.widths.size() != o.depths.size())
        throw UsageError("landmark_net: \"widths\" and \"depths\" must name the same number of stages, at least one");
    const int factor = 1 << o.widths.size();
    if (o.widths.size() > 8 || o.input_px % factor != 0)
        throw UsageError("landmark_net: \"input_px\" " + std::to_string(o.input_px) + " must be a multiple of " +
                         std::to_string(factor) + ": it is halved by each stage");
}

}  // namespace

std::vector<float> mesh_at_rest(int px) {
    const Landmarks mesh(canonical_mesh().begin(), canonical_mesh().end());
    const std::optional<Similarity> unit_from_mesh = fit_similarity(five_points_of(mesh), kCropTemplate);
    AFFECTSR_EXPECT(unit_from_mesh.has_value(), "the canonical mesh has five points");
    const double scale = unit_from_mesh->scale() * px;
    double middle = 0;  // of the depths
    for (const Point& point : mesh) middle += double{point.z} / static_cast<double>(mesh.size());
    std::vector<float> numbers;
    for (const Point& point : mesh) {
        const Point at = unit_from_mesh->apply(point);
        numbers.push_back(static_cast<float>(double{at.x} * px - 0.5));
        numbers.push_back(static_cast<float>(double{at.y} * px - 0.5));
        numbers.push_back(static_cast<float>((double{point.z} - middle) * scale));
    }
    return numbers;
}

LandmarkNetwork landmark_net(const LandmarkNetOptions& o) {
    expect_options_fit(o);
    PlanBuilder p;
    Value x = p.shift(p.input(3), -0.5);
    x = p.conv("stem.conv", x, o.widths[0], {.kernel = 3, .stride = 2, .bias = false});
    x = p.relu(p.batch_norm("stem.bn", x));
    for (std::size_t stage = 0; stage < o.widths.size(); ++stage)
        for (int block = 0; block < o.depths[stage]; ++block)
            x = residual_block(p, "stage" + std::to_string(stage + 1) + "." + std::to_string(block), x, o.widths[stage],
                               stage > 0 && block == 0 ? 2 : 1);
    const int side = o.input_px >> o.widths.size();
    x = p.conv("places.conv", x, o.place_channels, {.kernel = 1, .bias = false});
    x = p.flatten(p.relu(p.batch_norm("places.bn", x)), side * side);
    x = p.mark("hidden", p.relu(p.linear("hidden", x, o.hidden)));
    const Value moved = p.scale(p.linear("points", x, 3 * static_cast<int>(kMeshPoints)), o.input_px / 16.0);
    p.output("points", p.shift(moved, mesh_at_rest(o.input_px)));
    p.output("error", p.shift(p.linear("error", x, 1), kLogErrorAtFirst));
    p.output("face", p.linear("face", x, 1));
    return {p.finish(), o.input_px};
}

}  // namespace affectsr
