// Published weights → a ModelFile of one of our detection networks.
#pragma once

#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/checkpoint/published.h"

namespace affectsr {

/// The detection network called `name` with these options takes `published` weights, under the names of its own plan or
/// those that it knows from others. The card has network, options and input. Throws UsageError for an unknown name or
/// option; ModelError (`model_does_not_fit`) that lists what does not fit; `where` (a file name) begins it.
ImportedModel import_detector(const std::string& name, const Json& options, const TensorMap& published,
                              const std::string& where);

}  // namespace affectsr
