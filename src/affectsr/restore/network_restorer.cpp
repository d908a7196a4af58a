#include "affectsr/restore/network_restorer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "affectsr/base/error.h"
#include "affectsr/engine/threads.h"
#include "affectsr/image/float_planes.h"
#include "affectsr/image/resize.h"
#include "affectsr/plan/fit.h"

namespace affectsr {

namespace {

constexpr int kLargestInput = 4096;       // px; what a card may claim
constexpr int kSizeClass = 8;             // px; sides of crops of any size are filled up to multiples of it
constexpr std::size_t kCropsAtOnce = 16;  // bounds the memory of a call
constexpr std::size_t kChannels = 3;      // of every picture here

/// The side of the crops that the card names; 0: it names none.
int input_px_of(const ModelCard& card, const std::string& where) {
    if (!card.input.is_object() || !card.input.contains("size_px")) return 0;
    const Json& size = card.input["size_px"];
    const bool whole = size.is_number_integer();
    if (!whole || size.get<std::int64_t>() < 0 || size.get<std::int64_t>() > kLargestInput)
        throw ModelError("model_does_not_fit", where + ": its card's input has the \"size_px\" " + size.dump() +
                                                   "; a whole number of pixels up to " + std::to_string(kLargestInput) +
                                                   " is needed");
    return size.get<int>();
}

RestorerNeeds needs_of(const SrNetwork& network, const ModelFile& file, const std::string& where) {
    RestorerNeeds needs = network.needs;
    if (const int input_px = input_px_of(file.card, where); input_px > 0) needs.input_px = input_px;
    return needs;
}

std::size_t area_of(ImageSize size) {
    return static_cast<std::size_t>(size.width) * static_cast<std::size_t>(size.height);
}

int filled_up(int side, int multiple) {
    return (side + multiple - 1) / multiple * multiple;
}

/// A crop as the network is fed it.
struct Fed {
    std::vector<float> planes;  ///< [3, height, width] of `size`
    ImageSize size;             ///< of the part that shows the crop; the rest repeats its last pixels
    ImageSize filled;
    double scale = 1;  ///< size / crop
};

/// [3, from] → [3, to], the last row and column repeated.
std::vector<float> with_last_pixels_repeated(const std::vector<float>& planes, ImageSize from, ImageSize to) {
    std::vector<float> filled;
    filled.reserve(kChannels * area_of(to));
    for (std::size_t c = 0; c < kChannels; ++c)
        for (int y = 0; y < to.height; ++y) {
            const float* row =
                planes.data() + c * area_of(from) +
                static_cast<std::size_t>(std::min(y, from.height - 1)) * static_cast<std::size_t>(from.width);
            filled.insert(filled.end(), row, row + from.width);
            filled.insert(filled.end(), static_cast<std::size_t>(to.width - from.width), row[from.width - 1]);
        }
    return filled;
}

Fed fed_with(const FaceCrop& crop, const RestorerNeeds& needs, int enlarged_first, int multiple) {
    const ImageSize own = crop.pixels.size();
    const ImageSize taken = needs.input_px > 0 ? ImageSize{needs.input_px, needs.input_px} : own;
    const Image picture = taken == own ? crop.pixels : resize(crop.pixels, taken, Filter::bicubic);
    Fed fed;
    fed.size = {taken.width * enlarged_first, taken.height * enlarged_first};
    fed.scale = static_cast<double>(fed.size.width) / own.width;
    std::vector<float> planes(kChannels * area_of(taken));
    write_planes(picture, static_cast<int>(kChannels), planes);
    if (enlarged_first > 1) {
        std::vector<float> large;
        for (std::size_t c = 0; c < kChannels; ++c) {
            const std::vector<float> plane = resize_plane(std::span(planes).subspan(c * area_of(taken), area_of(taken)),
                                                          taken, fed.size, Filter::bicubic);
            large.insert(large.end(), plane.begin(), plane.end());
        }
        planes = std::move(large);
    }
    const int step = needs.input_px > 0 ? multiple : std::lcm(multiple, kSizeClass);
    fed.filled = {filled_up(fed.size.width, step), filled_up(fed.size.height, step)};
    fed.planes = fed.filled == fed.size ? std::move(planes) : with_last_pixels_repeated(planes, fed.size, fed.filled);
    return fed;
}

/// [3, points, 1], in pixels of what is fed: (p + 1/2)·scale − 1/2, pixel centres at integers. `needed` of them; where
/// there are none, kNowherePx.
void append_landmarks(const Landmarks& landmarks, int needed, double scale, std::vector<float>& to) {
    if (landmarks.empty()) return to.resize(to.size() + 3 * static_cast<std::size_t>(needed), kNowherePx);
    const auto moved = [scale](float at) { return static_cast<float>((static_cast<double>(at) + 0.5) * scale - 0.5); };
    for (const auto& point : landmarks) to.push_back(moved(point.x));
    for (const auto& point : landmarks) to.push_back(moved(point.y));
    for (const auto& point : landmarks) to.push_back(static_cast<float>(static_cast<double>(point.z) * scale));
}

bool carries_landmarks(const FaceCrop& crop, const RestorerNeeds& needs) {
    const Landmarks& points = crop.landmarks_in_crop;
    return needs.landmarks == 0 || points.size() == static_cast<std::size_t>(needs.landmarks) ||
           (needs.landmarks_optional && points.empty());
}

/// The upper left `size` of [3, filled]; `missing` is what the face lacked.
Restored restored_of(std::span<const float> planes, ImageSize filled, ImageSize size, const std::string& missing) {
    std::vector<float> shown;
    shown.reserve(kChannels * area_of(size));
    for (std::size_t c = 0; c < kChannels; ++c)
        for (int y = 0; y < size.height; ++y) {
            const float* row = planes.data() + c * area_of(filled) +
                               static_cast<std::size_t>(y) * static_cast<std::size_t>(filled.width);
            shown.insert(shown.end(), row, row + size.width);
        }
    if (!std::all_of(shown.begin(), shown.end(), [](float value) { return std::isfinite(value); }))
        return {{}, "restorer_not_finite"};
    return {picture_of(shown, static_cast<int>(kChannels), size), missing};
}

/// Of one picture whose inputs have the sizes of these feeds.
std::int64_t flops_of(const Plan& plan, const Feeds& feeds) {
    std::vector<InputSize> sizes;
    for (const int input : plan.inputs())
        sizes.push_back(feeds.at(plan.steps[static_cast<std::size_t>(input)].as<step::PlanInput>()->name).size);
    const std::vector<ValueShape> shapes = plan.shapes(sizes);
    std::int64_t flops = 0;
    for (std::size_t i = 0; i < plan.steps.size(); ++i) flops += plan.flops_of(i, shapes);
    return flops;
}

}  // namespace

NetworkRestorer::NetworkRestorer(const SrNetwork& network, const ModelFile& file, Precision precision,
                                 const std::string& where)
    : model_sha256_(file.card.sha256),
      needs_(needs_of(network, file, where)),
      enlarged_first_(network.enlarged_first),
      multiple_(network.multiple),
      factor_(plan_factor(network)),
      engine_(network.plan, fitting(network.plan, network.renamed(file.tensors), where), precision) {}

std::vector<Restored> NetworkRestorer::restore_all(std::span<const FaceCrop> crops) const {
    std::vector<Fed> fed;
    std::map<std::pair<int, int>, std::vector<std::size_t>> alike;  // crops of one filled size
    for (const FaceCrop& crop : crops) {
        AFFECTSR_EXPECT(!crop.pixels.empty(), "a crop to restore must have pixels");
        AFFECTSR_EXPECT(carries_landmarks(crop, needs_), "a crop carries the landmarks that its restorer needs");
        fed.push_back(fed_with(crop, needs_, enlarged_first_, multiple_));
        alike[{fed.back().filled.height, fed.back().filled.width}].push_back(fed.size() - 1);
    }
    std::vector<Restored> restored(crops.size());
    for (const auto& [sides, members] : alike)
        for (std::size_t first = 0; first < members.size(); first += kCropsAtOnce) {
            const std::span some = std::span(members).subspan(first, std::min(kCropsAtOnce, members.size() - first));
            const ImageSize filled{sides.second, sides.first}, large{filled.width * factor_, filled.height * factor_};
            std::vector<float> pictures, landmarks, sr(some.size() * kChannels * area_of(large));
            for (const std::size_t i : some) {
                pictures.insert(pictures.end(), fed[i].planes.begin(), fed[i].planes.end());
                if (needs_.landmarks > 0)
                    append_landmarks(crops[i].landmarks_in_crop, needs_.landmarks, fed[i].scale, landmarks);
            }
            Feeds feeds{{"in", {pictures, {filled.height, filled.width}}}};
            if (needs_.landmarks > 0) feeds["landmarks"] = {landmarks, {needs_.landmarks, 1}};
            const std::int64_t flops = flops_of(engine_.plan(), feeds);
            engine_.run(static_cast<int>(some.size()), feeds, {{"out", sr}},
                        threads_for(flops * static_cast<std::int64_t>(some.size())));
            for (std::size_t k = 0; k < some.size(); ++k) {
                const ImageSize shown = fed[some[k]].size;
                const bool unmarked = needs_.landmarks > 0 && crops[some[k]].landmarks_in_crop.empty();
                restored[some[k]] =
                    restored_of(std::span(sr).subspan(k * kChannels * area_of(large), kChannels * area_of(large)),
                                large, {shown.width * factor_, shown.height * factor_}, unmarked ? "no_landmarks" : "");
            }
        }
    return restored;
}

}  // namespace affectsr
