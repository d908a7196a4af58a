#include "affectsr/learn/tensor.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <limits>

#include "affectsr/base/error.h"

namespace affectsr {
namespace {

Image coloured() {
    Image picture(2, 1);
    picture.rgb = {255, 0, 51, 10, 20, 30};
    return picture;
}

TEST(Tensor, PutsRedFirstAndWhiteAtOne) {
    const Tensor t = to_tensor(coloured());
    ASSERT_EQ(t.sizes().vec(), (std::vector<std::int64_t>{1, 3, 1, 2}));
    EXPECT_FLOAT_EQ(t[0][0][0][0].item<float>(), 1);
    EXPECT_FLOAT_EQ(t[0][1][0][0].item<float>(), 0);
    EXPECT_FLOAT_EQ(t[0][2][0][0].item<float>(), 0.2f);
    EXPECT_FLOAT_EQ(t[0][1][0][1].item<float>(), 20.0f / 255);
}

TEST(Tensor, OneChannelIsLuma) {
    const Tensor t = to_tensor(coloured(), 1);
    EXPECT_NEAR(t[0][0][0][1].item<float>() * 255, 0.299 * 10 + 0.587 * 20 + 0.114 * 30, 1e-3);
}

TEST(Tensor, ComesBackAsTheSamePicture) {
    EXPECT_EQ(to_image(to_tensor(coloured())[0]), coloured());
}

TEST(Tensor, ValuesOutsideAreClampedAndNotANumberIsBlack) {
    Tensor t = at::zeros({1, 1, 3});
    t[0][0][0] = 2;
    t[0][0][1] = -1;
    t[0][0][2] = std::numeric_limits<float>::quiet_NaN();
    const Image picture = to_image(t);
    EXPECT_EQ(picture.rgb, (std::vector<std::uint8_t>{255, 255, 255, 0, 0, 0, 0, 0, 0}));
}

TEST(Tensor, PicturesOfABatchHaveOneSize) {
    const std::vector<Image> pictures{Image(2, 2), Image(2, 3)};
    EXPECT_THROW(to_tensor(pictures), Bug);
    EXPECT_THROW(to_tensor(std::span<const Image>{}), Bug);
}

TEST(Tensor, HostCopiesKeepTypeShapeAndValues) {
    const Tensor t = at::arange(6, at::kFloat).view({2, 3}).to(at::kBFloat16);
    const HostTensor host = to_host(t);
    EXPECT_EQ(host.type(), DType::bf16);
    EXPECT_TRUE(at::equal(to_tensor(host), t));
}

}  // namespace
}  // namespace affectsr
