#include "affectsr/classify/imagenet.h"

#include <vector>

namespace affectsr {

Value imagenet_normalised(PlanBuilder& p, Value pictures) {
    std::vector<float> by, factor;
    for (std::size_t c = 0; c < kImagenetMean.size(); ++c) {
        by.push_back(-kImagenetMean[c]);
        factor.push_back(1 / kImagenetDeviation[c]);
    }
    return p.scale(p.shift(pictures, by), factor);
}

}  // namespace affectsr
