// A training run as data: network, faces, losses, optimiser, schedule, seed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/train/batches.h"

namespace affectsr {

/// Which network, with which of its own options.
struct NetworkChoice {
    std::string name = "small_net";
    Json options = Json::object();
    void fields(auto&& f) {
        f("name", name, "catalog name of the network");
        f("options", options, "its own options");
    }
};

/// One weighted loss on one head.
struct LossChoice {
    std::string name = "soft_cross_entropy";
    std::string head = "expression";
    double weight = 1;
    double smoothing = 0;
    void fields(auto&& f) {
        f("name", name, "catalog name of the loss");
        f("head", head, "the head it trains");
        f("weight", weight, "factor in the sum of losses", Range{0, 1e6});
        f("smoothing", smoothing, "share of every target spread over all classes", Range{0, 0.9});
    }
};

/// Stochastic gradient descent with Nesterov momentum, or AdamW.
struct OptimiserOptions {
    std::string name = "sgd";
    double momentum = 0.9;
    double weight_decay = 5e-4;
    double clip_norm = 5;
    double averaging = 0;
    void fields(auto&& f) {
        f("name", name, "how weights are updated", OneOf{{"sgd", "adamw"}});
        f("momentum", momentum, "share of the last step kept (sgd)", Range{0, 0.9999});
        f("weight_decay", weight_decay, "of weights with two dimensions or more; norms and biases have none",
          Range{0, 1});
        f("clip_norm", clip_norm, "largest norm of the whole gradient; 0: not clipped", Range{0, 1e6});
        f("averaging", averaging,
          "decay a step of the moving average of the weights, which is what is validated and stored (0.999); 0: none",
          Range{0, 0.99999});
    }
};

/// One cycle (Smith & Topin 2018, arXiv:1708.07120): linear rise to `peak`, then a cosine down to `peak × last`.
struct ScheduleOptions {
    double peak = 0.1;
    double warm_up = 0.15;
    double first = 0.04;
    double last = 0.0005;
    void fields(auto&& f) {
        f("peak", peak, "highest learning rate", Range{1e-9, 100});
        f("warm_up", warm_up, "share of all steps that it rises", Range{0, 1});
        f("first", first, "it starts at this share of the peak", Range{0, 1});
        f("last", last, "it ends at this share of the peak", Range{0, 1});
    }
};

/// How held-out faces are judged after every epoch.
struct ValidationOptions {
    double share = 0.03;
    std::vector<int> sizes{48, 24, 16, 12, 8};
    bool calibrate = true;
    void fields(auto&& f) {
        f("share", share, "part of every source that is held out, whole subjects where they are known", Range{0, 0.5});
        f("sizes", sizes, "face sizes in pixels at which accuracy is logged", Range{1, 1024});
        f("calibrate", calibrate,
          "at the end, divide each head's logits by the temperature that fits the held-out faces");
    }
};

/// Everything that decides what comes out of a run. Read from JSON; an unknown key is an error.
struct Recipe {
    std::string name;
    NetworkChoice network;
    std::vector<TrainingSource> data;
    Augmentation augmentation;
    std::vector<LossChoice> losses;
    OptimiserOptions optimiser;
    ScheduleOptions schedule;
    ValidationOptions validation;
    int epochs = 36;
    int batch_size = 128;
    double mix = 0;
    std::uint64_t seed = 1;
    std::string precision = "bf16";
    std::string licence = "Apache-2.0";
    std::string limits;
    void fields(auto&& f) {
        f("name", name, "name of the model; the file is NAME.safetensors");
        f("network", network, "what is trained");
        f("data", data, "what it is trained on");
        f("augmentation", augmentation, "what a face may suffer in training");
        f("losses", losses, "what is minimised");
        f("optimiser", optimiser, "how weights are updated");
        f("schedule", schedule, "learning rate over the run");
        f("validation", validation, "held-out faces");
        f("epochs", epochs, "passes over the data", Range{1, 100000});
        f("batch_size", batch_size, "faces per step", Range{1, 65536});
        f("mix", mix, "Beta parameter of mixup; 0: none", Range{0, 10});
        f("seed", seed, "decides order, augmentation and first weights");
        f("precision", precision, "number format of convolutions and products", OneOf{{"f32", "bf16"}});
        f("licence", licence, "licence of the weights, for the model card");
        f("limits", limits, "what the model must not be used for and where it fails, for the model card");
    }
};

/// Reads a recipe. Relative "root" options of its data are taken from the folder `data_root`. Throws UsageError naming
/// file and key for an unknown key or a value out of range, InputError if the file cannot be read or is not JSON.
Recipe read_recipe(const std::filesystem::path& file, const std::filesystem::path& data_root);

/// The recipe as JSON with every option of its network and data sets, those too that keep their defaults: for model
/// card and checkpoint. Throws UsageError for an unknown network or data set.
Json resolved_json(const Recipe& recipe);

/// Learning rate of a step among all steps of the run.
double learning_rate(const ScheduleOptions& schedule, std::uint64_t step, std::uint64_t steps);

}  // namespace affectsr
