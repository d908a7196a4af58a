// Published weights of others → the state of one of our networks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "affectsr/checkpoint/pth.h"
#include "affectsr/plan/plan.h"
#include "affectsr/weights/model_file.h"
#include "affectsr/weights/safetensors.h"

namespace affectsr {

/// Reads a published file of weights, told by its bytes: a PyTorch checkpoint (read_pth) or a safetensors file without
/// our model card. Throws ModelError as read_pth and read_safetensors, and `already_imported` for a model file of ours.
PublishedCheckpoint read_published(const std::filesystem::path& path);

/// The parameters of `plan` made of `published` ones, for a ModelFile: 16-bit numbers stay as they are, others become
/// float32; counters of batches may be missing. Throws ModelError (`model_does_not_fit`) as expect_fit, or `not_finite`
/// for a tensor with NaN, infinities or numbers beyond float32; `where` (a file name) begins the message.
TensorMap adopt(const Plan& plan, const TensorMap& published, const std::string& where);

/// A network's published weights as one of our model files, before its source and licence are told.
struct ImportedModel {
    ModelFile model;
    std::int64_t parameters = 0;  ///< numbers that training changes
};

}  // namespace affectsr
