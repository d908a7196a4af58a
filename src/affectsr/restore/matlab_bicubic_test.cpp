#include "affectsr/restore/matlab_bicubic.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include "affectsr/image/resize.h"

namespace affectsr {
namespace {

TEST(MatlabBicubic, IsTheResizeOfPictures) {
    torch::manual_seed(1);
    for (const ImageSize to : {ImageSize{20, 28}, ImageSize{5, 7}, ImageSize{15, 3}}) {
        const Tensor picture = torch::rand({1, 1, 7, 5});
        const Tensor ours = matlab_bicubic(picture, to.height, to.width);
        ASSERT_EQ(ours.sizes().vec(), (std::vector<std::int64_t>{1, 1, to.height, to.width}));
        const std::vector<float> expected = resize_plane({picture.data_ptr<float>(), 35}, {5, 7}, to, Filter::bicubic);
        const Tensor flat = ours.contiguous();
        for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(flat.data_ptr<float>()[i], expected[i], 1e-5);
    }
}

}  // namespace
}  // namespace affectsr
