#include "affectsr/detect/grouping.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

#include "affectsr/face/overlap.h"

namespace affectsr {

namespace {

constexpr float kSimilarity = 0.2F;  // groupRectangles' customary eps

bool similar(const Box& a, const Box& b) {
    const float delta = kSimilarity * std::min(a.width, b.width);
    return std::abs(a.x - b.x) <= delta && std::abs(a.y - b.y) <= delta &&
           std::abs(a.x + a.width - b.x - b.width) <= delta && std::abs(a.y + a.height - b.y - b.height) <= delta;
}

/// Who belongs together: every element points towards the first of its set.
class Sets {
 public:
    explicit Sets(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), std::size_t{0}); }
    std::size_t find(std::size_t i) {
        while (parent_[i] != i) i = parent_[i] = parent_[parent_[i]];
        return i;
    }
    void join(std::size_t a, std::size_t b) {
        a = find(a), b = find(b);
        parent_[std::max(a, b)] = std::min(a, b);
    }

 private:
    std::vector<std::size_t> parent_;
};

/// The mean of some faces, weighted by their scores, with the first one's score.
Face weighted_mean(std::span<const Face> faces) {
    Face mean = faces[0];
    double total = 0;
    for (const Face& face : faces) total += double{face.score};
    const auto mean_of = [&](auto value) {
        double sum = 0;
        for (const Face& face : faces) sum += double{face.score} * double{value(face)};
        return static_cast<float>(sum / total);
    };
    Box& box = mean.box_in_photo;
    box.x = mean_of([](const Face& face) { return face.box_in_photo.x; });
    box.y = mean_of([](const Face& face) { return face.box_in_photo.y; });
    box.width = mean_of([](const Face& face) { return face.box_in_photo.width; });
    box.height = mean_of([](const Face& face) { return face.box_in_photo.height; });
    for (std::size_t i = 0; i < mean.landmarks_in_photo.size(); ++i) {
        mean.landmarks_in_photo[i].x = mean_of([i](const Face& face) { return face.landmarks_in_photo[i].x; });
        mean.landmarks_in_photo[i].y = mean_of([i](const Face& face) { return face.landmarks_in_photo[i].y; });
    }
    return mean;
}

}  // namespace

std::vector<Group> group_similar(std::vector<Box> windows, int least_members) {
    std::stable_sort(windows.begin(), windows.end(), [](const Box& a, const Box& b) { return a.x < b.x; });
    Sets sets(windows.size());
    for (std::size_t i = 0; i < windows.size(); ++i) {
        const Box& box = windows[i];
        // Sorted by the left edge: whoever starts further right than this cannot be similar.
        for (std::size_t j = i + 1; j < windows.size() && windows[j].x - box.x <= kSimilarity * box.width; ++j)
            if (similar(box, windows[j])) sets.join(i, j);
    }
    std::vector<Group> groups(windows.size());
    for (std::size_t i = 0; i < windows.size(); ++i) {
        Group& group = groups[sets.find(i)];
        const Box& box = windows[i];
        ++group.members;
        const auto share = 1 / static_cast<float>(group.members);  // a running mean
        group.box.x += (box.x - group.box.x) * share, group.box.y += (box.y - group.box.y) * share;
        group.box.width += (box.width - group.box.width) * share;
        group.box.height += (box.height - group.box.height) * share;
    }
    std::erase_if(groups, [&](const Group& group) { return group.members < std::max(1, least_members); });
    return groups;
}

std::vector<Face> suppress_overlaps(std::vector<Face> faces, double most_overlap, double most_cover) {
    std::stable_sort(faces.begin(), faces.end(), [](const Face& a, const Face& b) { return a.score > b.score; });
    std::vector<Face> kept;
    for (Face& face : faces) {
        const bool hidden = std::any_of(kept.begin(), kept.end(), [&](const Face& better) {
            return overlap_of(face.box_in_photo, better.box_in_photo) > most_overlap ||
                   cover_of(face.box_in_photo, better.box_in_photo) > most_cover;
        });
        if (!hidden) kept.push_back(std::move(face));
    }
    return kept;
}

std::vector<Face> blend_overlaps(std::vector<Face> faces, double least_overlap) {
    std::stable_sort(faces.begin(), faces.end(), [](const Face& a, const Face& b) { return a.score > b.score; });
    std::vector<Face> blended;
    while (!faces.empty()) {
        const Box best = faces[0].box_in_photo;
        const auto alike = std::stable_partition(faces.begin() + 1, faces.end(), [&](const Face& face) {
            return overlap_of(face.box_in_photo, best) > least_overlap;
        });
        blended.push_back(weighted_mean({faces.begin(), alike}));
        faces.erase(faces.begin(), alike);
    }
    return blended;
}

}  // namespace affectsr
