// affectsr-golden CASE_DIR…: runs stored cases of independent references and prints how near we came.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>

#include "affectsr/base/error.h"
#include "golden/golden_case.h"

namespace {

using namespace affectsr;

constexpr int kAllWithin = 0, kMiss = 1, kUnknown = 2;

constexpr const char* kHelp =
    "affectsr-golden testdata/golden/bicubic/rgb_40x56     runs one case\n"
    "affectsr-golden testdata/golden/*/*                   runs them all\n"
    "affectsr-golden --list                                prints the items that have a runner\n\n"
    "A case is a folder with fixture.json and tensors.safetensors. Each line shows a tensor, the relative error\n"
    "|ours - expected| / |expected| and the tolerance. Exit: 0 all within, 1 a miss, 2 an unknown item or no case.\n";

std::string shape_text(const HostTensor& tensor) {
    std::string text = "[";
    for (std::int64_t side : tensor.shape()) text += (text.size() > 1 ? ", " : "") + std::to_string(side);
    return text + "]";
}

int print_rows(const golden::Case& one, const golden::Outputs& outputs) {
    const std::vector<golden::Comparison> rows = golden::compare(one, outputs);
    int width = 0, answers = 0, misses = 0;
    for (const golden::Comparison& row : rows) width = std::max(width, static_cast<int>(row.tensor.size()));
    for (const golden::Comparison& row : rows) {
        answers += row.tensor.starts_with("output.");
        misses += !row.within;
        std::printf("  %-4s  %-*s  ", row.within ? "ok" : "MISS", width, row.tensor.c_str());
        if (!row.computed) {
            std::printf("not computed\n");
        } else if (!row.same_shape) {
            std::printf("shape %s, expected %s\n", shape_text(outputs.at(row.tensor)).c_str(),
                        shape_text(one.tensors.at(row.tensor.substr(0, row.tensor.find('@')))).c_str());
        } else {
            std::printf("%.2e  (tolerance %.0e)\n", row.error, one.tolerance);
        }
    }
    if (answers == 0) std::printf("  MISS  the case has no output.* tensor\n");
    std::printf("  %zu tensors, %d missed\n", rows.size(), misses);
    return misses == 0 && answers > 0 ? kAllWithin : kMiss;
}

int run_case(const std::string& folder) {
    golden::Case one;
    try {
        one = golden::read_case(folder);
    } catch (const std::exception& error) {
        std::printf("%s\n  UNREADABLE  %s\n", folder.c_str(), error.what());
        return kUnknown;
    }
    std::printf("%s  %s\n", one.network.c_str(), folder.c_str());
    const golden::Runner* runner = golden::find_runner(one);
    if (runner == nullptr) {
        std::printf("  UNKNOWN  no runner for the item \"%s\"; --list prints the known ones\n", one.network.c_str());
        return kUnknown;
    }
    try {
        return print_rows(one, (*runner)(one));
    } catch (const std::exception& error) {
        std::printf("  MISS  the runner failed: %s\n", error.what());
        return kMiss;
    }
}

}  // namespace

int main(int count, char** words) {
    const std::vector<std::string> arguments(words + 1, words + count);
    if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h") {
        std::fputs(kHelp, arguments.empty() ? stderr : stdout);
        return arguments.empty() ? kUnknown : kAllWithin;
    }
    if (arguments[0] == "--list") {
        for (const std::string& item : golden::known_items()) std::printf("%s\n", item.c_str());
        return kAllWithin;
    }
    int worst = kAllWithin;
    for (const std::string& folder : arguments) worst = std::max(worst, run_case(folder));
    return worst;
}
