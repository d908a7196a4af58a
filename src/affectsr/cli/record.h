// `affectsr models record`: writes measured figures into a model's card.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace affectsr::cli {

/// Replaces card.figures["evaluation"] of a model file by the figures of JSON reports of `evaluate sizes`, by atomic
/// rename; the tensors stay as they are. Throws ModelError for the model, InputError for a report, ResourceError for
/// the disk.
void record_figures(const std::filesystem::path& model, const std::vector<std::string>& reports);

}  // namespace affectsr::cli
