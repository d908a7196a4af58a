// Which cells of a detection network should have found which face.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

namespace affectsr {

/// All cells of a network's grids in a row, stride by stride, row by row.
struct DetectionCells {
    at::Tensor corner;  ///< [cells, 2], x and y of the upper left corner in pixels
    at::Tensor stride;  ///< [cells]
};
DetectionCells cells_of(const std::vector<int>& strides, int height, int width);

/// A network's answers for n pictures, cell by cell, in pixels.
struct DetectionAnswers {
    at::Tensor class_score, object_score;  ///< [n, cells], 0 to 1
    at::Tensor box;                        ///< [n, cells, 4]: centre x, centre y, width, height
    at::Tensor points;                     ///< [n, cells, 10]
};
/// From the outputs of a DetectionNetwork, with their gradients.
DetectionAnswers answers_of(const std::map<std::string, at::Tensor>& outputs, const std::vector<int>& strides,
                            const DetectionCells& cells);

/// For one picture: which cells are to answer for which face.
struct DetectionTargets {
    at::Tensor cells;    ///< [k] indices of cells
    at::Tensor faces;    ///< [k] of which face
    at::Tensor overlap;  ///< [k] intersection over union of the cell's box with it, as it is
    at::Tensor counts;   ///< [cells] bool: false for cells in boxes that are passed over, unless they answer for a face
};

/// SimOTA (Ge et al. 2021, arXiv:2107.08430, sec. 2.3): of the cells whose centre lies in a face's box or within 2.5
/// strides of its centre, each face takes those of least cost, as many as the overlaps of its ten best add up to, at
/// least one; a cell that several want goes to the face of least cost. The cost is the cross-entropy of the score plus
/// 3 times −log of the overlap, plus 10⁵ outside of box and centre. `boxes` [f, 4] are the true x, y, width, height,
/// `passed_over` [p, 4] likewise, sides of 0 mean nothing. No gradients.
DetectionTargets detection_targets(const DetectionCells& cells, const at::Tensor& score, const at::Tensor& answered,
                                   const at::Tensor& boxes, const at::Tensor& passed_over);

/// Intersection over union of boxes given as centre x, centre y, width, height, [..., 4] each, broadcast.
at::Tensor box_overlap(const at::Tensor& a, const at::Tensor& b);

/// 1 − EIoU of such boxes, [k, 4] each: overlap, distance of the centres and differences of the sides, each in shares
/// of the smallest box around both (Zhang et al. 2022, arXiv:2101.08158, eq. 7). [k].
at::Tensor eiou_loss(const at::Tensor& answered, const at::Tensor& truth);

}  // namespace affectsr
