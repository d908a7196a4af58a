// Super-resolution networks small enough for tests, and model files of them.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "affectsr/base/catalog.h"
#include "affectsr/plan/first_weights.h"
#include "affectsr/restore/catalog.h"
#include "affectsr/restore/sr_network.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// Options that make a network of the catalog small.
inline Json small_options(const Entry<SrNetwork>& entry) {
    Json small = {{"features", 8},  {"growth", 4},        {"blocks", 2},         {"groups", 2},
                  {"reduction", 4}, {"scale", 2},         {"graph_features", 8}, {"block_channels", 4},
                  {"steps", 2},     {"fusion_blocks", 1}, {"least_features", 4}, {"landmark_features", 16},
                  {"output_px", 64}};
    if (entry.name == "affectsr_net") small["scale"] = 4;  // the least that it has
    if (entry.name == "gfpgan") return {{"size_px", 32}, {"styles", 8}, {"channel_multiplier", 1}, {"narrow", 0.03125}};
    if (entry.name == "codeformer") {
        const Json vqgan = {{"size_px", 32}, {"width", 32},         {"multipliers", {1, 2}},
                            {"blocks", 1},   {"code_channels", 32}, {"codes", 48}};
        return {{"vqgan", vqgan}, {"features", 16}, {"hidden", 32},
                {"heads", 2},     {"layers", 1},    {"connected_px", {32}}};
    }
    Json options = Json::object();
    for (const auto& [name, value] : small.items())
        if (entry.default_options.contains(name)) options[name] = value;
    return options;
}

/// The side of a small crop that the network takes as it is.
inline int small_crop_px(const SrNetwork& network) {
    int side = network.needs.input_px > 0 ? network.needs.input_px : 12;
    while (side * network.enlarged_first % network.multiple != 0) ++side;
    return side;
}

/// A model file of one catalog entry with first weights, removed at the end.
class SmallModel {
 public:
    explicit SmallModel(const std::string& name)
        : path(std::filesystem::temp_directory_path() /
               ("affectsr_restore_" + name + "_" + std::to_string(::getpid()) + ".safetensors")) {
        const Entry<SrNetwork>& entry = find(sr_network_catalog(), name, "restorer");
        file.card.network = name;
        file.card.options = small_options(entry);
        file.tensors = first_weights(entry.make(file.card.options)->plan, 5);
        file.save(path);
    }
    ~SmallModel() { std::filesystem::remove(path); }
    SmallModel(const SmallModel&) = delete;
    SmallModel& operator=(const SmallModel&) = delete;

    std::filesystem::path path;
    ModelFile file;
};

}  // namespace affectsr
