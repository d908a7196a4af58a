#include "affectsr/detect/landmark_net.h"

#include <gtest/gtest.h>

#include <cmath>

#include "affectsr/base/error.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/face/align.h"
#include "affectsr/face/mesh.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

TEST(LandmarkNet, ItsWeightsStayUnderTwoAndAHalfMebibytes) {
    const Plan plan = landmark_net({}).plan;
    std::int64_t bytes = 0;
    for (const Parameter& parameter : plan.parameters()) {
        if (parameter.role == Parameter::Role::counter) continue;
        std::int64_t count = parameter.role == Parameter::Role::learned ? 2 : 4;
        for (const std::int64_t side : parameter.shape) count *= side;
        bytes += count;
    }
    EXPECT_LE(bytes, std::int64_t{5} << 19);
    EXPECT_LE(plan.flops(64, 64), 200'000'000);
}

TEST(LandmarkNet, AnswersWithPointsHowSureItIsAndWhetherItSeesAFace) {
    const LandmarkNetwork network = landmark_net({});
    const std::vector<ValueShape> shapes = network.plan.shapes(64, 64);
    const auto shape_of = [&](const std::string& output) {
        return shapes[static_cast<std::size_t>(network.plan.outputs[network.plan.output_index(output)].step)];
    };
    EXPECT_EQ(shape_of("points"), (ValueShape{3 * 478, 1, 1}));
    EXPECT_EQ(shape_of("error"), (ValueShape{1, 1, 1}));
    EXPECT_EQ(shape_of("face"), (ValueShape{1, 1, 1}));
}

TEST(LandmarkNet, ItsMeanFaceIsFramedAsACrop) {
    const std::vector<float> mean = mesh_at_rest(100);
    Landmarks mesh;
    for (std::size_t i = 0; i < mean.size(); i += 3) mesh.push_back({mean[i], mean[i + 1], mean[i + 2]});
    const Landmarks five = five_points_of(mesh);
    for (std::size_t i = 0; i < five.size(); ++i) {
        EXPECT_NEAR(five[i].x, 100 * kCropTemplate[i].x - 0.5F, 4) << i;
        EXPECT_NEAR(five[i].y, 100 * kCropTemplate[i].y - 0.5F, 4) << i;
    }
    EXPECT_NEAR(eye_distance(mesh), 50, 3);
    EXPECT_LT(five[2].z, five[0].z) << "z points away from the viewer";
}

TEST(LandmarkNet, FirstWeightsAnswerNearAFace) {
    const LandmarkNetwork network = landmark_net({});
    const PlanEngine engine(network.plan, first_weights(network.plan, 1), Precision::f32);
    std::vector<float> picture(3 * 64 * 64), points(3 * kMeshPoints);
    for (std::size_t i = 0; i < picture.size(); ++i) picture[i] = 0.5F + 0.4F * std::sin(0.1F * static_cast<float>(i));
    engine.run({1, 64, 64}, picture, {{"points", points}});
    const std::vector<float> mean = mesh_at_rest(64);
    double off = 0;
    for (std::size_t i = 0; i < points.size(); ++i) off += std::abs(double{points[i]} - double{mean[i]}) / (3 * 478.0);
    EXPECT_LT(off, 12) << "pixels of 64";
}

TEST(LandmarkNet, RefusesStagesThatDoNotFit) {
    LandmarkNetOptions o;
    o.depths = {1, 1};
    EXPECT_THROW(landmark_net(o), UsageError);
    o = {};
    o.input_px = 72;
    EXPECT_THROW(landmark_net(o), UsageError);
}

}  // namespace
}  // namespace affectsr
