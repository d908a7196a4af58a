// Published weights of others → the state of one of our networks.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "affectsr/base/catalog.h"
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

/// The network of a catalog line, with these options, takes `published` weights, under the names of its own plan or
/// those that it knows from others. The card has network, options and three channels of input. Throws UsageError for an
/// unknown option; ModelError (`model_does_not_fit`) that lists what does not fit; `where` (a file name) begins it.
template <class Network>
ImportedModel import_network(const Entry<Network>& entry, const Json& options, const TensorMap& published,
                             const std::string& where) {
    const std::unique_ptr<Network> network = entry.make(options);
    ImportedModel imported;
    ModelCard& card = imported.model.card;
    card.network = entry.name;
    card.options = entry.default_options;
    card.options.update(options);
    card.input = {{"channels", 3}};
    imported.model.tensors = adopt(network->plan, network->renamed(published), where);
    imported.parameters = network->plan.parameter_count();
    return imported;
}

}  // namespace affectsr
