#include "affectsr/cli/degrade.h"

#include <CLI/App.hpp>
#include <filesystem>
#include <memory>

#include "affectsr/cli/standard_input.h"
#include "affectsr/image/codec.h"
#include "affectsr/image/degrade.h"
#include "affectsr/program/flags.h"
#include "affectsr/program/input_files.h"

namespace affectsr::cli {

const char* const kDegradeExamples =
    R"(  affectsr degrade face.png -o small.png --scale 4                          a quarter of the sides, MATLAB bicubic
  affectsr degrade face.png -o far.jpg --size-px 16 --enlarge-back          16×16, enlarged again
  affectsr degrade photo.jpg -o bad.jpg --scale 2.5 --blur-sigma-px 1 --noise-sigma 5 --jpeg-quality 40 --seed 7)";

namespace {

struct DegradeSettings {
    std::string input;
    std::filesystem::path output;
    std::uint64_t seed = 1;
    int quality = 95;
    bool overwrite = false;
    Degradation degradation;
    void fields(auto&& f) {
        f("output", output, "picture to write: .png, .jpg or .webp");
        f("seed", seed, "of the noise");
        f("quality", quality, "of a written JPEG or WebP", Range{1, 100});
        f("overwrite", overwrite, "replace an existing picture");
    }
};

int degrade_one(const DegradeSettings& settings, const Call& call) {
    if (settings.output.empty()) throw UsageError("name the picture to write: -o OUT.png");
    InputFiles inputs;
    if (settings.input == "-")
        inputs.add_stdin();
    else
        inputs.add(settings.input);
    inputs.refuse(settings.output);
    if (!settings.overwrite && std::filesystem::exists(settings.output))
        throw UsageError(settings.output.string() + " exists; choose another file or --overwrite", "output_exists");
    Image hr;
    try {
        hr = settings.input == "-" ? decode_image(read_stdin(ImageLimits{}.file_bytes, call.stop.token()), "stdin")
                                   : read_image(settings.input);
    } catch (const Interrupted&) {
        return call.stop.exit_code();
    }
    std::mt19937_64 random(settings.seed);
    write_image(settings.output, degrade(hr, settings.degradation, random), settings.quality);
    return 0;
}

}  // namespace

Action declare_degrade(CLI::App& command) {
    const auto settings = std::make_shared<DegradeSettings>();
    command.add_option("INPUT", settings->input, "the picture, or - for stdin")->required();
    add_flags(command, list_fields(*settings), "Options", {{"output", "o"}});
    add_flags(command, list_fields(settings->degradation), "Degradation, in this order");
    return [settings](const Call& call) { return degrade_one(*settings, call); };
}

}  // namespace affectsr::cli
