// affectsr-golden CASE_DIR…: runs stored cases of independent references and prints how near we came.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "affectsr/base/error.h"
#include "golden/golden_case.h"

namespace {

using namespace affectsr;

constexpr int kAllWithin = 0, kMiss = 1, kUnknown = 2, kNothingThere = 77;

constexpr const char* kHelp =
    "affectsr-golden testdata/golden/rrdbnet/small_x4       runs one case\n"
    "affectsr-golden testdata/golden/*/*                   runs them all\n"
    "affectsr-golden --strict CASE_DIR...                  a stage that the runner does not compute is a miss too\n"
    "affectsr-golden --below FOLDER [ITEM...]              runs all cases in FOLDER/*/* that have a runner, but for\n"
    "                                                     those of the items\n"
    "affectsr-golden --list                                prints the items that have a runner\n\n"
    "A case is a folder with fixture.json and tensors.safetensors. Each line shows a tensor, the relative error\n"
    "|ours - expected| / |expected| and the tolerance; stages that are not computed are named and counted. Exit: 0 "
    "all\n"
    "within, 1 a miss, 2 an unknown item or no case, 77 --below a folder that is not there.\n";

std::string shape_text(const HostTensor& tensor) {
    std::string text = "[";
    for (std::int64_t side : tensor.shape()) text += (text.size() > 1 ? ", " : "") + std::to_string(side);
    return text + "]";
}

const char* mark_of(const golden::Comparison& row, bool strict) {
    if (row.within) return "ok";
    return !row.computed && row.optional && !strict ? "none" : "MISS";
}

int print_rows(const golden::Case& one, const golden::Outputs& outputs, bool strict) {
    const std::vector<golden::Comparison> rows = golden::compare(one, outputs);
    int width = 0, answers = 0, misses = 0, left_out = 0;
    for (const golden::Comparison& row : rows) width = std::max(width, static_cast<int>(row.tensor.size()));
    for (const golden::Comparison& row : rows) {
        const std::string mark = mark_of(row, strict);
        answers += row.tensor.starts_with("output.");
        misses += mark == "MISS";
        left_out += !row.computed && row.optional;
        std::printf("  %-4s  %-*s  ", mark.c_str(), width, row.tensor.c_str());
        if (!row.computed) {
            std::printf("not computed\n");
        } else if (!row.same_shape) {
            std::printf("shape %s, expected %s\n", shape_text(outputs.at(row.tensor)).c_str(),
                        shape_text(one.tensors.at(row.tensor.substr(0, row.tensor.find('@')))).c_str());
        } else {
            std::printf("%.2e  (tolerance %.0e)\n", row.error, row.tolerance);
        }
    }
    if (answers == 0) std::printf("  MISS  the case has no output.* tensor\n");
    std::printf("  %zu tensors, %d missed, %d stages not computed\n", rows.size(), misses, left_out);
    return misses == 0 && answers > 0 ? kAllWithin : kMiss;
}

int run_case(const std::string& folder, bool strict, bool only_known, const std::set<std::string>& left_out = {}) {
    golden::Case one;
    try {
        one = golden::read_case(folder);
    } catch (const std::exception& error) {
        std::printf("%s\n  UNREADABLE  %s\n", folder.c_str(), error.what());
        return kUnknown;
    }
    if (left_out.contains(one.network)) {
        std::printf("%s  %s\n  left out\n", one.network.c_str(), folder.c_str());
        return kAllWithin;
    }
    const golden::Runner* runner = golden::find_runner(one);
    if (runner == nullptr && only_known) return kAllWithin;
    std::printf("%s  %s\n", one.network.c_str(), folder.c_str());
    if (runner == nullptr) {
        std::printf("  UNKNOWN  no runner for the item \"%s\"; --list prints the known ones\n", one.network.c_str());
        return kUnknown;
    }
    try {
        return print_rows(one, (*runner)(one), strict);
    } catch (const std::exception& error) {
        std::printf("  MISS  the runner failed: %s\n", error.what());
        return kMiss;
    }
}

int run_below(const std::filesystem::path& folder, bool strict, const std::set<std::string>& left_out) {
    namespace fs = std::filesystem;
    if (!fs::is_directory(folder)) {
        std::printf("%s is not there\n", folder.c_str());
        return kNothingThere;
    }
    std::set<std::string> cases;
    for (const fs::directory_entry& item : fs::directory_iterator(folder)) {
        if (!item.is_directory()) continue;
        for (const fs::directory_entry& one : fs::directory_iterator(item))
            if (fs::exists(one.path() / "fixture.json")) cases.insert(one.path().string());
    }
    int worst = kAllWithin;
    for (const std::string& one : cases) worst = std::max(worst, run_case(one, strict, true, left_out));
    return worst;
}

}  // namespace

int main(int count, char** words) {
    std::vector<std::string> arguments(words + 1, words + count);
    if (arguments.empty() || arguments[0] == "--help" || arguments[0] == "-h") {
        std::fputs(kHelp, arguments.empty() ? stderr : stdout);
        return arguments.empty() ? kUnknown : kAllWithin;
    }
    if (arguments[0] == "--list") {
        for (const std::string& item : golden::known_items()) std::printf("%s\n", item.c_str());
        return kAllWithin;
    }
    const bool strict = arguments[0] == "--strict";
    if (strict) arguments.erase(arguments.begin());
    if (arguments.size() >= 2 && arguments[0] == "--below")
        return run_below(arguments[1], strict, {arguments.begin() + 2, arguments.end()});
    int worst = arguments.empty() ? kUnknown : kAllWithin;
    for (const std::string& folder : arguments) worst = std::max(worst, run_case(folder, strict, false));
    return worst;
}
