// Published weights of others → the state of one of our networks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "affectsr/checkpoint/pth.h"
#include "affectsr/weights/model_file.h"
#include "affectsr/weights/safetensors.h"

namespace torch::nn {
class Module;
}

namespace affectsr {

/// Reads a published file of weights, told by its bytes: a PyTorch checkpoint (read_pth) or a safetensors file without
/// our model card. Throws ModelError as read_pth and read_safetensors, and `already_imported` for a model file of ours.
PublishedCheckpoint read_published(const std::filesystem::path& path);

/// What a network took from published weights.
struct Adopted {
    TensorMap tensors;            ///< the network's whole state under its own names, for a ModelFile
    std::int64_t parameters = 0;  ///< numbers that training changes
};

/// Puts `published` into `network`. Where all names of the network begin with one part that the published ones lack
/// ("net."), they get it. Numbers of 16 bits stay as they are, others take the network's own type; counters of batches
/// that are missing become 0. Throws ModelError (`model_does_not_fit`) that lists the missing, the extra and the
/// misshapen tensors, at most 20 of each by name, or `not_finite` for one with NaN, infinities or numbers beyond
/// float32; the network is then unchanged. `where` (a file name) begins it.
Adopted adopt(torch::nn::Module& network, const TensorMap& published, const std::string& where);

/// A network's published weights as one of our model files, before its source and licence are told.
struct ImportedModel {
    ModelFile model;
    std::int64_t parameters = 0;
};

}  // namespace affectsr
