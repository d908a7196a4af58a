#include "affectsr/data/catalog.h"

#include <array>

#include "affectsr/data/manifest.h"

namespace affectsr {

std::span<const Entry<Dataset>> dataset_catalog() {
    static const std::array kCatalog = {
        entry<Dataset, Manifest, DatasetOptions>("manifest", "any folder with a manifest.csv"),
    };
    return kCatalog;
}

std::unique_ptr<Dataset> open_dataset(const std::string& name, const Json& options) {
    return find(dataset_catalog(), name, "dataset").make(options);
}

}  // namespace affectsr
