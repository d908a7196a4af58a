// The command `models`: which networks there are, where their weights lie, and whether those are sound.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "affectsr/program/command.h"
#include "affectsr/weights/model_file.h"

namespace affectsr::cli {

/// `models list`, `models info MODEL`, `models verify [MODEL…]`, `models record …`, `models import …`,
/// `models calibrate …`; `models info A B`.
Action declare_models(CLI::App& command);

extern const char* const kModelsExamples;  ///< what its help begins with

/// A network's weights as they lie on this machine.
struct ModelState {
    std::string name;            ///< catalog name, or the path that was named
    std::filesystem::path file;  ///< empty: not found
    std::uintmax_t bytes = 0;
    ModelCard card;            ///< empty where `problem` says why
    std::string problem_code;  ///< stable; empty: found, hash right, fits its network
    std::string problem;
};

/// Opens a model and hashes its tensors; with `load`, also puts them into the network that the card names. Never throws
/// ModelError: the state says what is wrong.
ModelState check_model(const std::string& name_or_path, bool load);

/// The names of the models that the program cannot do without, then of all others that lie where find_model looks.
std::vector<std::string> model_names();

/// One model as JSON: name, file, bytes, status, sha256, licence, parameters, error.
Json to_json(const ModelState& state);

}  // namespace affectsr::cli
