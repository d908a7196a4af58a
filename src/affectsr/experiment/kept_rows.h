// Finished rows of a long experiment, kept in files, so that a run that was stopped goes on where it was.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "affectsr/base/fields.h"

namespace affectsr {

/// A folder of rows, each under a name, with what it was made of. Not thread-safe; two runs must not share a folder.
class KeptRows {
 public:
    explicit KeptRows(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// What was kept under this name, if it was made of the same; nothing if it was not, or is no such file.
    std::optional<Json> find(const std::string& name, const Json& made_of) const;
    /// Keeps a finished row, by atomic rename. Throws ResourceError (`cannot_write`).
    void keep(const std::string& name, const Json& made_of, const Json& row) const;
    /// Where something that belongs to a row may lie: FOLDER/NAME/FILE.
    std::filesystem::path beside(const std::string& name, const std::string& file) const;

 private:
    std::filesystem::path folder_;
};

}  // namespace affectsr
