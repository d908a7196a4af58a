// What changed from one model file to another: recipe, weights, figures.
#pragma once

#include "affectsr/base/fields.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

/// What changed, as JSON:
///   parameters    {before, now, difference}: numbers in the tensors
///   same_weights  the same tensors with the same bytes
///   recipe, card  in which values they differ (differences()); "card" without recipe, figures and hash
///   figures       a row for every size of every evaluation (card_figures()) that either has: dataset, split, truth,
///   views,
///                 size, then accuracy, balanced_accuracy, ece and recall.CLASS as {before, now, difference}; null
///                 where one does not have it. "same_data" is false where the lists they were measured on differ.
Json card_changes(const ModelFile& before, const ModelFile& now);

}  // namespace affectsr
