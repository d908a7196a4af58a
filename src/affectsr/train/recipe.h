// A training run as data: task, faces, length, seed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/train/face_source.h"
#include "affectsr/train/task.h"

namespace affectsr {

/// Which task, with which of its own options.
struct TaskChoice {
    std::string name = "supervised";
    Json options = Json::object();
    void fields(auto&& f) {
        f("name", name, "catalog name of the task");
        f("options", options, "its own options: networks, losses, optimisers, schedules");
    }
};

/// How held-out faces are judged, after every `every` epochs (or parts of one) and at the end.
struct ValidationOptions {
    double share = 0.03;
    double every = 1;
    std::vector<int> sizes{48, 24, 16, 12, 8};
    bool calibrate = true;
    void fields(auto&& f) {
        f("share", share, "part of every source that is held out, whole subjects where they are known", Range{0, 0.5});
        f("every", every, "epochs between validations, each of which is followed by a checkpoint", Range{0.01, 100000});
        f("sizes", sizes, "face sizes in pixels at which accuracy is logged (task supervised)", Range{1, 1024});
        f("calibrate", calibrate,
          "at the end, divide each head's logits by the temperature that fits the held-out faces (task supervised)");
    }
};

/// Everything that decides what comes out of a run. Read from JSON; an unknown key is an error.
struct Recipe {
    std::string name;
    TaskChoice task;
    std::vector<TrainingSource> data;
    Augmentation augmentation;
    ValidationOptions validation;
    int epochs = 36;
    double minutes = 0;
    int batch_size = 128;
    int copies = 1;
    int accumulate = 1;
    std::uint64_t seed = 1;
    std::string precision = "bf16";
    std::string licence = "Apache-2.0";
    std::string limits;
    std::filesystem::path data_root;  ///< relative folders of data are taken from here; no setting
    void fields(auto&& f) {
        f("name", name, "name of the model; the file is NAME.safetensors");
        f("task", task, "what is learned, and how");
        f("data", data, "what it is learned from");
        f("augmentation", augmentation, "what a face may suffer in training");
        f("validation", validation, "held-out faces");
        f("epochs", epochs, "passes over the data", Range{1, 100000});
        f("minutes", minutes,
          "if above 0, the run takes this long instead, over all its resumed parts, and schedules stretch to it",
          Range{0, 1e6});
        f("batch_size", batch_size, "faces per step, over all processes", Range{1, 65536});
        f("copies", copies, "how often a batch shows the same face, each time changed anew", Range{1, 64});
        f("accumulate", accumulate, "parts of a batch whose gradients are added up, to save memory", Range{1, 65536});
        f("seed", seed, "decides order, augmentation and first weights");
        f("precision", precision, "number format of convolutions and products", OneOf{{"f32", "bf16"}});
        f("licence", licence, "licence of the weights, for the model card");
        f("limits", limits, "what the model must not be used for and where it fails, for the model card");
    }
};

/// Reads a recipe. Relative "root" options and landmark labels of its data are taken from the folder
/// `data_root`. Throws UsageError naming
/// file and key for an unknown key or a value out of range, InputError if the file cannot be read or is not JSON.
Recipe read_recipe(const std::filesystem::path& file, const std::filesystem::path& data_root);

/// The recipe as JSON with every option of its task and data sets, those too that keep their defaults: for model card
/// and checkpoint. Throws UsageError for an unknown data set.
Json resolved_json(const Recipe& recipe, const Task& task);

/// How a recipe's faces are loaded and drawn.
FaceSourceOptions face_source_options(const Recipe& recipe, const DataLoading& loading);

}  // namespace affectsr
