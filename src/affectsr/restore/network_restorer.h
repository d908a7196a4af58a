// Makes a Restorer of any trained SrNetwork.
#pragma once

#include <string>

#include "affectsr/engine/plan_engine.h"
#include "affectsr/plan/precision.h"
#include "affectsr/restore/restorer.h"
#include "affectsr/restore/sr_network.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// An SrNetwork with the weights of a model file, ready to be asked. Thread-safe.
class NetworkRestorer : public Restorer {
 public:
    /// Where the card's input has "size_px", crops of other sizes are resized to it by MATLAB's bicubic. Throws
    /// ModelError (`model_does_not_fit`) if names, shapes or the card do not fit; `where` (a file name) begins the
    /// message. UsageError as PlanEngine.
    NetworkRestorer(const SrNetwork& network, const ModelFile& file, Precision precision, const std::string& where);
    RestorerNeeds needs() const override { return needs_; }
    /// Crop → planes → network → picture, clamped and rounded; crops of one size are played together, on as many cores
    /// as threads_for() says (engine/threads.h). Where the card names no size, crops are filled up with their last
    /// pixels to sides of a multiple of 8 and the result is cut back, so that a folder of faces needs few compiled
    /// sizes. Where one value of the network's picture is NaN or infinite, the answer is the reason
    /// `restorer_not_finite`.
    std::vector<Restored> restore_all(std::span<const FaceCrop> crops) const override;
    std::optional<Precision> precision() const override { return engine_.precision(); }
    std::string model_sha256() const override { return model_sha256_; }

 private:
    std::string model_sha256_;
    RestorerNeeds needs_;
    int enlarged_first_, multiple_, factor_;
    PlanEngine engine_;
};

}  // namespace affectsr
