#include "affectsr/train/detection_targets.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

namespace affectsr {
namespace {

at::Tensor rows(std::vector<float> values, std::int64_t width) {
    return at::tensor(values).view({-1, width});
}

TEST(DetectionTargets, CellsGoStrideByStrideRowByRow) {
    const DetectionCells cells = cells_of({8, 16}, 16, 32);
    ASSERT_EQ(cells.stride.size(0), 8 + 2);
    EXPECT_TRUE(at::equal(cells.corner[5], at::tensor({8.0f, 8.0f})));
    EXPECT_TRUE(at::equal(cells.corner[9], at::tensor({16.0f, 0.0f})));
    EXPECT_EQ(cells.stride[9].item<float>(), 16);
}

TEST(DetectionTargets, OverlapAndItsLossAreAsByHand) {
    const at::Tensor a = rows({5, 5, 10, 10}, 4), b = rows({10, 5, 10, 10}, 4);
    EXPECT_NEAR(box_overlap(a, b).item<float>(), 50.0 / 150, 1e-6);
    // Around both: 15 × 10; centres 5 apart, sides equal.
    EXPECT_NEAR(eiou_loss(a, b).item<float>(), 1 - 50.0 / 150 + 25.0 / (225 + 100), 1e-5);
    EXPECT_NEAR(eiou_loss(a, a).item<float>(), 0, 1e-5);
    const at::Tensor wide = rows({5, 5, 20, 10}, 4);
    EXPECT_NEAR(eiou_loss(a, wide).item<float>(), 0.5 + 100.0 / 400, 1e-5);
}

/// Answers of all cells: no score, boxes of a stride around the cell's middle.
at::Tensor boxes_of(const DetectionCells& cells) {
    return at::cat({cells.corner + cells.stride.unsqueeze(1) / 2, cells.stride.unsqueeze(1).repeat({1, 2})}, 1);
}

TEST(DetectionTargets, AFaceIsAnsweredForByCellsAtIt) {
    const DetectionCells cells = cells_of({8}, 64, 64);
    const at::Tensor score = at::full({64}, 0.1), nobody = at::zeros({2, 4});
    const DetectionTargets targets = detection_targets(cells, score, boxes_of(cells), rows({20, 20, 8, 8}, 4), nobody);
    ASSERT_GE(targets.cells.size(0), 1);
    EXPECT_EQ(targets.faces.max().item<int>(), 0);
    for (std::int64_t i = 0; i < targets.cells.size(0); ++i) {
        const at::Tensor middle = cells.corner[targets.cells[i].item<std::int64_t>()] + 4;
        EXPECT_LE((middle - 24).abs().max().item<float>(), 20) << "within 2.5 strides";
    }
    EXPECT_TRUE(targets.counts.all().item<bool>());
}

TEST(DetectionTargets, ACellThatTwoFacesWantAnswersForOne) {
    const DetectionCells cells = cells_of({8}, 32, 32);
    const at::Tensor score = at::full({16}, 0.1);
    const DetectionTargets targets =
        detection_targets(cells, score, boxes_of(cells), rows({8, 8, 12, 12, 10, 10, 12, 12}, 4), at::zeros({0, 4}));
    EXPECT_EQ(std::get<0>(at::_unique(targets.cells)).size(0), targets.cells.size(0));
}

TEST(DetectionTargets, CellsInBoxesThatArePassedOverDoNotCountUnlessTheyAnswer) {
    const DetectionCells cells = cells_of({8}, 64, 64);
    const at::Tensor score = at::full({64}, 0.1);
    const DetectionTargets nobody =
        detection_targets(cells, score, boxes_of(cells), at::zeros({0, 4}), rows({0, 0, 16, 16, 0, 0, 0, 0}, 4));
    EXPECT_EQ(nobody.cells.size(0), 0);
    EXPECT_EQ((~nobody.counts).sum().item<int>(), 4) << "four cells lie in the box";
    const DetectionTargets somebody =
        detection_targets(cells, score, boxes_of(cells), rows({0, 0, 8, 8}, 4), rows({0, 0, 16, 16}, 4));
    EXPECT_TRUE(somebody.counts.index_select(0, somebody.cells).all().item<bool>());
}

TEST(DetectionTargets, AnswersAreDecodedAsTheDetectorDoes) {
    const DetectionCells cells = cells_of({8}, 16, 16);
    std::map<std::string, at::Tensor> outputs{{"class_8", at::full({1, 1, 2, 2}, 0.9)},
                                              {"object_8", at::full({1, 1, 2, 2}, 0.4)},
                                              {"box_8", at::zeros({1, 4, 2, 2})},
                                              {"points_8", at::full({1, 10, 2, 2}, 0.5)}};
    outputs["box_8"][0][0][1][1] = 0.25;
    outputs["box_8"][0][2][1][1] = std::log(2.0);
    const DetectionAnswers answers = answers_of(outputs, {8}, cells);
    EXPECT_TRUE(at::allclose(answers.box[0][3], at::tensor({10.0f, 8.0f, 16.0f, 8.0f})));
    EXPECT_TRUE(at::allclose(answers.points[0][3], at::full({10}, 12.0)));
    EXPECT_NEAR(answers.object_score[0][2].item<float>(), 0.4, 1e-6);
}

}  // namespace
}  // namespace affectsr
