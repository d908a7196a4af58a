// Where batches come from.
#pragma once

#include <cstdint>

#include "affectsr/base/fields.h"
#include "affectsr/train/batch.h"

namespace affectsr {

/// Which batch of a run.
struct Position {
    std::uint64_t epoch = 0, step = 0;  ///< of the run, of the epoch
};

/// Which rows of a batch: those of one process among several that train together.
struct Share {
    int rank = 0, ranks = 1;
};

/// Batches to learn from and samples that are held out. Every batch is a pure function of seed, position and share:
/// neither threads nor what was drawn before change it, and the shares of all ranks together are the batch of one.
/// Thread-safe.
class SampleSource {
 public:
    virtual ~SampleSource() = default;
    virtual std::uint64_t steps_per_epoch() const = 0;
    /// Throws InputError naming the picture if one that could be read before cannot be read any more.
    virtual Batch at(Position position, Share share) const = 0;
    /// How many samples are held out for validation.
    virtual std::int64_t held_out_count() const = 0;
    /// Held-out samples [first, first + count), prepared without chance, with faces of `face_px`; 0: as large as they
    /// are. Throws as at().
    virtual Batch held_out(std::int64_t first, std::int64_t count, int face_px) const = 0;
    /// What is learned from, source by source, with hashes: for the model card, and to know the same data again.
    virtual const Json& description() const = 0;
};

}  // namespace affectsr
