#include "affectsr/classify/temperatures.h"

#include <cmath>

#include "affectsr/base/error.h"

namespace affectsr {

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw UsageError(
        "a temperature is a number from 0.01 to 100, or a list of up to 64 [size in px, temperature] with "
        "ascending sizes, such as [[8, 1.3], [48, 0.98]]; " +
            what,
        "bad_temperatures");
}

}  // namespace

TemperatureBySize::TemperatureBySize(std::vector<Point> points) : points_(std::move(points)) {
    if (points_.empty() || points_.size() > kMostPoints) refuse("given were " + std::to_string(points_.size()));
    double before = 0;
    for (const Point& point : points_) {
        if (!(point.temperature >= kLeast && point.temperature <= kMost))
            refuse("given was the temperature " + Json(point.temperature).dump());
        if (!std::isfinite(point.size_px) || point.size_px < 1 || point.size_px <= before)
            refuse("given was the size " + Json(point.size_px).dump() + " after " + Json(before).dump());
        before = point.size_px;
    }
}

TemperatureBySize TemperatureBySize::from_json(const Json& json) {
    if (json.is_number()) return TemperatureBySize({{1, json.get<double>()}});
    if (!json.is_array()) refuse("given was " + std::string(json.type_name()));
    std::vector<Point> points;
    for (const Json& pair : json) {
        if (!pair.is_array() || pair.size() != 2 || !pair[0].is_number() || !pair[1].is_number())
            refuse("one entry is no such pair");
        points.push_back({pair[0].get<double>(), pair[1].get<double>()});
    }
    return TemperatureBySize(std::move(points));
}

double TemperatureBySize::at(double size_px) const {
    AFFECTSR_EXPECT(size_px > 0, "a face has a size");
    if (points_.empty()) return 1;
    if (size_px <= points_.front().size_px) return points_.front().temperature;
    for (std::size_t i = 1; i < points_.size(); ++i) {
        const Point &low = points_[i - 1], &high = points_[i];
        if (size_px > high.size_px) continue;
        const double share = std::log2(size_px / low.size_px) / std::log2(high.size_px / low.size_px);
        return low.temperature + share * (high.temperature - low.temperature);
    }
    return points_.back().temperature;
}

Json TemperatureBySize::json() const {
    if (points_.empty()) return 1;
    Json list = Json::array();
    for (const Point& point : points_) list.push_back(Json::array({point.size_px, point.temperature}));
    return list;
}

std::map<std::string, TemperatureBySize> temperatures_of(const ModelCard& card, int views, const std::string& where) {
    std::map<std::string, TemperatureBySize> found;
    for (const auto& [head, about] : card.heads.items()) {
        if (!about.is_object() || !about.contains("temperatures")) continue;
        const std::string what = where + ": its card's temperatures of the head \"" + head + "\" ";
        const Json& temperatures = about["temperatures"];
        if (!temperatures.is_object())
            throw ModelError("model_does_not_fit", what + "must be given by the number of views, such as {\"2\": 1.1}");
        for (const auto& [number, by_size] : temperatures.items()) try {
                TemperatureBySize read = TemperatureBySize::from_json(by_size);
                if (number == std::to_string(views)) found[head] = std::move(read);
            } catch (const UsageError& error) {
                throw ModelError("model_does_not_fit", what + "for \"" + number + "\" views: " + error.what());
            }
    }
    return found;
}

}  // namespace affectsr
