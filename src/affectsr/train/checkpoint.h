// The whole state of a training run in one file.
#pragma once

#include <cstdint>
#include <filesystem>

#include "affectsr/net/model_file.h"

namespace affectsr {

/// Where a run stands.
struct Checkpoint {
    Json recipe;             ///< of the run; a resumed run must have the same
    std::uint64_t step = 0;  ///< steps done
    Json validation;         ///< figures of the last finished epoch
    double seconds = 0;      ///< training time so far, over all processes' lives
    TensorMap state;

    /// Writes by atomic rename; a kill at any moment leaves the old file or the new one. Throws ResourceError.
    void save(const std::filesystem::path& path) const;
    /// Throws ModelError as ModelFile::open.
    static Checkpoint open(const std::filesystem::path& path);
};

}  // namespace affectsr
