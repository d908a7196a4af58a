// Cuts a data set in two so that no person stands in both parts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "affectsr/data/dataset.h"

namespace affectsr {

/// Indices of a data set in two parts, each in ascending order.
struct IndexSplit {
    std::vector<std::size_t> part;  ///< about `share` of the samples
    std::vector<std::size_t> rest;
};

/// Puts about `share` (0–1) of the samples aside: whole subjects where subjects are known, single samples where they
/// are not. Which ones depends only on the subject's name (or the picture's path below the root) and `seed`, on every
/// machine, so a sample added later moves no other. Throws UsageError if share is out of range.
IndexSplit split_by_subject(const Dataset& dataset, double share, std::uint64_t seed);

/// Subjects that stand in more than one split of the data set, in alphabetical order; empty is good.
std::vector<std::string> subjects_in_several_splits(const Dataset& dataset);

}  // namespace affectsr
