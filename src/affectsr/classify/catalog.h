// Every expression network, one line each.
#pragma once

#include <filesystem>
#include <memory>
#include <span>

#include "affectsr/base/catalog.h"
#include "affectsr/classify/classifier.h"

namespace affectsr {

struct ExpressionNetwork;
struct ModelFile;

/// Untrained networks, by name; for training and for loading.
std::span<const Entry<ExpressionNetwork>> expression_network_catalog();

/// A trained classifier: the network called `name` with the weights of `model_file` (empty: find_model(name)).
/// `precision` is "auto", "f32" or "bf16" (plan/precision.h). `views` 1: it reads a face as it is; 2: also its mirror
/// image. Throws UsageError for an unknown name, precision or number of views, ModelError if the file is missing,
/// damaged, of another network, or does not fit.
std::unique_ptr<Classifier> load_classifier(const std::string& name, const std::filesystem::path& model_file,
                                            const std::string& precision, int views = 1);

/// The classifier that a model file in memory is: the network that its card names. `where` (a file name) begins
/// messages. Throws as load_classifier.
std::unique_ptr<Classifier> make_classifier(const ModelFile& file, const std::string& where,
                                            const std::string& precision, int views = 1);

}  // namespace affectsr
