#include "affectsr/train/picture_tensors.h"

#include <gtest/gtest.h>

#include "affectsr/image/resize.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/tensor.h"

namespace affectsr {
namespace {

/// Pictures whose values are not rounded: [n, c, s, s].
at::Tensor some_pictures(int channels, int px) {
    torch::manual_seed(4);
    return torch::rand({2, channels, px, px});
}

TEST(PictureTensors, AreResizedAsPicturesAre) {
    for (const auto& [from, to] : {std::pair{20, 7}, std::pair{7, 20}, std::pair{48, 48}}) {
        const at::Tensor pictures = some_pictures(3, from), made = bicubic_resized(pictures, to);
        ASSERT_EQ(made.sizes().vec(), (std::vector<std::int64_t>{2, 3, to, to}));
        const at::Tensor plane = pictures[1][2].contiguous();
        const std::vector<float> expected = resize_plane(
            {plane.data_ptr<float>(), static_cast<std::size_t>(from * from)}, {from, from}, {to, to}, Filter::bicubic);
        EXPECT_TRUE(torch::allclose(made[1][2].flatten(), torch::tensor(expected), 1e-4, 1e-5)) << from << " to " << to;
    }
}

TEST(PictureTensors, TheirLumaIsThatOfPictures) {
    Image picture(3, 3);
    for (std::size_t i = 0; i < picture.rgb.size(); ++i) picture.rgb[i] = static_cast<std::uint8_t>(9 * i);
    EXPECT_TRUE(torch::allclose(in_channels(to_tensor(picture), 1), to_tensor(picture, 1), 1e-5, 1e-6));
    EXPECT_TRUE(in_channels(to_tensor(picture), 3).equal(to_tensor(picture)));
}

TEST(PictureTensors, LetGradientsThrough) {
    const at::Tensor pictures = some_pictures(3, 12).requires_grad_(true);
    in_channels(bicubic_resized(pictures, 5), 1).sum().backward();
    // Every sample of an axis of 12 is shared out; what was 144 pixels counts 25, by the weights of red, green, blue.
    EXPECT_NEAR(pictures.grad()[0][0].sum().item<double>(), 25 * 0.299, 1e-3);
    EXPECT_GT(pictures.grad().abs().min().item<double>(), 0);
}

}  // namespace
}  // namespace affectsr
