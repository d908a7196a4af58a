#include "affectsr/restore/fsrnet.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/plan/first_weights.h"

namespace affectsr {
namespace {

FsrnetOptions small() {
    FsrnetOptions options;
    options.features = 4;
    options.blocks = 3;
    return options;
}

TEST(Fsrnet, HasTheParametersOfItsReference) {
    FsrnetOptions options;
    EXPECT_EQ(fsrnet_plan(options).parameter_count(), 3'272'463);
    options.landmarks = 194;
    EXPECT_EQ(fsrnet_plan(options).parameter_count(), 3'288'717);
    options.landmarks = 0;
    options.tied = true;
    EXPECT_EQ(fsrnet_plan(options).parameter_count(), 2'153'931);
}

TEST(Fsrnet, SharpensAnEnlargedFaceAndTellsItsCoarseOne) {
    const SrNetwork network = fsrnet(small());
    EXPECT_EQ(network.enlarged_first, 8);
    EXPECT_EQ(network.needs.scale, 8);
    EXPECT_EQ(network.needs.input_px, 0) << "any";
    const std::vector<ValueShape> shapes = network.plan.shapes(32, 48);
    for (const char* name : {"out", "coarse"}) {
        const auto step = static_cast<std::size_t>(network.plan.outputs[network.plan.output_index(name)].step);
        EXPECT_EQ(shapes[step], (ValueShape{3, 32, 48})) << name;
    }
    EXPECT_THROW((void)network.plan.shapes(40, 48), UsageError) << "no multiple of 16";
}

TEST(Fsrnet, TellsPriorsWhereTheyAreAskedFor) {
    FsrnetOptions options = small();
    Plan plan = fsrnet_plan(options);
    plan.output_mark("prior");
    EXPECT_EQ(plan.shapes(32, 32)[static_cast<std::size_t>(plan.outputs.back().step)], (ValueShape{68 + 11, 16, 16}));
    options.landmarks = options.parsing = 0;
    plan = fsrnet_plan(options);
    EXPECT_THROW(plan.output_mark("prior"), UsageError);
}

TEST(Fsrnet, TakesWeightsThatAreTied) {
    FsrnetOptions options = small();
    TensorMap published = first_weights(fsrnet_plan(options), 1);
    options.tied = true;
    const SrNetwork network = fsrnet(options);
    const TensorMap ours = network.renamed(published);
    const std::vector<Parameter> wanted = network.plan.parameters();
    ASSERT_EQ(ours.size(), wanted.size());
    for (const Parameter& parameter : wanted)
        EXPECT_EQ(ours.at(parameter.name).floats(), published.at(parameter.name).floats()) << parameter.name;
    EXPECT_TRUE(ours.contains("fsr_enc.res_blocks.2.layers.1.weight"));
    EXPECT_TRUE(ours.contains("pre_net.res_blocks.0.convBlock.2.weight")) << "blocks of other kinds stay";
}

}  // namespace
}  // namespace affectsr
