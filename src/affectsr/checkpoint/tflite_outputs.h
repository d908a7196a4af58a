// The outputs of a published TFLite network, made of the results of our plan.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "affectsr/plan/plan.h"

namespace affectsr {

/// A result of the plan that holds a part of a published output, or all of it.
struct TflitePart {
    std::string output;  ///< of the plan, [n, channels, height, width]
    ValueShape shape;
};

/// An output as it was published: a network for phones ends in reshapes and concatenations of the pictures that it
/// computes, which a Plan leaves to its caller.
struct TfliteOutput {
    std::string name;
    std::vector<std::int64_t> shape;  ///< as it was published: [1, 896, 16]
    std::vector<TflitePart> parts;    ///< one behind the other, each as [height, width, channels], they are the output
};

/// The numbers of a published output in their published order, from the plan's results for one picture by name. Throws
/// Bug if a part of it is not among them.
std::vector<float> published_order(const TfliteOutput& output, const std::map<std::string, std::span<float>>& results);

}  // namespace affectsr
