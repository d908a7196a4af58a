#include "affectsr/classify/catalog.h"

#include <array>

#include "affectsr/classify/covpool.h"
#include "affectsr/classify/ddamfn.h"
#include "affectsr/classify/fsr_fer.h"
#include "affectsr/classify/network_classifier.h"
#include "affectsr/classify/resnet.h"
#include "affectsr/classify/small_net.h"
#include "affectsr/classify/vgg.h"
#include "affectsr/classify/xception.h"

namespace affectsr {

std::span<const Entry<ExpressionNetwork>> expression_network_catalog() {
    static const std::array entries{
        // recipes/train/small_net.json
        entry<ExpressionNetwork>("small_net", "affectsr; He et al. 2016, Hu et al. 2018", small_net),
        entry<ExpressionNetwork>("resnet18", "He et al. 2016, arXiv:1512.03385", resnet18),
        entry<ExpressionNetwork>("resnet50", "He et al. 2016, arXiv:1512.03385", resnet50),
        entry<ExpressionNetwork>("vgg16", "Simonyan & Zisserman 2015, arXiv:1409.1556", vgg16),
        entry<ExpressionNetwork>("vgg19", "Simonyan & Zisserman 2015, arXiv:1409.1556", vgg19),
        entry<ExpressionNetwork>("mini_xception", "Arriaga et al. 2017, arXiv:1710.07557", mini_xception),
        entry<ExpressionNetwork>("big_xception", "Arriaga et al. 2017, arXiv:1710.07557", big_xception),
        entry<ExpressionNetwork>("ddamfn", "Zhang et al. 2023, doi:10.3390/electronics12173595", ddamfn),
        entry<ExpressionNetwork>("covpool", "Acharya et al. 2018, arXiv:1805.04855", covpool),
        entry<ExpressionNetwork>("fsr_fer", "FSR-FER; recipes/train/fsr_fer.json", fsr_fer),
    };
    return entries;
}

std::unique_ptr<Classifier> load_classifier(const std::string& name, const std::filesystem::path& model_file,
                                            const std::string& precision, int views) {
    find(expression_network_catalog(), name, "classifier");
    precision_from(precision);
    expect_known_views(views);
    const std::filesystem::path path = model_file.empty() ? find_model(name) : model_file;
    const ModelFile file = ModelFile::open(path);
    if (file.card.network != name)
        throw ModelError("model_does_not_fit", path.string() + " holds a network \"" + file.card.network +
                                                   "\", asked for was \"" + name + "\"");
    return make_classifier(file, path.string(), precision, views);
}

std::unique_ptr<Classifier> make_classifier(const ModelFile& file, const std::string& where,
                                            const std::string& precision, int views) {
    const Entry<ExpressionNetwork>& network = find(expression_network_catalog(), file.card.network, "classifier");
    const Precision format = precision_from(precision);
    std::unique_ptr<ExpressionNetwork> built;
    try {
        built = network.make(file.card.options);
    } catch (const UsageError& error) {
        throw ModelError("model_does_not_fit", where + ": " + error.what());
    }
    return std::make_unique<NetworkClassifier>(*built, file, format, where, views);
}

}  // namespace affectsr
