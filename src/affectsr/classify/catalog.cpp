#include "affectsr/classify/catalog.h"

#include <array>

#include "affectsr/classify/network_classifier.h"
#include "affectsr/classify/small_net.h"

namespace affectsr {

std::span<const Entry<ExpressionNetwork>> expression_network_catalog() {
    static const std::array entries{
        // recipes/train/small_net.json
        entry<ExpressionNetwork, SmallNet, SmallNetOptions>("small_net", "affectsr; He et al. 2016, Hu et al. 2018"),
    };
    return entries;
}

std::unique_ptr<Classifier> load_classifier(const std::string& name, const std::filesystem::path& model_file,
                                            const std::string& precision) {
    const Entry<ExpressionNetwork>& network = find(expression_network_catalog(), name, "classifier");
    if (precision != "f32" && precision != "bf16")
        throw UsageError("\"precision\" must be f32 or bf16, got \"" + precision + "\"");
    const std::filesystem::path path = model_file.empty() ? find_model(name) : model_file;
    const ModelFile file = ModelFile::open(path);
    if (file.card.network != name)
        throw ModelError("model_does_not_fit", path.string() + " holds a network \"" + file.card.network +
                                                   "\", asked for was \"" + name + "\"");
    std::shared_ptr<ExpressionNetwork> built;
    try {
        built = network.make(file.card.options);
    } catch (const UsageError& error) {
        throw ModelError("model_does_not_fit", path.string() + ": " + error.what());
    }
    return std::make_unique<NetworkClassifier>(std::move(built), file, precision == "bf16", path.string());
}

}  // namespace affectsr
