// `affectsr models info A B`: what changed from one model to another.
#pragma once

#include <string>

#include "affectsr/cli/models.h"

namespace affectsr::cli {

/// {"before": {…}, "now": {…}} of to_json(ModelState), "bytes" as a change, and the keys of card_changes(). Both states
/// must be sound. Throws ModelError if a file cannot be read again.
Json model_changes(const ModelState& before, const ModelState& now);

/// The same for people: lines, then a table of the figures by size and of the recall of each class.
std::string printable_changes(const Json& changes);

}  // namespace affectsr::cli
