#include "affectsr/train/covpool_faces.h"

#include <gtest/gtest.h>

#include "affectsr/base/test_folder.h"
#include "affectsr/learn/libtorch.h"
#include "affectsr/learn/tensor.h"
#include "affectsr/train/test_covpool.h"

namespace affectsr {
namespace {

/// Forty held-out faces, each a pixel that says its class and its size; every fourth has no label.
class Labelled : public SampleSource {
 public:
    std::uint64_t steps_per_epoch() const override { return 0; }
    Batch at(Position, Share) const override { return {}; }
    std::int64_t held_out_count() const override { return 40; }
    Batch held_out(std::int64_t first, std::int64_t count, int face_px) const override {
        const Tensor number = torch::arange(first, first + count);
        const Tensor label = number.remainder(kClasses);
        const Tensor known = number.remainder(4).ne(3).to(torch::kFloat).view({-1, 1});
        Batch batch{{}, count};
        batch.tensors["target.expression"] = torch::one_hot(label, kClasses) * known;
        batch.tensors["face"] =
            torch::stack({label.to(torch::kFloat), torch::full({count}, static_cast<float>(face_px))}, 1)
                .view({count, 2, 1, 1});
        return batch;
    }
    const Json& description() const override { return nothing_; }

    static constexpr std::int64_t kClasses = 7;

 private:
    Json nothing_;
};

TEST(CovpoolFaces, AccuracyIsThatOfTheLabelledFacesAtEachSize) {
    Recipe recipe;
    recipe.validation.sizes = {50, 13};
    std::int64_t read = 0;
    const Json figures = accuracy_by_size(Labelled(), recipe, [&read](const Tensor& faces) {
        read += faces.size(0);
        const Tensor label = faces.select(1, 0).flatten().to(torch::kLong);
        const Tensor right = torch::one_hot(label, Labelled::kClasses).to(torch::kFloat);
        const bool is_small = faces.select(1, 1).max().item<float>() < 20;
        const Tensor zeros = torch::zeros_like(right);
        return std::map<std::string, Tensor>{{"sure", right}, {"of_large", is_small ? zeros : right}};
    });
    EXPECT_EQ(read, 2 * 30) << "ten of the forty have no label";
    EXPECT_EQ(figures["sure"], (Json{{"50", 1.0}, {"13", 1.0}}));
    EXPECT_EQ(figures["of_large"]["50"], 1.0);
    EXPECT_EQ(figures["of_large"]["13"], 0.1333) << "who cannot tell says the first class, which four of thirty are";
}

TEST(CovpoolFaces, NothingIsSaidOfSizesWithoutLabels) {
    class Unlabelled : public Labelled {
        Batch held_out(std::int64_t first, std::int64_t count, int face_px) const override {
            Batch batch = Labelled::held_out(first, count, face_px);
            batch.tensors["target.expression"].zero_();
            return batch;
        }
    };
    const Json figures = accuracy_by_size(Unlabelled(), Recipe(), [](const Tensor&) {
        ADD_FAILURE() << "nobody may be asked about faces without a label";
        return std::map<std::string, Tensor>();
    });
    EXPECT_TRUE(figures.empty()) << figures.dump();
}

TEST(CovpoolFaces, DistancesAreSummedOverEverythingOfAFace) {
    const Tensor of_zeros = torch::zeros({2, 1, 2, 2}), other = torch::full({2, 1, 2, 2}, 3.0F);
    other[1].fill_(-1);
    EXPECT_TRUE(torch::equal(squared_distances(of_zeros, other), torch::tensor({36.0F, 4.0F})));
}

class CovpoolFacesTest : public OnCovpoolTest {};

TEST_F(CovpoolFacesTest, AreOpenedByNameAndRefusedForOtherNetworks) {
    EXPECT_EQ(open_covpool("covpool.safetensors", faces_.folder()).card.network, "covpool");
    ModelFile other;
    other.tensors["weight"] = HostTensor::from_floats(std::vector<float>{1}, {1});
    other.card.network = "small_net";
    other.save(faces_.folder() / "other.safetensors");
    const std::string why = refusal([&] { open_covpool("other.safetensors", faces_.folder()); });
    EXPECT_EQ(why.find("model_does_not_fit: "), 0u) << why;
    EXPECT_NE(why.find("holds a network \"small_net\"; a \"covpool\" is needed"), std::string::npos) << why;
}

TEST_F(CovpoolFacesTest, AModelMadeOfOneReadsAsItDoes) {
    ModelFile covpool = ModelFile::open(covpool_);
    const ModelFile made = made_of_covpool(covpool, "fsr_fer", {{"added", true}}, {});
    EXPECT_EQ(made.card.labels, covpool.card.labels);
    EXPECT_EQ(made.card.network, "fsr_fer");
    EXPECT_EQ(made.card.options, (Json{{"added", true}}));
    EXPECT_TRUE(made.tensors.empty());
}

}  // namespace
}  // namespace affectsr
