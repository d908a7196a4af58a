// The rows of a comparison as lines for people.
#pragma once

#include <string>
#include <vector>

#include "affectsr/base/fields.h"

namespace affectsr::cli {

/// The rows of one pair of pictures (experiment/compare_report.h): a line for the pair, one for every face and judge.
std::string compared_text(const std::vector<Json>& rows);

}  // namespace affectsr::cli
