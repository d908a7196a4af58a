#include "affectsr/restore/rrdb.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/plan/fit.h"

namespace affectsr {
namespace {

RrdbOptions small(int scale) {
    RrdbOptions options;
    options.features = 16;
    options.growth = 8;
    options.blocks = 2;
    options.scale = scale;
    return options;
}

TEST(Rrdb, HasTheParametersOfItsPapers) {
    RrdbOptions options;
    EXPECT_EQ(rrdb_plan(options).parameter_count(), 5'906'627) << "AffectSRNet's eight blocks";
    options.instance_norm = true;
    EXPECT_EQ(rrdb_plan(options).parameter_count(), 5'906'627) << "instance norms learn nothing";
    options = {};
    options.blocks = 23;
    EXPECT_EQ(rrdb_plan(options).parameter_count(), 16'697'987) << "ESRGAN";
    options.scale = 2;
    EXPECT_EQ(rrdb_plan(options).parameter_count(), 16'703'171);
}

TEST(Rrdb, RestoresColouredPicturesOnly) {
    for (const int channels : {1, 2, 4, 64}) {
        RrdbOptions options = small(4);
        options.in_channels = channels;
        EXPECT_THROW(rrdb(options), UsageError) << channels;
        EXPECT_EQ(rrdb_plan(options).steps.front().out_channels, channels) << "as a plan it is as good as any";
    }
}

TEST(Rrdb, EnlargesByItsScale) {
    for (const int scale : {1, 2, 4, 8}) {
        const Plan plan = rrdb_plan(small(scale));
        EXPECT_EQ(plan.shapes(8, 12).back(), (ValueShape{3, 8 * scale, 12 * scale}));
        EXPECT_EQ(rrdb(small(scale)).needs.scale, scale);
    }
    EXPECT_THROW(rrdb_plan(small(3)), UsageError);
    EXPECT_THROW(rrdb_plan(small(2)).shapes(7, 8), UsageError) << "an odd side cannot become channels";
}

TEST(Rrdb, EnlargesByBicubicAndAddsTheInputEnlargedSo) {
    RrdbOptions options = small(4);
    options.bicubic = true;
    const Plan plan = rrdb_plan(options);
    EXPECT_EQ(plan.shapes(8, 12).back(), (ValueShape{3, 32, 48}));
    EXPECT_EQ(plan.parameter_count(), rrdb_plan(small(4)).parameter_count());
    EXPECT_EQ(std::count_if(plan.steps.begin(), plan.steps.end(),
                            [](const Step& step) { return step.is<step::EnlargeBicubic>(); }),
              3)
        << "twice by two, and the input by four";
    EXPECT_TRUE(plan.steps.back().is<step::Add>());
    options.in_channels = 1;
    EXPECT_THROW(rrdb_plan(options), UsageError);
    options = small(2);
    options.bicubic = true;
    EXPECT_THROW(rrdb_plan(options), UsageError) << "which shrinks its input first";
}

TEST(Rrdb, NormalisesAfterEveryConvolutionOfADenseBlock) {
    RrdbOptions options = small(4);
    options.instance_norm = true;
    const Plan plan = rrdb_plan(options);
    int norms = 0;
    for (const Step& step : plan.steps) {
        if (!step.is<step::InstanceNorm>()) continue;
        ++norms;
        const Step& before = plan.steps[static_cast<std::size_t>(step.inputs[0])];
        EXPECT_TRUE(before.is<step::Conv>());
        EXPECT_NE(before.name.find(".rdb"), std::string::npos) << before.name;
    }
    EXPECT_EQ(norms, options.blocks * 3 * 5);
}

/// The state of a small network under the names of ESRGAN's repository or of its first releases.
TensorMap published_as(bool old_architecture, const TensorMap& state, int blocks) {
    TensorMap published;
    for (const auto& [ours, tensor] : state) {
        std::string name = ours;
        const auto rename = [&name](const std::string& part, const std::string& theirs) {
            if (const std::size_t at = name.find(part); at != std::string::npos) name.replace(at, part.size(), theirs);
        };
        rename(".rdb", ".RDB");
        if (old_architecture) {
            if (name.starts_with("body.")) name.insert(name.rfind('.'), ".0");
            rename("conv_body", "model.1.sub." + std::to_string(blocks));
            rename("body.", "model.1.sub.");
            rename("conv_first", "model.0");
            rename("conv_up1", "model.3");
            rename("conv_up2", "model.6");
            rename("conv_hr", "model.8");
            rename("conv_last", "model.10");
        } else {
            rename("conv_body", "trunk_conv");
            rename("body.", "RRDB_trunk.");
            rename("conv_up", "upconv");
            rename("conv_hr", "HRconv");
        }
        published[name] = tensor;
    }
    return published;
}

TEST(Rrdb, TakesEsrgansOldAndNewNames) {
    const SrNetwork network = rrdb(small(4));
    const TensorMap state = first_weights(network.plan, 1);
    for (const bool old_architecture : {false, true}) {
        const TensorMap published = published_as(old_architecture, state, 2);
        EXPECT_TRUE(published.contains(old_architecture ? "model.1.sub.1.RDB3.conv5.0.weight"
                                                        : "RRDB_trunk.1.RDB3.conv5.weight"));
        const TensorMap renamed = network.renamed(published);
        ASSERT_EQ(renamed.size(), state.size());
        EXPECT_NO_THROW(expect_fit(network.plan, renamed, "renamed"));
        for (const auto& [name, tensor] : state) EXPECT_EQ(renamed.at(name).floats(), tensor.floats()) << name;
    }
    EXPECT_EQ(network.renamed(state).size(), state.size()) << "BasicSR's names are ours";
    EXPECT_TRUE(network.renamed(state).contains("body.0.rdb1.conv1.weight"));
}

}  // namespace
}  // namespace affectsr
