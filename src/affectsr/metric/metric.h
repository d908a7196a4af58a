// Measures over many judged faces: add() them, then ask value().
#pragma once

#include <optional>
#include <span>
#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/face/expression.h"
#include "affectsr/face/face.h"
#include "affectsr/image/image.h"

namespace affectsr {

/// One face, judged. What the metrics in use do not look at (MetricCard says what they do) may be left out.
struct Judged {
    const Image* hr = nullptr;     ///< the high-resolution truth; nullptr: there is none
    const Image* sr = nullptr;     ///< what was restored
    Expression in_hr, in_sr;       ///< read on each of them
    std::optional<Emotion> truth;  ///< the label
    /// 478 points of the face in each of them, in pixels of pictures of one size; nullptr: not looked for.
    const Landmarks* mesh_in_hr = nullptr;
    const Landmarks* mesh_in_sr = nullptr;
    /// What one network makes of each of them: as many numbers for every face.
    std::span<const float> features_of_hr = {};
    std::span<const float> features_of_sr = {};
};

/// What a metric is.
struct MetricCard {
    std::string name, unit, source;
    bool higher_is_better = true;
    bool needs_pictures = false, needs_truth = false;
    bool needs_expressions = false;  ///< on both pictures
    bool needs_meshes = false, needs_features = false;
};

/// A measure. Not thread-safe: one object per thread or a lock.
class Metric {
 public:
    virtual ~Metric() = default;
    virtual MetricCard card() const = 0;
    /// Throws Bug if the face lacks what card() says it needs.
    virtual void add(const Judged& face) = 0;
    /// The measure so far; NaN before the first face.
    virtual double value() const = 0;
    /// Everything behind the number (per class, per bin) as JSON.
    virtual Json details() const { return {}; }
};

/// A measure as JSON: null where it is not defined (NaN, infinite), which JSON has no number for.
Json measure_to_json(double value);

}  // namespace affectsr
