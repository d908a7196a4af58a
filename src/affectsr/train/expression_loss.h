// Whether restored faces are read as surely as true ones, AffectSRNet's L_hist, and as the same.
#pragma once

#include "affectsr/metric/soft_histogram.h"
#include "affectsr/train/restoration_loss.h"

namespace affectsr {

/// soft_histogram_distance (metric/soft_histogram.h) of probabilities [n, classes], with its gradient to `sr`; a
/// scalar.
at::Tensor histogram_loss(const at::Tensor& sr, const at::Tensor& hr, const SoftHistogramOptions& options);

/// The mean over faces of the Kullback-Leibler divergence of what is read in restored faces from what is read in the
/// true ones, of logits [n, classes]; a scalar with its gradient to `sr`. Source: Hinton et al. 2015, arXiv:1503.02531.
at::Tensor reading_loss(const at::Tensor& sr, const at::Tensor& hr);

/// "expression": histogram_loss of what a frozen judge reads in the batch's faces. It sees them whole, at its size, by
/// MATLAB's bicubic, as evaluation shows them to judges. Throws UsageError for a backbone or a network that reads no
/// expressions; as open_trained.
std::unique_ptr<RestorationLoss> make_expression_loss(const RestorationLossOptions& options, LossSetting& setting);

/// "reading": reading_loss of what a frozen judge reads in each face; else as make_expression_loss. Where histograms
/// tell whether a batch is read as surely, this tells whether each face is read as the same.
std::unique_ptr<RestorationLoss> make_reading_loss(const RestorationLossOptions& options, LossSetting& setting);

}  // namespace affectsr
