// What a trainer drives: something that learns from batches and can be saved and loaded whole.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "affectsr/image/image.h"
#include "affectsr/train/sample_source.h"
#include "affectsr/train/schedule.h"
#include "affectsr/train/world.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// What was measured in one step, by name: "loss", which must be finite, and whatever else is worth a log.
using StepLog = std::map<std::string, double>;

/// How data is loaded; none of it changes what is learned.
struct DataLoading {
    int threads = 1;                                    ///< that decode, when the data is opened
    std::int64_t memory_bytes = std::int64_t{1} << 30;  ///< for decoded pictures
    bool skip_broken = false;                           ///< go on without what cannot be read
    std::stop_token stop;  ///< once a stop is requested, loading ends and the source must not be used
};

/// A learning task: its networks, losses, optimisers and schedules. Not thread-safe.
class Task {
 public:
    virtual ~Task() = default;
    /// Its options with every default, as they go into card and checkpoint.
    virtual Json options() const = 0;
    /// Models of others that it stands on, such as teachers, with their hashes; empty: none.
    virtual Json stands_on() const = 0;
    /// The data that its recipe names, in batches as its steps want them. What a task can refuse it refuses before a
    /// picture is decoded. Throws as FaceSource.
    virtual std::unique_ptr<SampleSource> open_data(const DataLoading& loading) = 0;
    /// One update of all that it learns.
    virtual StepLog step(const Batch& batch, const RunProgress& progress, const World& world) = 0;
    /// Figures on held-out samples, for the log.
    virtual Json validate(const SampleSource& source) = 0;
    /// Held-out samples as somebody wants to see them, once after every validation; std::nullopt: nothing to see.
    virtual std::optional<Image> contact_sheet(const SampleSource&) { return std::nullopt; }
    /// Done once after the last step, such as calibration; the result goes into the model card.
    virtual Json finish(const SampleSource& source) = 0;
    /// Everything that a resumed run needs to go on with the same bits: weights, running statistics, optimisers.
    virtual TensorMap state() const = 0;
    /// Throws ModelError; `where` begins the message.
    virtual void load(const TensorMap& state, const std::string& where) = 0;
    /// The trained models, ready to be written: "" is the one that the recipe names, the others are written as
    /// NAME.KEY.safetensors.
    virtual std::map<std::string, ModelFile> models() const = 0;
};

}  // namespace affectsr
