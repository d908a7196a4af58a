// Whether what is larger here is larger there, too.
#pragma once

#include <vector>

namespace affectsr {

/// Spearman's rank correlation of two rows of numbers, −1 to 1, equal numbers with their mean rank; NaN for fewer than
/// two pairs or a row of equal numbers. Throws Bug for rows of different lengths. Source: Spearman 1904.
double rank_correlation(const std::vector<double>& a, const std::vector<double>& b);

}  // namespace affectsr
