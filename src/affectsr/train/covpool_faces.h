// What tasks about covpool's features share: its file, their batches, their figures.
#pragma once

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "affectsr/classify/covpool.h"
#include "affectsr/train/recipe.h"
#include "affectsr/train/sample_source.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// The head of covpool, and of its targets in a batch: "target.expression".
inline constexpr const char* kCovpoolHead = "expression";

/// The model called `name` (model_in_reach of `folder`). Throws ModelError if it is missing, damaged or no covpool.
ModelFile open_covpool(const std::string& name, const std::filesystem::path& folder);

/// A recipe's faces as covpool sees them: "face" made small and enlarged back, "hr" the same before, targets where
/// there are any.
std::unique_ptr<SampleSource> covpool_faces(const CovpoolOptions& network, const Recipe& recipe,
                                            const DataLoading& loading);

/// Pictures [n, 3, px, px] → logits [n, 7] by who answers.
using CovpoolReading = std::function<std::map<std::string, at::Tensor>(const at::Tensor& pictures)>;

/// {NAME: {"25": share of held-out faces of 25 px whose most probable class is that of their target, …}, …} for
/// everybody who answers and every size of the recipe's validation. Faces without a target are not read. A face of the
/// network's own size or more is the original.
Json accuracy_by_size(const SampleSource& source, const Recipe& recipe, const CovpoolReading& read);

/// A model of a network that reads as `covpool` does: labels, heads and input of its card.
ModelFile made_of_covpool(const ModelFile& covpool, const std::string& network, Json options, TensorMap tensors);

/// The sum over everything but the first dimension of squared differences, [n].
at::Tensor squared_distances(const at::Tensor& a, const at::Tensor& b);

}  // namespace affectsr
