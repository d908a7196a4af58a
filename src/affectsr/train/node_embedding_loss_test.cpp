#include "affectsr/train/node_embedding_loss.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/train/test_restored_faces.h"

namespace affectsr {
namespace {

class NodeEmbeddingLossTest : public ::testing::Test {
 protected:
    RestoredFaces faces_of(std::int64_t count) {
        RestoredFaces faces = noisy_faces(count);
        faces.learner = &learner_;
        return faces;
    }
    TestLossSetting test_;
    PlanModule learner_{test_.network.plan, 5};
    std::unique_ptr<RestorationLoss> loss_ = make_node_embedding_loss({}, test_.setting);
};

TEST_F(NodeEmbeddingLossTest, TeachesThePictureAndNotTheGraph) {
    RestoredFaces faces = faces_of(2);
    const at::Tensor apart = loss_->of(faces);
    EXPECT_GT(apart.item<double>(), 0);
    apart.backward();
    EXPECT_GT(faces.sr.grad().abs().sum().item<double>(), 0);
    EXPECT_TRUE(faces.sr.grad().isfinite().all().item<bool>());
    for (const at::Tensor& parameter : learner_.parameters()) EXPECT_FALSE(parameter.grad().defined());
    RestoredFaces equal = with_restored(faces, faces.hr);
    EXPECT_EQ(loss_->of(equal).item<double>(), 0);
}

TEST_F(NodeEmbeddingLossTest, IsOfTheNetworkAsItIsNow) {
    RestoredFaces faces = faces_of(1);
    const double before = loss_->of(faces).item<double>();
    {
        const torch::NoGradGuard no_grad;
        const auto named = learner_.named_parameters();
        named["gcn.layers.3.weight"].mul_(2);
        named["gcn.layers.3.bias"].mul_(2);
    }
    EXPECT_NEAR(loss_->of(faces).item<double>(), 4 * before, 1e-3 * before);
}

TEST_F(NodeEmbeddingLossTest, LooksWhereTheFaceLies) {
    RestoredFaces faces = faces_of(1);
    const double here = loss_->of(faces).item<double>();
    // Pictures and landmarks moved by two pixels of the small face; what the crop shows is the same but at the border.
    faces.sr = faces.sr.detach().roll({8, 8}, {2, 3});
    faces.hr = faces.hr.roll({8, 8}, {2, 3});
    const double away = loss_->of(faces).item<double>();
    faces.mesh.slice(1, 0, 2).add_(2);
    const double followed = loss_->of(faces).item<double>();
    EXPECT_LT(std::abs(followed - here), 0.3 * std::abs(away - here)) << here << " " << away << " " << followed;
}

TEST_F(NodeEmbeddingLossTest, FacesWithoutLandmarksDoNotCount) {
    RestoredFaces faces = faces_of(3);
    const double all = loss_->of(faces).item<double>();
    RestoredFaces first = faces_of(3);
    first.mesh.slice(0, 1).fill_(kNowherePx);
    RestoredFaces others = faces_of(3);
    others.mesh.slice(0, 0, 1).fill_(kNowherePx);
    EXPECT_NEAR((loss_->of(first).item<double>() + 2 * loss_->of(others).item<double>()) / 3, all, 1e-3 * all);
    first.mesh.fill_(kNowherePx);
    EXPECT_EQ(loss_->of(first).item<double>(), 0);
}

TEST_F(NodeEmbeddingLossTest, WantsAGraphAndSomebodyWhoFindsLandmarks) {
    RestorationLossOptions options;
    options.model = "small_net";
    EXPECT_THROW(make_node_embedding_loss(options, test_.setting), UsageError);
    options = {};
    options.network = "vgg";
    EXPECT_THROW(make_node_embedding_loss(options, test_.setting), UsageError);
    AffectsrNetOptions plain = small_affectsr_net();
    plain.graph = false;
    const SrNetwork network = affectsr_net(plain);
    LossSetting setting{network, "", 64};
    EXPECT_THROW(make_node_embedding_loss({}, setting), UsageError);
}

}  // namespace
}  // namespace affectsr
