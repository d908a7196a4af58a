#include "affectsr/train/restoration_losses.h"

#include <gtest/gtest.h>

#include "affectsr/base/error.h"
#include "affectsr/train/test_restored_faces.h"

namespace affectsr {
namespace {

RestorationLossOptions term(const std::string& name, double weight = 1, double from = 0) {
    RestorationLossOptions options;
    options.name = name;
    options.weight = weight;
    options.from = from;
    return options;
}

TEST(RestorationLosses, EveryKindOfTheCatalogIsMadeAndFallsForEqualFaces) {
    for (const RestorationLossKind& kind : restoration_loss_catalog()) {
        TestLossSetting test;
        PlanModule learner(test.network.plan, 5);
        RestorationLosses losses({term("l1"), term(kind.name)}, test.setting);
        RestoredFaces faces = noisy_faces(2);
        faces.learner = &learner;
        RestoredFaces equal = with_restored(faces, faces.hr);
        EXPECT_GT(losses.of(1, faces).item<double>(), 10 * losses.of(1, equal).item<double>()) << kind.name;
        EXPECT_FALSE(kind.source.empty());
    }
}

TEST(RestorationLosses, EachCountsFromItsTimeOn) {
    TestLossSetting test;
    const RestorationLosses losses({term("l1"), term("l2", 1, 0.75)}, test.setting);
    EXPECT_TRUE(losses.counts(0, 0));
    EXPECT_FALSE(losses.counts(1, 0.74));
    EXPECT_TRUE(losses.counts(1, 0.75));
}

TEST(RestorationLosses, TellTheModelsThatTheyLookThrough) {
    TestLossSetting test;
    RestorationLossOptions other = term("style");
    other.layers = {"stem"};
    const Json models =
        RestorationLosses({term("l1"), term("style"), other, term("node_embedding")}, test.setting).stands_on();
    EXPECT_EQ(models.size(), 3u);
    EXPECT_EQ(models["style"]["name"], "small_net");
    EXPECT_EQ(models["style 2"], models["style"]);
    EXPECT_EQ(models["node_embedding"]["name"], "landmark_net");
}

TEST(RestorationLosses, RefuseWhatCannotBeMinimised) {
    TestLossSetting test;
    const auto made = [&](std::vector<RestorationLossOptions> options) {
        return RestorationLosses(std::move(options), test.setting).size();
    };
    EXPECT_THROW(made({}), UsageError);
    EXPECT_THROW(made({term("hinge")}), UsageError);
    EXPECT_THROW(made({term("l1", 0), term("style", 1, 0.5)}), UsageError) << "nothing would be learned at first";
    RestorationLossOptions looking = term("l1");
    looking.model = "small_net";
    EXPECT_THROW(made({looking}), UsageError);
}

}  // namespace
}  // namespace affectsr
