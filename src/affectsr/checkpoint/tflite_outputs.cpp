#include "affectsr/checkpoint/tflite_outputs.h"

#include "affectsr/base/error.h"

namespace affectsr {

std::vector<float> published_order(const TfliteOutput& output, const std::map<std::string, std::span<float>>& results) {
    std::vector<float> ordered;
    for (const TflitePart& part : output.parts) {
        const auto found = results.find(part.output);
        AFFECTSR_EXPECT(found != results.end() && found->second.size() == static_cast<std::size_t>(part.shape.count()),
                        "the result " + part.output + " is not that of the plan");
        const auto area = static_cast<std::size_t>(part.shape.height) * static_cast<std::size_t>(part.shape.width);
        for (std::size_t p = 0; p < area; ++p)
            for (std::size_t c = 0; c < static_cast<std::size_t>(part.shape.channels); ++c)
                ordered.push_back(found->second[c * area + p]);
    }
    return ordered;
}

}  // namespace affectsr
