// How well faces are found: recall, false faces and average precision by how wide the faces are.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "affectsr/face/marked_face.h"

namespace affectsr {

/// What counts as found.
struct DetectionScoreOptions {
    double least_overlap = 0.4;  ///< intersection over union of a found box with a marked one
    double least_score = 0.7;    ///< recall and false faces count faces of at least this score; precision's curve all
    /// Faces are told apart by the width of their marked box, in pixels: [edge, next edge), the last without an end.
    /// Marked faces under the first edge are ignored.
    std::vector<int> edges_px = {8, 12, 16, 24, 32, 64};
};

/// The figures of one class of widths, or of all.
struct DetectionFigures {
    std::string width;             ///< "8-12", "64+", "all"
    std::int64_t faces = 0;        ///< marked, those to be ignored not counted
    std::int64_t found = 0;        ///< of them, with a score of at least least_score
    std::int64_t false_faces = 0;  ///< found where none is marked, with such a score; classed by their own width
    double average_precision = 0;  ///< area under precision over recall, all scores; NaN without a face
    double recall() const { return faces == 0 ? 0 : static_cast<double>(found) / static_cast<double>(faces); }
};

/// Gathers photographs, then tells the figures. Found faces take marked ones in the order of their scores, each the
/// free one that it overlaps most; who overlaps an ignored face at least as much as least_overlap asks, or covers or is
/// covered by it to more than half, counts neither as found nor as false. Source: Everingham et al. 2010,
/// doi:10.1007/s11263-009-0275-4, sec. 4.2, with the area under the whole curve. Not thread-safe.
class DetectionScore {
 public:
    explicit DetectionScore(const DetectionScoreOptions& options) : options_(options) {}
    /// Boxes of one photograph, all in the same pixels.
    void add(std::span<const MarkedFace> marked, std::span<const Face> found);
    /// A line for every class of widths, then one for all.
    std::vector<DetectionFigures> figures() const;
    std::int64_t photos() const { return photos_; }

 private:
    struct Answer {
        float score;
        int truth;  ///< class of widths of the face that it found; −1: a false face
        int own;    ///< class of its own width
    };
    int class_of(double width_px) const;  ///< −1: under the first edge
    DetectionFigures figures_of(int first, int last) const;

    DetectionScoreOptions options_;
    std::vector<Answer> answers_;
    std::vector<std::int64_t> faces_ = std::vector<std::int64_t>(options_.edges_px.size());
    std::int64_t photos_ = 0;
};

}  // namespace affectsr
