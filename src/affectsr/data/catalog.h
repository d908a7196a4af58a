// Every data set that can be read, one line each.
#pragma once

#include <memory>
#include <span>

#include "affectsr/base/catalog.h"
#include "affectsr/data/dataset.h"

namespace affectsr {

/// manifest, fer2013, fer2013_folders, raf_db, kdef, affectnet, exp_w, ck_plus, jaffe, sfew, celeba, ffhq, helen, lfw.
std::span<const Entry<Dataset>> dataset_catalog();

/// Opens a data set by its catalog name. Throws UsageError for an unknown name or option or a split that does not exist
/// (naming those that do), InputError (`dataset_unreadable`) if its lists are missing or malformed, naming file and
/// row. Logs one line (level info) with the class counts.
std::unique_ptr<Dataset> open_dataset(const std::string& name, const Json& options);

}  // namespace affectsr
