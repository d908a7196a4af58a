// The whole state of a training run in one file, of which the two newest are kept.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "affectsr/weights/model_file.h"

namespace affectsr {

/// Where a run stands.
struct Checkpoint {
    Json recipe;  ///< of the run; a resumed run must have the same
    Json data;    ///< what it learns from (SampleSource::description); a resumed run must learn from the same
    std::uint64_t step = 0;                    ///< steps done
    std::map<std::string, double> epoch_sums;  ///< of what the steps since the last line of the log logged
    std::int64_t log_bytes = 0;                ///< length of the log up to this point
    int threads = 0;                           ///< that computed
    int processes = 1;                         ///< that trained together
    Json validation;                           ///< figures of the last finished epoch
    double seconds = 0;                        ///< training time so far, over all processes' lives
    TensorMap state;

    /// Writes by atomic rename; a kill at any moment leaves the old file or the new one. Throws ResourceError naming
    /// the file.
    void save(const std::filesystem::path& path) const;
    /// Throws ModelError as ModelFile::open, and for a checkpoint of an affectsr that did not keep what it learned
    /// from.
    static Checkpoint open(const std::filesystem::path& path);
};

/// The checkpoint files of one run in its folder: NAME.checkpoint.safetensors, the one before it as
/// NAME.checkpoint.previous.safetensors. Not thread-safe; one process at a time.
class CheckpointFiles {
 public:
    /// A checkpoint and where it was found.
    struct Opened {
        Checkpoint checkpoint;
        std::filesystem::path file;
    };

    CheckpointFiles(const std::filesystem::path& folder, const std::string& name);

    /// NAME.checkpoint.safetensors.
    const std::filesystem::path& newest() const { return newest_; }
    bool exist() const;
    /// Makes `checkpoint` the newest and the newest the previous one. A kill or a full disk at any moment leaves whole
    /// files, and the newest of them is found again. Throws ResourceError naming the file.
    void save(const Checkpoint& checkpoint) const;
    /// The newest checkpoint that is whole, with its file; a damaged one before it costs a warning. none: there is no
    /// file. Throws ModelError if no file is whole.
    std::optional<Opened> open_newest() const;
    /// Throws ResourceError.
    void remove() const;

 private:
    std::filesystem::path written_, newest_, previous_;
};

/// Removes the files in `folder` that a killed affectsr was about to write (write_file_atomically); those of a process
/// that lives stay. Errors are ignored: what stays harms nobody.
void remove_leftovers(const std::filesystem::path& folder);

}  // namespace affectsr
