// Named tensors and a ModelCard in one memory-mapped file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/weights/host_tensor.h"

namespace affectsr {

/// What a model says about itself; stored as JSON under "affectsr.card" in the file's metadata.
struct ModelCard {
    std::string network;              ///< catalog name, for example "small_net"
    Json options = Json::object();    ///< the network's own options
    std::vector<std::string> labels;  ///< words of the answering head's classes, in the order of its outputs
    Json heads = Json::object();  ///< every output head: {"expression": {"labels": […], "trained_on": "…"}, …}
    Json input = Json::object();  ///< {"size_px", "channels"} of the picture
    std::string source;           ///< who made the weights, from what paper and recipe
    std::string licence;          ///< of the weights
    Json trained_on = Json::object();  ///< data sets with licence and hash
    Json figures = Json::object();     ///< what was measured, with command
    std::string limits;                ///< what it must not be used for, where it fails
    Json recipe = Json::object();      ///< the recipe that made it
    std::string sha256;  ///< of the whole file with these digits as zeros; set by save(), checked by open()
};
Json to_json(const ModelCard&);
ModelCard card_from_json(const Json&, const std::string& where);

/// Named tensors with their card, in one file.
struct ModelFile {
    ModelCard card;
    TensorMap tensors;

    /// Maps the file and reads the card; with `verify`, hashes the file against its own SHA-256 (code `hash_mismatch`),
    /// and looks at every number (`not_finite`: NaN, infinite). Throws ModelError as read_safetensors; `no_model_card`.
    static ModelFile open(const std::filesystem::path& path, bool verify = true);
    /// Writes by atomic rename and sets card.sha256 in the file. Throws as write_safetensors, also `not_finite`.
    void save(const std::filesystem::path& path) const;
};

/// Where a model called `name` lies. With a '/' or the ending .safetensors, `name` is a path; else NAME.safetensors is
/// looked for in $AFFECTSR_MODELS, in ../share/affectsr/models beside the program, in the source tree's models/ and in
/// the share folder that the build named. Throws ModelError (`no_such_model`) naming the places.
std::filesystem::path find_model(const std::string& name);

/// The names of all model files in those places, each once, in alphabetical order. Places that cannot be read have
/// none.
std::vector<std::string> installed_models();

}  // namespace affectsr
