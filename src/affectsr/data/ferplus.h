// FER+ votes → labels. Source: Barsoum et al. 2016 (FER+); rules of microsoft/FERPlus src/ferplus.py.
#pragma once

#include <array>
#include <optional>

#include "affectsr/data/dataset.h"

namespace affectsr {

/// Probabilities in FER+ order: neutral, happiness, surprise, sadness, anger, disgust, fear, contempt; sum 1.
using FerPlusDistribution = std::array<float, 8>;

/// The emotion that more than half of the votes name, counts of 1 dropped first; none: no majority, or "unknown" or
/// "not a face" has it (such rows are left out of every figure). May be contempt.
std::optional<Emotion> ferplus_majority(const FerPlusVotes&);
/// The three target distributions of the FER+ code; none: the row is rejected.
std::optional<FerPlusDistribution> ferplus_majority_distribution(const FerPlusVotes&);
std::optional<FerPlusDistribution> ferplus_probability_distribution(const FerPlusVotes&);
std::optional<FerPlusDistribution> ferplus_multi_target_distribution(const FerPlusVotes&);

/// Our training target: all ten votes as they are, contempt, unknown and not-a-face left out, over the seven classes in
/// canonical order, sum 1; none if fewer than two votes remain.
std::optional<std::array<float, kExpressionClasses>> ferplus_soft_target(const FerPlusVotes&);

}  // namespace affectsr
