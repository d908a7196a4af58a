#include "affectsr/detect/import_detector.h"

#include "affectsr/detect/catalog.h"
#include "affectsr/detect/detection_network.h"

namespace affectsr {

ImportedModel import_detector(const std::string& name, const Json& options, const TensorMap& published,
                              const std::string& where) {
    return import_network(find(detection_network_catalog(), name, "detector"), options, published, where);
}

}  // namespace affectsr
