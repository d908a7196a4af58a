// Asks a network which pixels of a restored face are the face.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "affectsr/engine/plan_engine.h"
#include "affectsr/image/image.h"
#include "affectsr/restore/parse_net.h"

namespace affectsr {

/// A face parsing network with the weights of a model file, ready to be asked. Thread-safe.
class FaceParser {
 public:
    /// `precision` as load_restorer(). Throws ModelError if the file is missing, damaged, of a network that parses no
    /// faces, or does not fit; UsageError for an unknown precision.
    FaceParser(const std::filesystem::path& model_file, const std::string& precision);

    /// Of a square face as ffhq_512 frames it: soft_parts() of the network's answer, as large as the face. Throws Bug
    /// if the face is not square. Source: facexlib's and CodeFormer's pasting.
    std::vector<float> soft_parts_of(const Image& face) const;

 private:
    FaceParser(const std::pair<FaceParsingNetwork, TensorMap>& made, const std::string& precision);

    int size_px_;
    PlanEngine engine_;
};

}  // namespace affectsr
