#include "affectsr/metric/detection_score.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "affectsr/face/overlap.h"

namespace affectsr {

int DetectionScore::class_of(double width_px) const {
    int found = -1;
    for (const int edge : options_.edges_px) found += width_px >= edge;
    return found;
}

void DetectionScore::add(std::span<const MarkedFace> marked, std::span<const Face> found) {
    ++photos_;
    std::vector<bool> ignored(marked.size()), taken(marked.size());
    for (std::size_t i = 0; i < marked.size(); ++i) {
        const int width = class_of(double{marked[i].box_in_photo.width});
        ignored[i] = marked[i].ignore || width < 0;
        if (!ignored[i]) ++faces_[static_cast<std::size_t>(width)];
    }
    std::vector<std::size_t> order(found.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return found[a].score > found[b].score; });
    for (const std::size_t k : order) {
        const Box& box = found[k].box_in_photo;
        double best = 0;
        std::size_t of = marked.size();
        bool excused = false;
        for (std::size_t i = 0; i < marked.size(); ++i) {
            const double overlap = overlap_of(box, marked[i].box_in_photo);
            if (ignored[i])
                excused = excused || overlap >= options_.least_overlap || cover_of(box, marked[i].box_in_photo) > 0.5;
            else if (!taken[i] && overlap >= options_.least_overlap && overlap > best)
                best = overlap, of = i;
        }
        const int own = std::max(class_of(double{box.width}), 0);
        if (of < marked.size()) {
            taken[of] = true;
            answers_.push_back({found[k].score, class_of(double{marked[of].box_in_photo.width}), own});
        } else if (!excused) {
            answers_.push_back({found[k].score, -1, own});
        }
    }
}

DetectionFigures DetectionScore::figures_of(int first, int last) const {
    DetectionFigures figures;
    for (int i = first; i <= last; ++i) figures.faces += faces_[static_cast<std::size_t>(i)];
    std::vector<Answer> answers;
    for (const Answer& answer : answers_) {
        const int belongs = answer.truth >= 0 ? answer.truth : answer.own;
        if (belongs < first || belongs > last) continue;
        answers.push_back(answer);
        if (double{answer.score} < options_.least_score) continue;
        ++(answer.truth >= 0 ? figures.found : figures.false_faces);
    }
    std::stable_sort(answers.begin(), answers.end(),
                     [](const Answer& a, const Answer& b) { return a.score > b.score; });
    if (figures.faces == 0) {
        figures.average_precision = std::numeric_limits<double>::quiet_NaN();
        return figures;
    }
    // Precision where each face is found, made to fall: the best that is still reached further on.
    std::vector<double> precision;
    double hits = 0;
    for (std::size_t i = 0; i < answers.size(); ++i)
        if (answers[i].truth >= 0) precision.push_back(++hits / static_cast<double>(i + 1));
    double best = 0;
    for (std::size_t i = precision.size(); i-- > 0;) {
        best = std::max(best, precision[i]);
        figures.average_precision += best / static_cast<double>(figures.faces);
    }
    return figures;
}

std::vector<DetectionFigures> DetectionScore::figures() const {
    std::vector<DetectionFigures> lines;
    const auto classes = static_cast<int>(options_.edges_px.size());
    for (int i = 0; i < classes; ++i) {
        lines.push_back(figures_of(i, i));
        const auto at = static_cast<std::size_t>(i);
        lines.back().width =
            i + 1 < classes ? std::to_string(options_.edges_px[at]) + "-" + std::to_string(options_.edges_px[at + 1])
                            : std::to_string(options_.edges_px[at]) + "+";
    }
    lines.push_back(figures_of(0, classes - 1));
    lines.back().width = "all";
    return lines;
}

}  // namespace affectsr
