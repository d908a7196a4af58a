#include "affectsr/pipeline/restoration.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/face/align.h"
#include "affectsr/face/contrast.h"
#include "affectsr/image/resize.h"

namespace affectsr {

namespace {

// A picture that deviates by less, and by less than half of what its crop does, shows nothing.
constexpr double kLeastDeviation = 2;

bool has_landmarks(const FaceCrop& crop, int needed) {
    const Landmarks& points = crop.landmarks_in_crop;
    return needed == 0 ||
           (points.size() == static_cast<std::size_t>(needed) && std::all_of(points.begin(), points.end(), [](Point p) {
                return std::isfinite(p.x) && std::isfinite(p.y) && std::isfinite(p.z);
            }));
}

FaceCrop as_needed(const FaceCrop& crop, const RestorerNeeds& needs) {
    const bool fits = needs.input_px == 0 || crop.pixels.size() == ImageSize{needs.input_px, needs.input_px};
    return fits ? crop : resized(crop, needs.input_px);
}

/// What is wrong with the picture that a restorer made of a crop; "": nothing.
std::string fault_of(const Restored& restored, const FaceCrop& crop, const RestorerNeeds& needs) {
    const bool did_without = needs.landmarks_optional && did_without_landmarks(restored.reason);
    if (!restored.reason.empty() && !did_without) return restored.reason;
    const Image& picture = restored.picture;
    const ImageSize promised = needs.scale > 0
                                   ? ImageSize{crop.pixels.width * needs.scale, crop.pixels.height * needs.scale}
                                   : ImageSize{needs.output_px, needs.output_px};
    const auto bytes = static_cast<std::size_t>(promised.width) * static_cast<std::size_t>(promised.height) * 3;
    if (picture.size() != promised || picture.rgb.size() != bytes) return "restorer_wrong_size";
    const double deviation = luma_deviation(picture);
    if (deviation < kLeastDeviation && deviation < luma_deviation(crop.pixels) / 2) return "restorer_constant";
    return "";
}

/// The crops with the landmarks that a restorer looks at, as far as they carry them or `points` finds them; the others
/// with none.
std::vector<FaceCrop> with_landmarks(std::span<const FaceCrop> crops, const RestorerNeeds& needs,
                                     const PointFinder* points) {
    std::vector<FaceCrop> marked(crops.begin(), crops.end());
    if (needs.landmarks == 0) return marked;
    std::vector<FaceCrop> asked;
    std::vector<std::size_t> asked_for;
    for (std::size_t i = 0; i < marked.size(); ++i) {
        if (has_landmarks(marked[i], needs.landmarks)) continue;
        marked[i].landmarks_in_crop.clear();
        asked.push_back(marked[i]);
        asked_for.push_back(i);
    }
    if (asked.empty() || !points) return marked;
    std::vector<Landmarks> found = points->find_all(asked, needs.landmarks);
    for (std::size_t k = 0; k < asked.size(); ++k) marked[asked_for[k]].landmarks_in_crop = std::move(found[k]);
    return marked;
}

}  // namespace

bool did_without_landmarks(const std::string& reason) {
    return reason == "no_landmarks" || reason == "unsure_landmarks";
}

std::vector<Restored> restore_checked(const Restorer& restorer, std::span<const FaceCrop> crops, int bicubic_px,
                                      const PointFinder* points) {
    const RestorerNeeds needs = restorer.needs();
    for (const FaceCrop& crop : crops) AFFECTSR_EXPECT(!crop.pixels.empty(), "a crop to restore has pixels");
    std::vector<Restored> answers(crops.size());
    std::vector<FaceCrop> marked = with_landmarks(crops, needs, points), asked;
    std::vector<std::size_t> asked_for;
    for (std::size_t i = 0; i < crops.size(); ++i) {
        if (!has_landmarks(marked[i], needs.landmarks) && !needs.landmarks_optional) {
            answers[i].reason = "restorer_needs_landmarks";
            continue;
        }
        asked.push_back(as_needed(marked[i], needs));
        asked_for.push_back(i);
    }
    std::vector<Restored> restored;
    if (!asked.empty()) restored = restorer.restore_all(asked);
    AFFECTSR_EXPECT(restored.size() == asked.size(), "a restorer answers for every crop");
    for (std::size_t k = 0; k < restored.size(); ++k) {
        Restored& answer = answers[asked_for[k]];
        answer.reason = fault_of(restored[k], asked[k], needs);
        if (!answer.reason.empty()) continue;
        answer = std::move(restored[k]);
        if (points && did_without_landmarks(answer.reason)) answer.reason = "unsure_landmarks";
    }
    for (std::size_t i = 0; i < crops.size(); ++i)
        if (answers[i].picture.empty())
            answers[i].picture = resize(crops[i].pixels, {bicubic_px, bicubic_px}, Filter::bicubic);
    return answers;
}

}  // namespace affectsr
