#include "affectsr/restore/parse_net.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/import_restorer.h"

namespace affectsr {
namespace {

ParseNetOptions small() {
    ParseNetOptions options;
    options.size_px = 32;
    options.least_px = 8;
    options.width = 4;
    options.blocks = 1;
    options.least_channels = 4;
    options.most_channels = 8;
    return options;
}

// facexlib's names: encoder.0 … encoder.4, body.0 … body.9, decoder.0 … decoder.3; four times smaller in between.
TEST(ParseNet, HasThePublishedLayers) {
    const FaceParsingNetwork network = parse_net({});
    const std::vector<ValueShape> shapes = network.plan.shapes(512, 512);
    EXPECT_EQ(shapes.back(), (ValueShape{19, 512, 512}));
    const TensorMap state = first_weights(network.plan, 1);
    EXPECT_EQ(state.at("encoder.0.conv2d.weight").shape(), (std::vector<std::int64_t>{64, 3, 3, 3}));
    EXPECT_EQ(state.at("encoder.1.shortcut_func.conv2d.bias").shape(), (std::vector<std::int64_t>{128}));
    EXPECT_EQ(state.at("encoder.4.conv2.norm.norm.running_var").shape(), (std::vector<std::int64_t>{256}));
    EXPECT_EQ(state.at("body.9.conv1.conv2d.weight").shape(), (std::vector<std::int64_t>{256, 256, 3, 3}));
    EXPECT_EQ(state.at("decoder.3.conv2.conv2d.weight").shape(), (std::vector<std::int64_t>{64, 64, 3, 3}));
    EXPECT_EQ(state.at("out_mask_conv.conv2d.weight").shape(), (std::vector<std::int64_t>{19, 64, 3, 3}));
    EXPECT_FALSE(state.contains("encoder.5.conv1.conv2d.weight"));
    EXPECT_FALSE(state.contains("encoder.1.conv1.conv2d.bias")) << "a batch norm follows";
    EXPECT_FALSE(state.contains("body.0.shortcut_func.conv2d.weight")) << "as many channels as before";
}

TEST(ParseNet, LeavesOutThePictureThatNobodyAsksFor) {
    const FaceParsingNetwork network = parse_net(small());
    TensorMap published = first_weights(network.plan, 1);
    const std::size_t own = published.size();
    published["out_img_conv.conv2d.bias"] = HostTensor::from_floats(std::vector<float>(3), {3});
    EXPECT_EQ(network.renamed(published).size(), own);
    ParseNetOptions options = small();
    const ImportedModel imported = import_face_parser("parse_net", to_json(options), published, "x.pth");
    EXPECT_EQ(imported.model.card.network, "parse_net");
}

TEST(ParseNet, RefusesSidesThatItCannotHalve) {
    ParseNetOptions odd = small();
    odd.size_px = 48;
    EXPECT_THROW(parse_net(odd), UsageError);
    odd.size_px = 8, odd.least_px = 16;
    EXPECT_THROW(parse_net(odd), UsageError) << "smaller than its body";
}

}  // namespace
}  // namespace affectsr
