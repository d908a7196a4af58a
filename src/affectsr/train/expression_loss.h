// Whether restored faces are read as surely, and as the same, as true ones: AffectSRNet's L_hist.
#pragma once

#include "affectsr/metric/soft_histogram.h"
#include "affectsr/train/restoration_loss.h"

namespace affectsr {

/// soft_histogram_distance (metric/soft_histogram.h) of probabilities [n, classes], with its gradient to `sr`; a
/// scalar.
at::Tensor histogram_loss(const at::Tensor& sr, const at::Tensor& hr, const SoftHistogramOptions& options);

/// "expression": histogram_loss of what a frozen judge reads in the batch's faces. It sees them whole, at its size, by
/// MATLAB's bicubic, as evaluation shows them to judges. Throws UsageError for a backbone or a network that reads no
/// expressions; as open_trained.
std::unique_ptr<RestorationLoss> make_expression_loss(const RestorationLossOptions& options, LossSetting& setting);

}  // namespace affectsr
