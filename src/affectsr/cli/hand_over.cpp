#include "affectsr/cli/hand_over.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "affectsr/base/error.h"

namespace affectsr::cli {

namespace fs = std::filesystem;

const char* const kTrainingExamples =
    "  affectsr train recipes/train/small_net.json --data datasets/ --output trained/";

namespace {

constexpr const char* kName = "affectsr-train";

}  // namespace

TrainingProgram find_training_program() {
    std::error_code ignored;
    const fs::path here = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    TrainingProgram program;
    program.looked_for = {here / kName, (here / AFFECTSR_PROGRAMS_FROM_BIN / kName).lexically_normal()};
    for (const fs::path& file : program.looked_for) {
        if (!fs::is_regular_file(file, ignored) || ::access(file.c_str(), X_OK) != 0) continue;
        program.file = file;
        break;
    }
    return program;
}

bool is_for_training_program(const std::vector<std::string>& arguments) {
    if (arguments.empty()) return false;
    if (arguments[0] == "train") return true;
    if (arguments[0] != "bench") return false;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        if (arguments[i] == "--training" || arguments[i] == "--against=libtorch") return true;
        if (arguments[i] == "--against" && i + 1 < arguments.size() && arguments[i + 1] == "libtorch") return true;
    }
    return false;
}

void hand_over_to_training_program(const std::vector<std::string>& arguments) {
    if (!is_for_training_program(arguments)) return;
    const TrainingProgram program = find_training_program();
    if (program.file.empty()) {
        std::string places;
        for (const fs::path& file : program.looked_for) places += (places.empty() ? "" : " and ") + file.string();
        const std::string what = arguments[0] == "train" ? "affectsr train" : "affectsr bench against LibTorch";
        throw UsageError(what + " is done by the program affectsr-train, which is not at " + places +
                             "; the Debian package affectsr-train brings it, and so does building with "
                             "-D AFFECTSR_TRAIN=ON (make train)",
                         "no_training_program");
    }
    const std::string file = program.file.string();
    std::vector<char*> words{const_cast<char*>(file.c_str())};
    for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    ::execv(file.c_str(), words.data());
    throw UsageError(file + " cannot be started: " + std::strerror(errno), "no_training_program");
}

Action declare_training(CLI::App&) {
    return [](const Call&) {  // reached only by a line that does not begin with the command: `affectsr -- train`
        hand_over_to_training_program({"train"});
        return 2;
    };
}

}  // namespace affectsr::cli
