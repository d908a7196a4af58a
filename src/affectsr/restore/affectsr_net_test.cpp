#include "affectsr/restore/affectsr_net.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "affectsr/base/error.h"
#include "affectsr/base/random.h"
#include "affectsr/face/mesh.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/network_restorer.h"
#include "affectsr/restore/rrdb.h"

namespace affectsr {
namespace {

AffectsrNetOptions small() {
    AffectsrNetOptions options;
    options.features = 8;
    options.growth = 4;
    options.blocks = 2;
    options.graph_features = 8;
    options.block_channels = 4;
    return options;
}

template <class Kind>
auto steps_of(const Plan& plan) {
    return std::count_if(plan.steps.begin(), plan.steps.end(), [](const Step& step) { return step.is<Kind>(); });
}

/// The mesh at rest, filling a picture of so many pixels.
Landmarks face_in(int size_px) {
    Landmarks points;
    for (const Point& p : canonical_mesh()) {
        const float unit = static_cast<float>(size_px) / 20;  // 20 cm across the picture
        points.push_back({(p.x + 10) * unit, (p.y + 9) * unit, p.z * unit});
    }
    return points;
}

FaceCrop noise_of(int size_px) {
    FaceCrop crop;
    crop.pixels = Image(size_px, size_px);
    for (std::size_t i = 0; i < crop.pixels.rgb.size(); ++i)
        crop.pixels.rgb[i] = static_cast<std::uint8_t>(mix_bits(i + 1) % 256);
    return crop;
}

TEST(AffectsrNet, HasThePapersBackboneAndLittleMore) {
    const Plan plan = affectsr_net_plan({});
    const std::int64_t graph = 3 * 64 + 64 + 3 * (64 * 64 + 64);            // four layers
    const std::int64_t attention = 32 * 8 + 8 + 2 * 8 + 4 * (8 * 32 + 32);  // four blocks of 32
    EXPECT_EQ(plan.parameter_count(), 5'906'627 + graph + 3 * attention);
    EXPECT_EQ(steps_of<step::MixPositions>(plan), 4);
    EXPECT_EQ(steps_of<step::Splat>(plan), 1);
    EXPECT_EQ(steps_of<step::Softmax>(plan), 3) << "merged thrice";
    EXPECT_EQ(steps_of<step::InstanceNorm>(plan), 8 * 15 + 1) << "and the landmarks'";
}

TEST(AffectsrNet, EnlargesByFourAndByEight) {
    for (const int scale : {4, 8}) {
        AffectsrNetOptions options = small();
        options.scale = scale;
        const SrNetwork network = affectsr_net(options);
        EXPECT_EQ(network.plan.shapes(16, 12).back(), (ValueShape{3, 16 * scale, 12 * scale}));
        EXPECT_EQ(network.needs.scale, scale);
        EXPECT_EQ(network.needs.landmarks, 478);
        EXPECT_TRUE(network.needs.landmarks_optional);
    }
    AffectsrNetOptions wrong = small();
    wrong.scale = 6;
    EXPECT_THROW(affectsr_net(wrong), UsageError);
    wrong = small();
    wrong.block_channels = 3;
    EXPECT_THROW(affectsr_net(wrong), UsageError);
}

TEST(AffectsrNet, WithoutTheGraphIsAnRrdbNetwork) {
    for (const bool norm : {false, true}) {
        AffectsrNetOptions options = small();
        options.graph = false;
        options.instance_norm = norm;
        const SrNetwork network = affectsr_net(options);
        EXPECT_EQ(network.needs.landmarks, 0);
        RrdbOptions same{.features = 8, .growth = 4, .blocks = 2, .instance_norm = norm, .bicubic = true};
        const Plan rrdb = rrdb_plan(same);
        ASSERT_EQ(network.plan.steps.size(), rrdb.steps.size());
        for (std::size_t i = 0; i < rrdb.steps.size(); ++i) {
            EXPECT_EQ(network.plan.steps[i].name, rrdb.steps[i].name);
            EXPECT_STREQ(name_of(network.plan.steps[i].kind), name_of(rrdb.steps[i].kind));
        }
    }
}

TEST(AffectsrNet, MergesThriceWithinTheTrunkToo) {
    for (const int blocks : {3, 8}) {
        AffectsrNetOptions options = small();
        options.merged_at = "blocks";
        options.blocks = blocks;
        const Plan plan = affectsr_net_plan(options);
        EXPECT_EQ(steps_of<step::Softmax>(plan), 3);
        EXPECT_EQ(steps_of<step::EnlargeBicubic>(plan), 3) << "of the backbone alone";
    }
    EXPECT_EQ(steps_of<step::EnlargeBicubic>(affectsr_net_plan(small())), 5) << "and of the map, by two and by four";
}

TEST(AffectsrNet, TakesTheBackboneOfEsrgan) {
    const Plan plan = affectsr_net_plan(small());
    const TensorMap backbone = first_weights(rrdb_plan({.features = 8, .growth = 4, .blocks = 2}), 1);
    std::map<std::string, std::vector<std::int64_t>> shapes;
    for (const Parameter& parameter : plan.parameters()) shapes[parameter.name] = parameter.shape;
    for (const auto& [name, tensor] : backbone) {
        ASSERT_TRUE(shapes.contains(name)) << name;
        EXPECT_EQ(shapes[name], tensor.shape()) << name;
    }
}

/// A restorer of first weights.
NetworkRestorer restorer_of(const AffectsrNetOptions& options) {
    const SrNetwork network = affectsr_net(options);
    ModelFile file;
    file.tensors = first_weights(network.plan, 3);
    return {network, file, Precision::f32, "file"};
}

TEST(AffectsrNet, SeesTheLandmarksAndDoesWithoutThem) {
    const NetworkRestorer restorer = restorer_of(small());
    FaceCrop crop = noise_of(16);
    const Restored without = restorer.restore(crop);
    EXPECT_EQ(without.reason, "no_landmarks");
    ASSERT_EQ(without.picture.size(), (ImageSize{64, 64}));
    crop.landmarks_in_crop = face_in(16);
    const Restored with = restorer.restore(crop);
    EXPECT_EQ(with.reason, "");
    EXPECT_NE(with.picture, without.picture);
    std::swap(crop.landmarks_in_crop[0], crop.landmarks_in_crop[13]);
    EXPECT_NE(restorer.restore(crop).picture, with.picture) << "points are told apart";
    crop.landmarks_in_crop.resize(5);
    EXPECT_THROW(restorer.restore(crop), Bug) << "five points are no graph";
}

TEST(AffectsrNet, WithoutLandmarksTheGraphsWeightsDoNotMatter) {
    const SrNetwork network = affectsr_net(small());
    ModelFile file;
    file.tensors = first_weights(network.plan, 3);
    const Restored before = NetworkRestorer(network, file, Precision::f32, "file").restore(noise_of(16));
    const TensorMap other = first_weights(network.plan, 4);
    for (auto& [name, tensor] : file.tensors)
        if (name.starts_with("gcn.")) tensor = other.at(name);
    const Restored after = NetworkRestorer(network, file, Precision::f32, "file").restore(noise_of(16));
    EXPECT_EQ(before.picture, after.picture);
}

TEST(AffectsrNet, FacesWithAndWithoutLandmarksAreRestoredTogether) {
    const NetworkRestorer restorer = restorer_of(small());
    std::vector<FaceCrop> crops{noise_of(16), noise_of(16), noise_of(12)};
    crops[1].landmarks_in_crop = face_in(16);
    const std::vector<Restored> together = restorer.restore_all(crops);
    ASSERT_EQ(together.size(), 3U);
    for (std::size_t i = 0; i < crops.size(); ++i) {
        EXPECT_EQ(together[i].reason, i == 1 ? "" : "no_landmarks");
        EXPECT_EQ(together[i].picture.size(), (ImageSize{4 * crops[i].pixels.width, 4 * crops[i].pixels.width}));
    }
}

}  // namespace
}  // namespace affectsr
