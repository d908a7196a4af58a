// Makes a Restorer of any trained SrNetwork.
#pragma once

#include <memory>
#include <string>

#include "affectsr/plan/precision.h"
#include "affectsr/restore/restorer.h"
#include "affectsr/restore/sr_network.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// A trained SrNetwork, ready to be asked. Thread-safe: the network is in eval mode and never changed.
class NetworkRestorer : public Restorer {
 public:
    /// Loads the weights of `file` into `network` and compiles its plans. Where the card's input has "size_px",
    /// crops of other sizes are resized to it by MATLAB's bicubic. Throws ModelError (`model_does_not_fit`) if names,
    /// shapes or the card do not fit; `where` begins the message.
    NetworkRestorer(std::shared_ptr<SrNetwork> network, const ModelFile& file, Precision precision,
                    const std::string& where);
    RestorerNeeds needs() const override { return needs_; }
    /// Crop → tensor → network → picture, clamped and rounded. Where one value of the network's picture is NaN or
    /// infinite, the answer is the reason `restorer_not_finite`.
    std::vector<Restored> restore_all(std::span<const FaceCrop> crops) const override;
    std::optional<Precision> precision() const override { return precision_; }

 private:
    Restored restored_of(const FaceCrop& crop) const;

    std::shared_ptr<SrNetwork> network_;
    RestorerNeeds needs_;
    Precision precision_;
};

}  // namespace affectsr
