#include "affectsr/restore/catalog.h"

#include <algorithm>
#include <array>

#include "affectsr/restore/affectsr_net.h"
#include "affectsr/restore/bicubic.h"
#include "affectsr/restore/codeformer.h"
#include "affectsr/restore/dic.h"
#include "affectsr/restore/edsr.h"
#include "affectsr/restore/fsrnet.h"
#include "affectsr/restore/gfpgan.h"
#include "affectsr/restore/meta_sr.h"
#include "affectsr/restore/network_restorer.h"
#include "affectsr/restore/rcan.h"
#include "affectsr/restore/rrdb.h"
#include "affectsr/restore/sparnet.h"
#include "affectsr/restore/srcnn.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

// To add a restorer: write restore/NAME.{h,cpp} with its options and its test, then one line here.
std::span<const Entry<Restorer>> restorer_catalog() {
    static const std::array catalog{
        entry<Restorer, Bicubic, BicubicOptions>("bicubic",
                                                 "Keys 1981, doi:10.1109/TASSP.1981.1163711; MATLAB imresize"),
    };
    return catalog;
}

std::span<const Entry<SrNetwork>> sr_network_catalog() {
    static const std::array catalog{
        entry<SrNetwork>("srcnn", "Dong et al. 2016, arXiv:1501.00092", srcnn),
        entry<SrNetwork>("edsr", "Lim et al. 2017, arXiv:1707.02921", edsr),
        entry<SrNetwork>("rcan", "Zhang et al. 2018, arXiv:1807.02758", rcan),
        entry<SrNetwork>("rrdb", "Wang et al. 2018 (ESRGAN), arXiv:1809.00219", rrdb),
        entry<SrNetwork>("affectsr_net", "Rizvi et al. (AffectSRNet): an RRDB network that sees the face's graph",
                         affectsr_net),
        entry<SrNetwork>("fsrnet", "Chen et al. 2018, arXiv:1711.10703", fsrnet),
        entry<SrNetwork>("dic", "Ma et al. 2020, arXiv:2003.13063", dic),
        entry<SrNetwork>("sparnet", "Chen et al. 2020, arXiv:2012.01211", sparnet),
        entry<SrNetwork>("gfpgan", "Wang et al. 2021, arXiv:2101.04061", gfpgan),
        entry<SrNetwork>("codeformer", "Zhou et al. 2022, arXiv:2206.11253", codeformer),
    };
    return catalog;
}

std::span<const Entry<AnyScaleNetwork>> any_scale_network_catalog() {
    static const std::array catalog{
        entry<AnyScaleNetwork>("meta_sr", "Hu et al. 2019, arXiv:1903.00875", meta_sr),
    };
    return catalog;
}

namespace {

template <class Made>
const Entry<Made>* entry_called(const std::string& name, std::span<const Entry<Made>> catalog) {
    const auto found =
        std::find_if(catalog.begin(), catalog.end(), [&](const Entry<Made>& entry) { return entry.name == name; });
    return found == catalog.end() ? nullptr : &*found;
}

/// Where their makers publish the weights of a network, and under which licence; empty: not known here.
std::string published_weights(const std::string& name) {
    if (name == "gfpgan")
        return ". GFPGANv1.3.pth and GFPGANv1.4.pth are among the releases of github.com/TencentARC/GFPGAN, under "
               "Apache-2.0";
    if (name == "codeformer")
        return ". codeformer.pth is among the releases of github.com/sczhou/CodeFormer, under the S-Lab License 1.0: "
               "no "
               "commercial use";
    return "";
}

/// One name may stand for networks of several scales, each with a file of its own.
std::filesystem::path weights_of(const std::string& name, int scale) {
    try {
        return find_model(name);
    } catch (const ModelError& error) {
        if (error.code() != "no_such_model") throw;
        try {
            return find_model(name + "_x" + std::to_string(scale == 0 ? 4 : scale));
        } catch (const ModelError&) {
            // The message names the file without a scale, which serves every one.
        }
        throw ModelError(error.code(), std::string(error.what()) + ". No weights of " + name +
                                           " come with affectsr; make a model file of published ones: affectsr models "
                                           "import FILE --network " +
                                           name + " -o " + name + ".safetensors" + published_weights(name));
    }
}

ModelFile open_model_of(const std::string& network, const std::filesystem::path& path) {
    ModelFile file = ModelFile::open(path);
    if (file.card.network != network)
        throw ModelError("model_does_not_fit", path.string() + " holds a network \"" + file.card.network +
                                                   "\", asked for was \"" + network + "\"");
    return file;
}

std::unique_ptr<Restorer> load_network(const Entry<SrNetwork>& network, const std::filesystem::path& path,
                                       Precision precision, std::optional<double> fidelity) {
    const ModelFile file = open_model_of(network.name, path);
    Json options = file.card.options;
    if (fidelity) options["fidelity"] = *fidelity;
    std::unique_ptr<SrNetwork> built;
    try {
        built = network.make(options);
    } catch (const UsageError& error) {
        throw ModelError("model_does_not_fit", path.string() + ": " + error.what());
    }
    return std::make_unique<NetworkRestorer>(*built, file, precision, path.string());
}

}  // namespace

void expect_known_restorer(const std::string& name) {
    if (entry_called(name, restorer_catalog()) || entry_called(name, sr_network_catalog()) ||
        entry_called(name, any_scale_network_catalog()))
        return;
    std::string known;
    for (const Entry<Restorer>& entry : restorer_catalog()) known += (known.empty() ? "" : ", ") + entry.name;
    for (const Entry<SrNetwork>& entry : sr_network_catalog()) known += ", " + entry.name;
    for (const Entry<AnyScaleNetwork>& entry : any_scale_network_catalog()) known += ", " + entry.name;
    throw UsageError("no restorer is called \"" + name + "\"; known are: " + known, "unknown_restorer");
}

std::unique_ptr<Restorer> load_restorer(const std::string& name, const std::filesystem::path& model_file,
                                        const std::string& precision, int output_px, int scale,
                                        std::optional<double> fidelity) {
    expect_known_restorer(name);
    const Precision format = precision_from(precision);
    const Entry<SrNetwork>* const network = entry_called(name, sr_network_catalog());
    if (fidelity && (!network || !network->default_options.contains("fidelity")))
        throw UsageError("the restorer " + name + " has no fidelity to choose", "no_fidelity");
    if (network)
        return load_network(*network, model_file.empty() ? weights_of(name, scale) : model_file, format, fidelity);
    if (entry_called(name, any_scale_network_catalog())) {
        const std::filesystem::path path = model_file.empty() ? weights_of(name, scale) : model_file;
        return std::make_unique<MetaSr>(open_model_of(name, path), format, path.string(), output_px, scale);
    }
    if (!model_file.empty())
        throw UsageError("the restorer " + name + " has no weights; leave " + model_file.string() + " out");
    const Entry<Restorer>& entry = find(restorer_catalog(), name, "restorer");
    Json options = Json::object();
    if (entry.default_options.contains("output_px")) options["output_px"] = output_px;
    return entry.make(options);
}

}  // namespace affectsr
