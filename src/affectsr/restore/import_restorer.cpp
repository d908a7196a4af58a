#include "affectsr/restore/import_restorer.h"

#include <utility>

#include "affectsr/restore/catalog.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

ImportedModel import_restorer(const std::string& name, const Json& options, const TensorMap& published,
                              const std::string& where) {
    const Entry<SrNetwork>& entry = find(sr_network_catalog(), name, "restorer");
    const std::unique_ptr<SrNetwork> network = entry.make(options);
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
