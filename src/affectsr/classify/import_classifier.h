// Published weights → a ModelFile of one of our expression networks.
#pragma once

#include <string>
#include <vector>

#include "affectsr/base/fields.h"
#include "affectsr/checkpoint/published.h"

namespace affectsr {

/// The expression network called `name` with these options takes `published` weights, under the names of its own module
/// or those that it knows from others. `labels` are the classes of its answering head in the order of its outputs, in
/// any known spelling; no order is guessed. The card has network, options, labels, heads and input. Throws UsageError
/// for an unknown name, option or label and for labels that are missing; ModelError (`model_does_not_fit`) that lists
/// what does not fit; `where` (a file name) begins it.
ImportedModel import_classifier(const std::string& name, const Json& options, const std::vector<std::string>& labels,
                                const TensorMap& published, const std::string& where);

}  // namespace affectsr
