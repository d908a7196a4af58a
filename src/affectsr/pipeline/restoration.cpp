#include "affectsr/pipeline/restoration.h"

#include <algorithm>
#include <cmath>

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

FaceCrop without_landmarks(FaceCrop crop) {
    crop.landmarks_in_crop.clear();
    return crop;
}

FaceCrop as_needed(const FaceCrop& crop, const RestorerNeeds& needs) {
    const bool fits = needs.input_px == 0 || crop.pixels.size() == ImageSize{needs.input_px, needs.input_px};
    return fits ? crop : resized(crop, needs.input_px);
}

/// What is wrong with the picture that a restorer made of a crop; "": nothing.
std::string fault_of(const Restored& restored, const FaceCrop& crop, const RestorerNeeds& needs) {
    const bool did_without = needs.landmarks_optional && restored.reason == "no_landmarks";
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

}  // namespace

std::vector<Restored> restore_checked(const Restorer& restorer, std::span<const FaceCrop> crops, int bicubic_px) {
    const RestorerNeeds needs = restorer.needs();
    std::vector<Restored> answers(crops.size());
    std::vector<FaceCrop> asked;
    std::vector<std::size_t> asked_for;
    for (std::size_t i = 0; i < crops.size(); ++i) {
        AFFECTSR_EXPECT(!crops[i].pixels.empty(), "a crop to restore has pixels");
        const bool marked = has_landmarks(crops[i], needs.landmarks);
        if (!marked && !needs.landmarks_optional) {
            answers[i].reason = "restorer_needs_landmarks";
            continue;
        }
        asked.push_back(as_needed(marked ? crops[i] : without_landmarks(crops[i]), needs));
        asked_for.push_back(i);
    }
    std::vector<Restored> restored;
    if (!asked.empty()) restored = restorer.restore_all(asked);
    AFFECTSR_EXPECT(restored.size() == asked.size(), "a restorer answers for every crop");
    for (std::size_t k = 0; k < restored.size(); ++k) {
        Restored& answer = answers[asked_for[k]];
        answer.reason = fault_of(restored[k], asked[k], needs);
        if (answer.reason.empty()) answer = std::move(restored[k]);
    }
    for (std::size_t i = 0; i < crops.size(); ++i)
        if (answers[i].picture.empty())
            answers[i].picture = resize(crops[i].pixels, {bicubic_px, bicubic_px}, Filter::bicubic);
    return answers;
}

}  // namespace affectsr
