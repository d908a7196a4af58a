#include "affectsr/detect/import_detector.h"

#include <utility>

#include "affectsr/detect/catalog.h"
#include "affectsr/detect/detection_network.h"

namespace affectsr {

ImportedModel import_detector(const std::string& name, const Json& options, const TensorMap& published,
                              const std::string& where) {
    const Entry<DetectionNetwork>& entry = find(detection_network_catalog(), name, "detector");
    const std::unique_ptr<DetectionNetwork> network = entry.make(options);
    ImportedModel imported;
    ModelCard& card = imported.model.card;
    card.network = name;
    card.options = entry.default_options;
    card.options.update(options);
    card.input = {{"channels", 3}};
    imported.model.tensors = adopt(network->plan, network->renamed(published), where);
    imported.parameters = network->plan.parameter_count();
    return imported;
}

}  // namespace affectsr
