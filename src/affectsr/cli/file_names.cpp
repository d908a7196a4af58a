#include "affectsr/cli/file_names.h"

#include <filesystem>
#include <map>
#include <set>

#include "affectsr/base/text.h"
#include "affectsr/cli/rows.h"

namespace affectsr::cli {

namespace {

constexpr std::size_t kMostBytes = 200;

std::string safe_stem(const std::string& input) {
    if (input == "-") return "stdin";
    std::string stem = valid_utf8(std::filesystem::path(input).stem().string());
    for (char& c : stem) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 32 || byte == 127 || c == '/' || c == '\\') c = '_';
    }
    if (stem.size() > kMostBytes) {
        std::size_t end = kMostBytes;  // not in the middle of a UTF-8 character
        while (end > 0 && (static_cast<unsigned char>(stem[end]) & 0xC0) == 0x80) --end;
        stem.resize(end > 0 ? end : kMostBytes);
    }
    return stem.empty() || stem == "." || stem == ".." ? "photo" : stem;
}

}  // namespace

std::vector<std::string> output_stems(const std::vector<std::string>& inputs, const TakenStems& given) {
    std::set<std::string> taken;
    for (const std::string& stem : given.others) taken.insert(lower_case(stem));
    for (const std::string& stem : given.of_inputs) taken.insert(lower_case(stem));
    std::map<std::string, int> last_number;  // keeps a folder full of equal names from being searched again and again
    std::vector<std::string> stems;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (i < given.of_inputs.size() && !given.of_inputs[i].empty()) {
            stems.push_back(given.of_inputs[i]);
            continue;
        }
        const std::string wanted = safe_stem(inputs[i]);
        std::string stem = wanted;
        int& number = last_number.try_emplace(lower_case(wanted), 1).first->second;
        while (!taken.insert(lower_case(stem)).second) stem = wanted + "_" + std::to_string(++number);
        stems.push_back(std::move(stem));
    }
    return stems;
}

}  // namespace affectsr::cli
