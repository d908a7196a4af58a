// A network that finds faces before it has weights: pure data.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "affectsr/face/face.h"
#include "affectsr/plan/plan.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// A network that asks of every cell of some grids whether a face is centred near it, and where (anchor-free). A value;
/// safe to share.
struct DetectionNetwork {
    /// Input "in" [n, 3, h, w]: red, green, blue in [0, 1]. For every stride s, four outputs of [n, …, h/s, w/s]:
    /// "class_s" and "object_s", 1 channel each in [0, 1], whose geometric mean is the score; "box_s", 4: centre from
    /// the cell's corner and logarithm of the sides, in cells; "points_s", 10: x and y of five points from the cell's
    /// corner, in cells, the viewer's left eye first (Landmarks).
    Plan plan;
    std::vector<int> strides;  ///< pixels of "in" a cell
    int multiple = 1;          ///< the sides of "in" are multiples of this
    /// Weights as others publish them, under the names of the plan; what is not known keeps its name. Empty: they have
    /// the same names.
    std::function<TensorMap(TensorMap)> rename_published = nullptr;

    /// rename_published, where there is one.
    TensorMap renamed(TensorMap published) const {
        return rename_published ? rename_published(std::move(published)) : std::move(published);
    }
};

/// What one stride's outputs say of one picture.
struct DetectionGrid {
    int stride = 1;
    int width = 0, height = 0;                                      ///< in cells
    std::span<const float> class_score, object_score, box, points;  ///< as DetectionNetwork::plan's outputs
};

/// The faces of a grid whose score is at least `least_score`, in pixels of the network's input: boxes from its outer
/// edge, points from the centre of its first pixel. In the order of the cells; overlaps are not looked at. Numbers that
/// are not finite are no face. Source: Wu et al. 2023, doi:10.1007/s11633-023-1423-y, sec. 3; libfacedetection.train's
/// yunet_head.
std::vector<Face> faces_of(const DetectionGrid& grid, double least_score);

}  // namespace affectsr
