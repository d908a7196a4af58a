// What one judge's readings of faces before and after amount to.
#pragma once

#include <cstdint>
#include <optional>

#include "affectsr/base/fields.h"
#include "affectsr/face/expression.h"
#include "affectsr/metric/ecm.h"
#include "affectsr/metric/flip_rate.h"

namespace affectsr {

/// ECM and flips of one judge. Not thread-safe.
class ReadingTally {
 public:
    /// `seed`: of the bootstrap interval. Throws as Ecm.
    ReadingTally(const EcmOptions& ecm, std::uint64_t seed) : ecm_(ecm), seed_(seed) {}
    /// One face: what was read on the original (`in_hr`) and on the restored face (`in_sr`); empty: nothing.
    void add(const Expression& in_hr, const Expression& in_sr);
    /// "ecm", "l_h", "l_conf", "flip_rate", "flip_rate_low", "flip_rate_high" (95 %), "flips" (rows: the label on the
    /// original), "flip_labels"; null where nothing was read. "flips" leaves out faces that were read on the original
    /// alone, which "flip_rate" counts.
    Json row() const;
    /// Null before the first face that was read.
    const std::optional<FlipRate>& flips() const { return flips_; }

 private:
    Ecm ecm_;
    std::uint64_t seed_;
    std::optional<FlipRate> flips_;  // made when the judge's labels are known
};

}  // namespace affectsr
