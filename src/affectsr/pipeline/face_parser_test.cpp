#include "affectsr/pipeline/face_parser.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {
namespace {

/// A parser that takes every pixel for the class `label`: nothing but the last layer's bias decides.
ModelFile parser_of(int label) {
    ParseNetOptions options;
    options.size_px = 64;
    options.least_px = 32;
    options.width = 4;
    options.blocks = 1;
    options.least_channels = 4;
    options.most_channels = 8;
    ModelFile file;
    file.card.network = "parse_net";
    file.card.options = to_json(options);
    file.tensors = first_weights(parse_net(options).plan, 1);
    std::vector<float> bias(19, 0);
    bias.at(static_cast<std::size_t>(label)) = 1e6F;
    file.tensors["out_mask_conv.conv2d.bias"] = HostTensor::from_floats(bias, {19});
    return file;
}

TEST(FaceParser, TellsSkinFromBackground) {
    const TemporaryFolder folder;
    const Image face(128, 128, 90);
    for (const auto& [label, wanted] : {std::pair{1, 1.0F}, {0, 0.0F}}) {
        const std::filesystem::path path = folder.path() / ("parser" + std::to_string(label) + ".safetensors");
        parser_of(label).save(path);
        const std::vector<float> parts = FaceParser(path, "f32").soft_parts_of(face);
        ASSERT_EQ(parts.size(), 128U * 128U) << "as large as the face, whatever the network's size";
        EXPECT_NEAR(parts[64 * 128 + 64], wanted, 0.02) << "class " << label;
        EXPECT_NEAR(parts[0], 0, 0.02) << "the outermost pixels are never the face";
    }
}

TEST(FaceParser, RefusesOtherFiles) {
    const TemporaryFolder folder;
    EXPECT_THROW(FaceParser(folder.path() / "none.safetensors", "f32"), ModelError);
    ModelFile other = parser_of(1);
    other.card.network = "edsr";
    other.save(folder.path() / "edsr.safetensors");
    EXPECT_THROW(FaceParser(folder.path() / "edsr.safetensors", "f32"), ModelError);
    ModelFile less = parser_of(1);
    less.tensors.erase("encoder.0.conv2d.weight");
    less.save(folder.path() / "less.safetensors");
    EXPECT_THROW(FaceParser(folder.path() / "less.safetensors", "f32"), ModelError);
    parser_of(1).save(folder.path() / "parser.safetensors");
    EXPECT_THROW(FaceParser(folder.path() / "parser.safetensors", "f32").soft_parts_of(Image(64, 32)), Bug);
}

}  // namespace
}  // namespace affectsr
