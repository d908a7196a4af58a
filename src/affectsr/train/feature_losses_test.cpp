#include "affectsr/train/feature_losses.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/train/test_restored_faces.h"

namespace affectsr {
namespace {

TEST(FeatureLosses, AGramMatrixSaysWhichChannelsGoTogether) {
    const Tensor features = torch::tensor({1.F, 2.F, 0.F, 3.F}).view({1, 2, 1, 2});  // channels (1, 2) and (0, 3)
    EXPECT_TRUE(torch::allclose(gram_matrices(features), torch::tensor({5.F, 6.F, 6.F, 9.F}).view({1, 2, 2}) / 4));
    EXPECT_NEAR(style_distance(features, features.flip(3)).item<double>(), 0, 1e-9) << "a style is of no place";
    EXPECT_NEAR(style_distance(features, torch::zeros_like(features)).item<double>(), (25 + 36 + 36 + 81) / 16.0, 1e-5);
    EXPECT_NEAR(feature_distance(features, features.flip(3)).item<double>(), (1 + 1 + 9 + 9) / 4.0, 1e-6);
}

TEST(FeatureLosses, AreNothingForEqualFacesAndTeachOthers) {
    for (const auto make : {make_perceptual_loss, make_style_loss}) {
        TestLossSetting test;
        const auto loss = make({}, test.setting);
        RestoredFaces faces = noisy_faces(2);
        const Tensor apart = loss->of(faces);
        EXPECT_GT(apart.item<double>(), 0);
        apart.backward();
        EXPECT_GT(faces.sr.grad().abs().sum().item<double>(), 0);
        RestoredFaces equal = with_restored(faces, faces.hr);
        const Tensor nothing = loss->of(equal);
        EXPECT_EQ(nothing.item<double>(), 0);
        nothing.backward();
        EXPECT_EQ(equal.sr.grad().abs().sum().item<double>(), 0) << "and finite";
    }
}

TEST(FeatureLosses, LookThroughOneNetworkTogether) {
    TestLossSetting test;
    const auto perceptual = make_perceptual_loss({}, test.setting), style = make_style_loss({}, test.setting);
    RestorationLossOptions deep;
    deep.layers = {"stage3"};
    const auto other = make_style_loss(deep, test.setting);
    EXPECT_EQ(test.setting.shared.size(), 2u);
    RestoredFaces faces = noisy_faces(1);
    perceptual->of(faces);
    style->of(faces);
    EXPECT_EQ(faces.seen.size(), 1u) << "the faces were looked at once";
    EXPECT_EQ(faces.seen.begin()->second.sr.size(), 4u);
    EXPECT_FALSE(faces.seen.begin()->second.hr.at("stem").requires_grad());
    other->of(faces);
    EXPECT_EQ(faces.seen.size(), 2u);
    EXPECT_EQ(perceptual->stands_on()["name"], "small_net");
}

TEST(FeatureLosses, SeeFacesAtTheSizeThatIsAskedFor) {
    RestorationLossOptions options;
    options.layers = {"stem"};
    for (const auto& [px, side] : {std::pair{0, 32}, std::pair{48, 24}}) {
        options.input_px = px;
        TestLossSetting test;
        FrozenFeatures features(options, test.setting);
        RestoredFaces faces = noisy_faces(1);
        EXPECT_EQ(features.of(faces).sr.at("stem").size(3), side);
    }
}

TEST(FeatureLosses, RefuseWhatCannotBeLookedAt) {
    TestLossSetting test;
    const auto refused = [&](const char* key, const Json& value) {
        return affectsr::from_json<RestorationLossOptions>({{key, value}}, "test");
    };
    EXPECT_THROW(make_style_loss(refused("layers", {"stage9"}), test.setting), UsageError);
    EXPECT_THROW(make_style_loss(refused("model", "nobody"), test.setting), ModelError);
    EXPECT_THROW(make_style_loss(refused("model", "small_face_net"), test.setting), ModelError);
    EXPECT_THROW(make_style_loss(refused("network", "huge_net"), test.setting), UsageError);
    RestorationLossOptions hidden = refused("model", "landmark_net");
    hidden.layers = {"hidden"};
    hidden.input_px = 48;
    EXPECT_THROW(make_perceptual_loss(hidden, test.setting), UsageError) << "that layer has seen 64 px";
    hidden.input_px = 64;
    EXPECT_NO_THROW(make_perceptual_loss(hidden, test.setting));
}

}  // namespace
}  // namespace affectsr
