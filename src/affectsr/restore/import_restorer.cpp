#include "affectsr/restore/import_restorer.h"

#include "affectsr/restore/catalog.h"
#include "affectsr/restore/meta_sr.h"
#include "affectsr/restore/parse_net.h"
#include "affectsr/restore/sr_network.h"

namespace affectsr {

ImportedModel import_restorer(const std::string& name, const Json& options, const TensorMap& published,
                              const std::string& where) {
    for (const Entry<AnyScaleNetwork>& entry : any_scale_network_catalog())
        if (entry.name == name) return import_network(entry, options, published, where);
    return import_network(find(sr_network_catalog(), name, "restorer"), options, published, where);
}

ImportedModel import_face_parser(const std::string& name, const Json& options, const TensorMap& published,
                                 const std::string& where) {
    return import_network(find(face_parsing_catalog(), name, "face parser"), options, published, where);
}

}  // namespace affectsr
