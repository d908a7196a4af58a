#include "affectsr/cli/models_import.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>

#include "affectsr/base/sha256.h"
#include "affectsr/checkpoint/published.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/classify/import_classifier.h"
#include "affectsr/cli/rows.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/detect/detection_network.h"
#include "affectsr/detect/import_detector.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/input_files.h"
#include "affectsr/program/output.h"
#include "affectsr/restore/catalog.h"
#include "affectsr/restore/import_restorer.h"
#include "affectsr/restore/parse_net.h"
#include "affectsr/weights/mapped_file.h"

namespace affectsr::cli {

namespace {

constexpr std::size_t kMostLeftAside = 8;  // keys named in the text

struct ImportSettings {
    std::filesystem::path file;
    std::string network;
    std::filesystem::path output;
    Json options = Json::object();
    std::vector<std::string> labels;
    std::string source, licence;
    bool overwrite = false;
    std::string format = "text";
    void fields(auto&& f) {
        f("network", network, "the network's name in its catalog (affectsr models list)");
        f("output", output, "model file to write: OUT.safetensors");
        f("options", options, "the network's options where they differ from its defaults");
        f("labels", labels, "of a classifier: its classes in the order of its outputs");
        f("source", source, "who made the weights, from what paper and page; for the card");
        f("licence", licence, "of the weights; for the card");
        f("overwrite", overwrite, "replace an existing file");
        f("format", format, "how the account is written", OneOf{{"text", "json"}});
    }
};

template <class Made>
bool names(std::span<const Entry<Made>> catalog, const std::string& name, std::string& known) {
    for (const Entry<Made>& entry : catalog) {
        if (entry.name == name) return true;
        known += (known.empty() ? "" : ", ") + entry.name;
    }
    return false;
}

using Import = ImportedModel (*)(const ImportSettings&, const TensorMap&);

/// How the network that was named takes weights. Throws UsageError naming all that do.
Import import_of(const ImportSettings& settings) {
    std::string known;
    if (names(expression_network_catalog(), settings.network, known))
        return [](const ImportSettings& s, const TensorMap& published) {
            return import_classifier(s.network, s.options, s.labels, published, s.file.string());
        };
    if (names(sr_network_catalog(), settings.network, known) ||
        names(any_scale_network_catalog(), settings.network, known))
        return [](const ImportSettings& s, const TensorMap& published) {
            if (!s.labels.empty()) throw UsageError("--labels are for classifiers; " + s.network + " restores faces");
            return import_restorer(s.network, s.options, published, s.file.string());
        };
    if (names(face_parsing_catalog(), settings.network, known))
        return [](const ImportSettings& s, const TensorMap& published) {
            if (!s.labels.empty()) throw UsageError("--labels are for classifiers; " + s.network + " parses faces");
            return import_face_parser(s.network, s.options, published, s.file.string());
        };
    if (names(detection_network_catalog(), settings.network, known))
        return [](const ImportSettings& s, const TensorMap& published) {
            if (!s.labels.empty()) throw UsageError("--labels are for classifiers; " + s.network + " finds faces");
            return import_detector(s.network, s.options, published, s.file.string());
        };
    throw UsageError("no network is called \"" + settings.network + "\"; --network takes one of " + known,
                     "unknown_network");
}

void check(const ImportSettings& settings) {
    if (settings.network.empty()) throw UsageError("name the network that the weights are for: --network NAME");
    if (settings.output.extension() != ".safetensors")
        throw UsageError("name the model file to write: -o OUT.safetensors");
    if (!settings.options.is_object()) throw UsageError("--options takes a JSON object, {\"name\": value, …}");
    InputFiles published;
    published.add(settings.file, "the file to import");
    published.refuse(settings.output);
    if (!settings.overwrite && std::filesystem::exists(settings.output))
        throw UsageError(settings.output.string() + " exists; choose another file or --overwrite", "output_exists");
}

std::string joined(const std::vector<std::string>& words, const std::string& between, std::size_t most) {
    std::string text;
    for (std::size_t i = 0; i < std::min(words.size(), most); ++i) text += (i == 0 ? "" : between) + words[i];
    if (words.size() > most) text += between + "and " + std::to_string(words.size() - most) + " more";
    return text;
}

Json account_of(const ImportSettings& settings, const PublishedCheckpoint& read, const ModelFile& saved,
                std::int64_t parameters) {
    Json account;
    account["file"] = settings.output.string();
    account["network"] = settings.network;
    account["tensors"] = saved.tensors.size();
    account["parameters"] = parameters;
    account["sha256"] = saved.card.sha256;
    account["licence"] = saved.card.licence;
    account["read"] = {
        {"file", settings.file.string()}, {"format", read.format}, {"within", read.within}, {"beside", read.beside}};
    return account;
}

std::string text_of(const ImportSettings& settings, const PublishedCheckpoint& read, const ModelFile& saved,
                    std::int64_t parameters) {
    const std::string written = settings.output.string() + ": " + settings.network + ", " +
                                std::to_string(saved.tensors.size()) + " tensors, " + std::to_string(parameters) +
                                " parameters, sha256 " + saved.card.sha256;
    std::string origin = "read from " + settings.file.string() + " (" + read.format;
    if (!read.within.empty()) origin += ", within " + joined(read.within, ".", kMostLeftAside);
    if (!read.beside.empty()) origin += ", left aside: " + joined(read.beside, ", ", kMostLeftAside);
    return printable(written) + "\n" + printable(origin + ")") + "\n";
}

int import_published(const ImportSettings& settings) {
    check(settings);
    const Import import = import_of(settings);
    const PublishedCheckpoint read = read_published(settings.file);
    ImportedModel imported = import(settings, read.tensors);
    ModelCard& card = imported.model.card;
    card.source = settings.source;
    card.licence = settings.licence;
    card.recipe["import"] = {{"file", valid_utf8(settings.file.filename().string())},
                             {"sha256", sha256_hex(MappedFile::open(settings.file).bytes())},
                             {"within", read.within}};
    imported.model.save(settings.output);
    const ModelFile saved = ModelFile::open(settings.output);  // and its hash is right
    print(settings.format == "json" ? account_of(settings, read, saved, imported.parameters)
                                              .dump(2, ' ', false, Json::error_handler_t::replace) +
                                          "\n"
                                    : text_of(settings, read, saved, imported.parameters));
    return 0;
}

}  // namespace

Action declare_import(CLI::App& command) {
    const auto settings = std::make_shared<ImportSettings>();
    command.add_option("FILE", settings->file, "PyTorch checkpoint (.pth, .pt) or .safetensors")->required();
    add_flags(command, list_fields(*settings), "Options", {{"output", "o"}});
    return [settings](const Call&) { return import_published(*settings); };
}

}  // namespace affectsr::cli
