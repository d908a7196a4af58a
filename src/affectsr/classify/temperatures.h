// How sure a network may be of a face, by the face's size: the temperatures of a model card.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// A temperature (Guo et al. 2017, arXiv:1706.04599, eq. 9) as a function of the size of a face. Logits are divided by
/// it: above 1 the answers are less sure, the order of the classes stays. A value; safe to share.
class TemperatureBySize {
 public:
    /// What divides the logits of faces of one size.
    struct Point {
        double size_px = 0;      ///< side of what is really seen of the face, in pixels (FaceSizes in classifier.h)
        double temperature = 1;  ///< 0.01–100
    };
    static constexpr double kLeast = 0.01, kMost = 100;  ///< of a temperature
    static constexpr std::size_t kMostPoints = 64;       ///< of a table

    /// 1 for every size.
    TemperatureBySize() = default;
    /// Throws UsageError (`bad_temperatures`) unless there are 1 to kMostPoints points, their sizes are finite,
    /// at least 1 px and ascending, and their temperatures lie in kLeast–kMost.
    explicit TemperatureBySize(std::vector<Point> points);
    /// From a card: a number, which holds for every size, or a list of [size_px, temperature] in the order of their
    /// sizes. Throws UsageError (`bad_temperatures`) saying what is wrong.
    static TemperatureBySize from_json(const Json& json);

    /// Between two points linear over log2 of the size, beyond them the nearest one's. Throws Bug for a size that is
    /// not above 0.
    double at(double size_px) const;
    /// As a card holds it: [[8, 1.31], [48, 0.98]]; the number 1 if it is that for every size.
    Json json() const;

 private:
    std::vector<Point> points_;  ///< empty: 1
};

/// The temperatures of a card's heads for answers of so many views, heads.HEAD.temperatures.VIEWS (docs/model_file.md);
/// heads without any are left out. Throws ModelError (`model_does_not_fit`) if any of the card is not valid; `where`
/// begins the message.
std::map<std::string, TemperatureBySize> temperatures_of(const ModelCard& card, int views, const std::string& where);

}  // namespace affectsr
