#include "affectsr/cli/doctor.h"

#include <CLI/App.hpp>
#include <memory>

#include "affectsr/cli/hand_over.h"
#include "affectsr/cli/models.h"
#include "affectsr/cli/rows.h"
#include "affectsr/detect/catalog.h"
#include "affectsr/engine/plan_engine.h"
#include "affectsr/experiment/report.h"
#include "affectsr/image/codec.h"
#include "affectsr/pipeline/lettering.h"
#include "affectsr/pipeline/pipeline.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/machine.h"
#include "affectsr/program/output.h"

namespace affectsr::cli {

const char* const kDoctorExamples =
    R"(  affectsr doctor                    for people
  affectsr doctor --format json      for bug reports and scripts)";

namespace {

struct DoctorSettings {
    std::string format = "text";
    void fields(auto&& f) { f("format", format, "how it is written", OneOf{{"text", "json"}}); }
};

Json library_versions() {
    Json versions;
    for (const auto& [name, library] :
         {std::pair{"oneDNN", "dnnl"}, std::pair{"OpenCV", "opencv_core"}, std::pair{"libjpeg", "jpeg"},
          std::pair{"libpng", "png16"}, std::pair{"FreeType", "freetype"}, std::pair{"libwebp", "webp"},
          std::pair{"OpenMP", "gomp"}}) {
        const std::string file = library_file(library);
        versions[name] = file.empty() ? Json(nullptr) : Json(version_in(file));
    }
    return versions;
}

/// Every detector, and whether it can be built as it stands.
Json detectors() {
    Json list = Json::array();
    for (const Entry<Detector>& entry : detector_catalog()) {
        Json item = {{"name", entry.name}, {"source", entry.source}, {"ready", true}, {"message", nullptr}};
        try {
            entry.make(Json::object());
        } catch (const Error& error) {
            item["ready"] = false;
            item["message"] = error.what();
        }
        list.push_back(std::move(item));
    }
    return list;
}

Json limits() {
    const ImageLimits image;
    const PipelineOptions pipeline;
    return {{"side_px", image.side_px},
            {"area_px", image.area_px},
            {"file_bytes", image.file_bytes},
            {"faces_per_photo", pipeline.most_faces},
            {"least_face_px", pipeline.least_face_px}};
}

std::string shown(const Json& value) {
    if (value.is_null()) return "–";
    if (value.is_string()) return printable(value.get<std::string>());
    if (!value.is_array()) return value.dump();
    std::string text;
    for (const Json& item : value) text += (text.empty() ? "" : " ") + shown(item);
    return text;
}

std::string line(const std::string& key, const std::string& value) {
    return key + std::string(key.size() < 16 ? 16 - key.size() : 1, ' ') + value + "\n";
}

std::string for_people(const Json& found) {
    std::string text;
    for (const auto& [key, value] : found.items())
        if (!value.is_object() && key != "detectors" && key != "models" && key != "training_program" &&
            key != "letters")
            text += line(key, shown(value));
    text += line("engine", shown(found["engine"]["player"]) + ", --precision auto is " +
                               shown(found["engine"]["auto_precision"]));
    text += line("affectsr-train", found["training_program"].is_null() ? "not installed: `affectsr train` needs it"
                                                                       : shown(found["training_program"]));
    text += line("letters",
                 found["letters"].is_null() ? "not found: pictures are drawn without words" : shown(found["letters"]));
    for (const char* group : {"libraries", "limits"}) {
        text += std::string("\n") + group + "\n";
        for (const auto& [key, value] : found[group].items()) text += line("  " + key, shown(value));
    }
    text += "\ndetectors\n";
    for (const Json& item : found["detectors"])
        text +=
            line("  " + shown(item["name"]), item["ready"] == true ? "ready" : "not ready: " + shown(item["message"]));
    text += "\nmodels\n";
    for (const Json& item : found["models"]) {
        const bool sound = item["status"] == "ok";
        text += line("  " + shown(item["name"]), sound ? shown(item["file"]) : shown(item["error"]["message"]));
        if (sound) text += line("", "verified, sha256 " + shown(item["sha256"]));
    }
    return text;
}

}  // namespace

Json diagnosis() {
    Json found;
    found["version"] = program_version();
    found["commit"] = program_commit();
    found["compiler"] = std::string("g++ ") + __VERSION__;
    found["processor"] = cpu_name();
    found["cpu_features"] = cpu_features();
    found["threads"] = usable_cores();
    found["engine"] = {{"player", engine_available() ? "oneDNN" : "LibTorch"},
                       {"auto_precision", name_of(used_precision(precision_from("auto")))}};
    const std::string training_program = find_training_program().file.string();
    found["training_program"] = training_program.empty() ? Json(nullptr) : Json(training_program);
    found["libraries"] = library_versions();
    found["picture_formats"] = {"JPEG", "PNG", "WebP"};
    const std::string letters = lettering().folder.string();
    found["letters"] = letters.empty() ? Json(nullptr) : Json(letters);
    found["detectors"] = detectors();
    found["models"] = Json::array();
    for (const std::string& name : model_names()) found["models"].push_back(to_json(check_model(name, true)));
    found["limits"] = limits();
    return found;
}

std::string version_text() {
    const std::string opencv = library_file("opencv_core");
    return std::string("affectsr ") + program_version() + " (" + program_commit() + "), g++ " + __VERSION__ +
           (opencv.empty() ? "" : ", OpenCV " + version_in(opencv));
}

Action declare_doctor(CLI::App& command) {
    const auto settings = std::make_shared<DoctorSettings>();
    add_flags(command, list_fields(*settings), "Options");
    return [settings](const Call&) {
        const Json found = diagnosis();
        print(settings->format == "json" ? found.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"
                                         : for_people(found));
        for (const Json& model : found["models"])
            if (model["status"] != "ok") return 4;
        return 0;
    };
}

}  // namespace affectsr::cli
