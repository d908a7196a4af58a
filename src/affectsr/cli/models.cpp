#include "affectsr/cli/models.h"

#include <CLI/App.hpp>
#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "affectsr/classify/catalog.h"
#include "affectsr/cli/models_calibrate.h"
#include "affectsr/cli/models_differences.h"
#include "affectsr/cli/models_import.h"
#include "affectsr/cli/record.h"
#include "affectsr/cli/rows.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/detect/detection_network.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/output.h"
#include "affectsr/restore/catalog.h"

namespace affectsr::cli {

const char* const kModelsExamples =
    R"(  affectsr models list                          every network, and where its weights lie
  affectsr models info small_net                what it was trained on, its figures, its limits
  affectsr models info small_net new.safetensors    what changed from one to the other
  affectsr models verify                        hash every model and load it into its network
  affectsr models verify my/net.safetensors     the same for a file
  affectsr models record net.safetensors a.json writes the figures of reports into the model's card
  affectsr models calibrate small_net --data faces/ -o new.safetensors  fits how sure it may be, by face size
  affectsr models import x.pth --network small_net --labels anger,fear,… -o x.safetensors)";

namespace {

// What the program cannot do without: its absence is a fault, that of others is not.
constexpr std::array kShipped{"small_net", "small_face_net", "landmark_net"};

struct ModelsSettings {
    std::vector<std::string> models;
    std::string recorded;              ///< the one model of `record`
    std::vector<std::string> reports;  ///< its reports
    std::string format = "text";
    void fields(auto&& f) { f("format", format, "how it is written", OneOf{{"text", "json"}}); }
};

std::string written(const Json& json) {
    return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string size_text(std::uintmax_t bytes) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f MiB", static_cast<double>(bytes) / (1 << 20));
    return text;
}

std::string padded(std::string text, std::size_t width) {
    if (text.size() < width) text.append(width - text.size(), ' ');
    return text;
}

template <class Made>
bool lists(std::span<const Entry<Made>> catalog, const std::string& name) {
    return std::any_of(catalog.begin(), catalog.end(), [&](const Entry<Made>& entry) { return entry.name == name; });
}

template <class Made>
Json listed(const char* kind, std::span<const Entry<Made>> catalog) {
    Json list = Json::array();
    for (const Entry<Made>& entry : catalog)
        list.push_back({{"kind", kind}, {"name", entry.name}, {"source", entry.source}});
    return list;
}

/// The installed models by the network that their cards name; a file without a card by its own name.
std::map<std::string, std::vector<ModelState>> installed_by_network() {
    std::map<std::string, std::vector<ModelState>> models;
    for (const std::string& name : model_names()) {
        ModelState state = check_model(name, false);
        const std::string network = state.card.network.empty() ? name : state.card.network;
        models[network].push_back(std::move(state));
    }
    return models;
}

Json all_networks() {
    Json list = Json::array();
    for (const Json& kind :
         {listed("detector", detector_catalog()), listed("landmarker", landmarker_catalog()),
          listed("restorer", restorer_catalog()), listed("restorer", sr_network_catalog()),
          listed("restorer", any_scale_network_catalog()), listed("classifier", expression_network_catalog())})
        list.insert(list.end(), kind.begin(), kind.end());
    const std::map<std::string, std::vector<ModelState>> models = installed_by_network();
    for (Json& item : list) {
        item["weights"] = Json::array();
        const auto found = models.find(item["name"].get<std::string>());
        if (found == models.end()) continue;
        for (const ModelState& state : found->second) item["weights"].push_back(to_json(state));
    }
    return list;
}

/// Whether a network of the list is of no use without weights.
bool needs_weights(const Json& item) {
    const auto is_in = [&item](const auto& catalog) { return lists(catalog, item["name"].get<std::string>()); };
    return is_in(sr_network_catalog()) || is_in(any_scale_network_catalog()) || is_in(expression_network_catalog());
}

/// What stands before the first semicolon: models info has the rest.
std::string first_clause(const std::string& words) {
    return words.substr(0, words.find(';'));
}

/// One line about a network's weights, as models list shows them.
std::string weights_text(const Json& weights) {
    const Json& error = weights["error"];
    const std::string problem = error.is_null() ? "" : printable(error["message"].get<std::string>());
    if (weights["file"].is_null()) return problem;
    return printable(weights["file"].get<std::string>()) + ", " + size_text(weights["bytes"].get<std::uintmax_t>()) +
           ", " +
           (problem.empty() ? "licence " + first_clause(printable(weights["licence"].get<std::string>())) : problem);
}

int list_models(const ModelsSettings& settings) {
    const Json list = all_networks();
    if (settings.format == "json") {
        print(written(list));
        return 0;
    }
    std::string text;
    for (const Json& item : list) {
        text += padded(item["kind"].get<std::string>(), 12) + padded(item["name"].get<std::string>(), 16) +
                item["source"].get<std::string>() + "\n";
        const std::string indent(28, ' ');
        for (const Json& weights : item["weights"]) text += indent + weights_text(weights) + "\n";
        if (item["weights"].empty() && needs_weights(item))
            text += indent + "no weights here; affectsr models import takes published ones\n";
    }
    print(text);
    return 0;
}

[[noreturn]] void refuse(const ModelState& state) {
    throw ModelError(state.problem_code, state.problem);
}

ModelState sound_model(const std::string& name) {
    ModelState state = check_model(name, false);
    if (!state.problem_code.empty()) refuse(state);
    return state;
}

int show_changes(const ModelsSettings& settings) {
    const Json changes = model_changes(sound_model(settings.models[0]), sound_model(settings.models[1]));
    print(settings.format == "json" ? written(changes) : printable_changes(changes));
    return 0;
}

int show_model(const ModelsSettings& settings) {
    if (settings.models.size() == 2) return show_changes(settings);
    const ModelState state = sound_model(settings.models.front());
    Json json = to_json(state);
    json["card"] = to_json(state.card);
    if (settings.format == "json") {
        print(written(json));
        return 0;
    }
    std::string text;
    for (const auto& [key, value] : json["card"].items()) {
        const std::string shown = value.is_string() ? value.get<std::string>() : value.dump(value.size() > 3 ? 2 : -1);
        text += padded(key, 12) + (value.is_string() ? printable(shown) : shown) + "\n";
    }
    print(padded("file", 12) + printable(state.file.string()) + ", " + size_text(state.bytes) + "\n" + text);
    return 0;
}

int verify_models(const ModelsSettings& settings) {
    const std::vector<std::string> names = settings.models.empty() ? model_names() : settings.models;
    Json list = Json::array();
    std::string text;
    bool sound = true;
    for (const std::string& name : names) {
        const ModelState state = check_model(name, true);
        sound = sound && state.problem_code.empty();
        list.push_back(to_json(state));
        text += printable(state.name) + ": " +
                (state.problem_code.empty() ? "ok, sha256 " + state.card.sha256
                                            : "failed (" + state.problem_code + "): " + printable(state.problem)) +
                "\n";
    }
    print(settings.format == "json" ? written(list) : text);
    return sound ? 0 : 4;
}

void load_network(const ModelState& state) {
    constexpr int kAnySide = 48;  // px; a network has its own
    const std::string& name = state.card.network;
    if (lists(detection_network_catalog(), name))
        make_detector(name, {{"model", state.file.string()}});
    else if (lists(landmark_network_catalog(), name))
        make_landmarker(name, {{"model", state.file.string()}});
    else if (lists(sr_network_catalog(), name) || lists(any_scale_network_catalog(), name))
        load_restorer(name, state.file, "f32", kAnySide);
    else
        load_classifier(name, state.file, "f32");
}

}  // namespace

ModelState check_model(const std::string& name_or_path, bool load) {
    ModelState state;
    state.name = name_or_path;
    try {
        state.file = find_model(name_or_path);
        std::error_code ignored;
        state.bytes = std::filesystem::file_size(state.file, ignored);
        state.card = ModelFile::open(state.file).card;
        if (load) load_network(state);
    } catch (const ModelError& error) {
        state.problem_code = error.code();
        state.problem = error.what();
    } catch (const UsageError& error) {  // the card names a network that this program does not know
        state.problem_code = "unknown_network";
        state.problem = state.file.string() + ": " + error.what();
    }
    return state;
}

std::vector<std::string> model_names() {
    std::vector<std::string> names(kShipped.begin(), kShipped.end());
    for (const std::string& name : installed_models())
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    return names;
}

Json to_json(const ModelState& state) {
    Json json;
    json["name"] = state.name;
    json["file"] = state.file.empty() ? Json(nullptr) : Json(state.file.string());
    json["bytes"] = state.bytes;
    json["status"] = state.problem_code.empty() ? "ok" : "failed";
    json["error"] = nullptr;
    if (!state.problem_code.empty()) json["error"] = {{"code", state.problem_code}, {"message", state.problem}};
    json["network"] = state.card.network;
    json["sha256"] = state.card.sha256;
    json["licence"] = state.card.licence;
    return json;
}

Action declare_models(CLI::App& command) {
    const auto settings = std::make_shared<ModelsSettings>();
    command.require_subcommand(1);
    CLI::App* list = add_subcommand(command, "list", "every network, and where its weights lie", kModelsExamples);
    CLI::App* info =
        add_subcommand(command, "info", "the card of a model, or what changed from one to another", kModelsExamples);
    CLI::App* verify =
        add_subcommand(command, "verify", "hash models and load them; exit 4 if one is unsound", kModelsExamples);
    info->add_option("MODEL", settings->models, "catalog name or file; two: the older, then the newer")
        ->required()
        ->expected(1, 2);
    verify->add_option("MODEL", settings->models, "catalog names or files; default: all");
    CLI::App* record = add_subcommand(command, "record", "write measured figures into a model's card", kModelsExamples);
    record->add_option("MODEL", settings->recorded, "catalog name or file")->required();
    record->add_option("REPORT", settings->reports, "reports of `evaluate sizes --format json`")->required();
    CLI::App* import = add_subcommand(command, "import", "make a model file of published weights", kModelsExamples);
    const Action import_weights = declare_import(*import);
    CLI::App* calibrate =
        add_subcommand(command, "calibrate", "fit how sure a model may be of faces of each size", kModelsExamples);
    const Action calibrate_weights = declare_calibrate(*calibrate);
    for (CLI::App* sub : {list, info, verify}) add_flags(*sub, list_fields(*settings), "Options");
    return [settings, list, info, record, import, import_weights, calibrate, calibrate_weights](const Call& call) {
        if (import->parsed()) return import_weights(call);
        if (calibrate->parsed()) return calibrate_weights(call);
        if (list->parsed()) return list_models(*settings);
        if (record->parsed()) return record_figures(find_model(settings->recorded), settings->reports), 0;
        return info->parsed() ? show_model(*settings) : verify_models(*settings);
    };
}

}  // namespace affectsr::cli
