// Published weights → a ModelFile of one of our super-resolution networks.
#pragma once

#include <string>

#include "affectsr/base/fields.h"
#include "affectsr/checkpoint/published.h"

namespace affectsr {

/// The super-resolution network called `name` with these options takes `published` weights, under the names of its own
/// plan or those that it knows from others. The card has network, options and input. Throws UsageError for an unknown
/// name or option; ModelError (`model_does_not_fit`) that lists what does not fit; `where` (a file name) begins it.
ImportedModel import_restorer(const std::string& name, const Json& options, const TensorMap& published,
                              const std::string& where);

/// The same for a network that parses faces.
ImportedModel import_face_parser(const std::string& name, const Json& options, const TensorMap& published,
                                 const std::string& where);

}  // namespace affectsr
