#include "affectsr/detect/tflite_player.h"

#include <map>
#include <utility>

#include "affectsr/base/error.h"

namespace affectsr {

TflitePlayer::TflitePlayer(const std::filesystem::path& file, Precision precision)
    : TflitePlayer(tflite_plan(read_tflite(file), file.string()), precision) {}

TflitePlayer::TflitePlayer(TflitePlan network, Precision precision)
    : size_(network.size),
      channels_(network.channels),
      outputs_(std::move(network.outputs)),
      engine_(std::move(network.plan), std::move(network.tensors), precision) {}

std::vector<std::vector<float>> TflitePlayer::run(std::span<const float> picture, int threads) const {
    const ValueShape wanted{channels_, size_.height, size_.width};
    AFFECTSR_EXPECT(picture.size() == static_cast<std::size_t>(wanted.count()), "the network sees another size");
    std::map<std::string, std::vector<float>> values;
    Results results;
    for (const TfliteOutput& output : outputs_)
        for (const TflitePart& part : output.parts) {
            std::vector<float>& made = values[part.output];
            made.resize(static_cast<std::size_t>(part.shape.count()));
            results[part.output] = made;
        }
    engine_.run({1, size_.height, size_.width}, picture, results, threads);
    std::vector<std::vector<float>> answers;
    for (const TfliteOutput& output : outputs_) answers.push_back(published_order(output, results));
    return answers;
}

}  // namespace affectsr
