#include "affectsr/experiment/picture_features.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/base/temporary_folder.h"
#include "affectsr/classify/feature_network.h"
#include "affectsr/image/test_stripes.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr {
namespace {

constexpr int kSidePx = 64;

/// The smallest of the networks with weights that mean nothing, in a file as others publish them.
class PictureFeaturesTest : public ::testing::Test {
 protected:
    void SetUp() override {
        const Plan plan =
            find(feature_network_catalog(), "squeezenet10", "feature network").make({{"input_px", kSidePx}})->plan;
        TensorMap weights = first_weights(plan, 1);
        weights["conv_final.bias"] = HostTensor::from_floats(std::vector<float>(1000), {1000});
        write("backbone.safetensors", weights);
    }
    void write(const char* name, const TensorMap& tensors) const { write_safetensors(folder_ / name, {tensors, {}}); }
    PictureFeatures features(const std::string& heads = "") const {
        return {"squeezenet10", folder_ / "backbone.safetensors", heads.empty() ? "" : (folder_ / heads).string(),
                kSidePx};
    }
    TemporaryFolder folder_;
    const Image one_ = stripes(kSidePx, kSidePx, 1), other_ = Image(kSidePx, kSidePx, 90);
};

TEST_F(PictureFeaturesTest, EqualPicturesAreNotApartAndOthersAre) {
    const PictureFeatures net = features();
    EXPECT_FALSE(net.weighted());
    EXPECT_EQ(net.distance(net.see(one_), net.see(one_)), 0);
    EXPECT_GT(net.distance(net.see(one_), net.see(other_)), 0.01);
    EXPECT_THROW(net.see(Image(kSidePx, kSidePx - 1)), Bug);
}

TEST_F(PictureFeaturesTest, MeansAreThoseOfTheLastLayer) {
    const PictureFeatures net = features();
    const std::vector<float> last = net.see(one_).back(), means = net.means(net.see(one_));
    ASSERT_EQ(means.size(), 512U);
    double sum = 0;
    for (std::size_t i = 0; i < last.size() / 512; ++i) sum += static_cast<double>(last[i]);
    EXPECT_NEAR(static_cast<double>(means[0]), sum / static_cast<double>(last.size() / 512), 1e-5);
}

TEST_F(PictureFeaturesTest, HeadsWeighTheChannels) {
    TensorMap heads;
    int layer = 0;
    for (const std::int64_t channels : {96, 256, 512, 512}) {
        const std::vector<float> half(static_cast<std::size_t>(channels), 0.5F);
        heads["lin" + std::to_string(layer++) + ".model.1.weight"] = HostTensor::from_floats(half, {1, channels, 1, 1});
    }
    write("heads.safetensors", heads);
    const PictureFeatures plain = features(), weighted = features("heads.safetensors");
    EXPECT_TRUE(weighted.weighted());
    const double distance = plain.distance(plain.see(one_), plain.see(other_));
    EXPECT_NEAR(weighted.distance(plain.see(one_), plain.see(other_)), distance / 2, 1e-9);
}

TEST_F(PictureFeaturesTest, RefusesWeightsOfAnotherNetwork) {
    EXPECT_THROW(features("backbone.safetensors"), ModelError) << "no heads";
    EXPECT_THROW(PictureFeatures("alex", folder_ / "backbone.safetensors", "", kSidePx), ModelError);
    EXPECT_THROW(PictureFeatures("nobody", folder_ / "backbone.safetensors", "", kSidePx), UsageError);
}

}  // namespace
}  // namespace affectsr
