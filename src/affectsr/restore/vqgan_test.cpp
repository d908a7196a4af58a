#include "affectsr/restore/vqgan.h"

#include <gtest/gtest.h>

#include <set>

namespace affectsr {
namespace {

std::set<std::string> names_of(const Plan& plan) {
    std::set<std::string> names;
    for (const Step& step : plan.steps)
        if (!step.name.empty()) names.insert(step.name);
    return names;
}

// sczhou/CodeFormer's numbers of the blocks at 512 px.
TEST(Vqgan, NumbersItsBlocksAsPublished) {
    PlanBuilder p;
    FeaturesBySize features;
    const VqganOptions options;
    const Value codes = vqgan_encoded(p, p.input(3), options, &features);
    std::vector<int> sides;
    const Value picture = vqgan_generated(p, codes, options, [&](Value x, int px) {
        sides.push_back(px);
        return x;
    });
    const Plan plan = p.finish(picture);
    const std::set<std::string> names = names_of(plan);
    for (const char* name : {"encoder.blocks.0", "encoder.blocks.3.conv", "encoder.blocks.4.conv1",
                             "encoder.blocks.10.conv_out", "encoder.blocks.17.q", "encoder.blocks.21.proj_out",
                             "encoder.blocks.23", "encoder.blocks.24", "generator.blocks.0", "generator.blocks.2.k",
                             "generator.blocks.8.conv", "generator.blocks.9.conv_out", "generator.blocks.24"})
        EXPECT_TRUE(names.contains(name)) << name;
    EXPECT_FALSE(names.contains("encoder.blocks.5.conv_out")) << "128 channels stay 128";
    EXPECT_FALSE(names.contains("generator.blocks.25"));
    EXPECT_EQ(sides, (std::vector<int>{32, 64, 128, 256, 512}));
    const std::vector<ValueShape> shapes = plan.shapes(512, 512);
    const auto shape_of = [&](Value x) { return shapes[static_cast<std::size_t>(x.step)]; };
    EXPECT_EQ(shape_of(codes), (ValueShape{256, 16, 16}));
    EXPECT_EQ(shape_of(features.at(256)), (ValueShape{128, 256, 256}));
    EXPECT_EQ(shape_of(features.at(32)), (ValueShape{256, 32, 32}));
    EXPECT_EQ(shapes.back(), (ValueShape{3, 512, 512}));
}

}  // namespace
}  // namespace affectsr
