#include "affectsr/pipeline/face_parser.h"

#include <cstdint>
#include <utility>

#include "affectsr/base/error.h"
#include "affectsr/engine/threads.h"
#include "affectsr/face/soft_paste.h"
#include "affectsr/image/float_planes.h"
#include "affectsr/image/resize.h"
#include "affectsr/plan/fit.h"
#include "affectsr/restore/parse_net.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

namespace {

constexpr int kChannels = 3;

/// Network and weights of a file.
std::pair<FaceParsingNetwork, TensorMap> read(const std::filesystem::path& path) {
    ModelFile file = ModelFile::open(path);
    try {
        const Entry<FaceParsingNetwork>& entry = find(face_parsing_catalog(), file.card.network, "face parser");
        FaceParsingNetwork network = *entry.make(file.card.options);
        TensorMap weights = fitting(network.plan, std::move(file.tensors), path.string());
        return {std::move(network), std::move(weights)};
    } catch (const UsageError& error) {
        throw ModelError("model_does_not_fit", path.string() + ": " + error.what());
    }
}

}  // namespace

FaceParser::FaceParser(const std::filesystem::path& model_file, const std::string& precision)
    : FaceParser(read(model_file), precision) {}

FaceParser::FaceParser(const std::pair<FaceParsingNetwork, TensorMap>& made, const std::string& precision)
    : size_px_(made.first.size_px), engine_(made.first.plan, made.second, precision_from(precision)) {}

std::vector<float> FaceParser::soft_parts_of(const Image& face) const {
    AFFECTSR_EXPECT(face.width == face.height && !face.empty(), "a face to parse is square");
    const ImageSize size{size_px_, size_px_};
    const auto area = static_cast<std::size_t>(size_px_) * static_cast<std::size_t>(size_px_);
    std::vector<float> planes(kChannels * area);
    write_planes(face.size() == size ? face : resize(face, size, Filter::bicubic), kChannels, planes);
    const auto classes = static_cast<std::size_t>(engine_.plan().steps.back().out_channels);
    std::vector<float> answer(classes * area);
    engine_.run({1, size_px_, size_px_}, planes, {{"out", answer}},
                threads_for(engine_.plan().flops(size_px_, size_px_)));
    std::vector<std::uint8_t> labels(area);
    for (std::size_t i = 0; i < area; ++i) {
        std::size_t best = 0;
        for (std::size_t c = 1; c < classes; ++c)
            if (answer[c * area + i] > answer[best * area + i]) best = c;
        labels[i] = static_cast<std::uint8_t>(best);
    }
    const std::vector<float> parts = soft_parts(labels, size_px_);
    return face.size() == size ? parts : resize_plane(parts, size, face.size(), Filter::bicubic);
}

}  // namespace affectsr
