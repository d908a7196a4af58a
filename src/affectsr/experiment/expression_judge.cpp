#include "affectsr/experiment/expression_judge.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "affectsr/base/error.h"
#include "affectsr/classify/catalog.h"
#include "affectsr/classify/expression_network.h"
#include "affectsr/experiment/sizes.h"
#include "affectsr/weights/model_file.h"

namespace affectsr {

ExpressionJudge expression_judge(const std::string& word, const std::string& precision) {
    const auto [name, file] = name_and_file(word);
    const auto networks = expression_network_catalog();
    const bool is_network =
        std::any_of(networks.begin(), networks.end(), [&](const auto& entry) { return entry.name == name; });
    if (is_network || !file.empty()) return {word, weights_sha256(name, file), load_classifier(name, file, precision)};
    const std::filesystem::path path = find_model(name);  // a model file: its card says what network it is
    return {word, weights_sha256(name, ""), make_classifier(ModelFile::open(path), path.string(), precision)};
}

std::pair<std::string, std::string> name_and_file(const std::string& word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) return {word, ""};
    return {word.substr(0, equals), word.substr(equals + 1)};
}

void expect_each_once(const char* what, const std::vector<std::string>& words) {
    if (words.empty()) throw UsageError(std::string("\"") + what + "\" must name at least one");
    std::set<std::string> seen;
    for (const std::string& word : words)
        if (!seen.insert(word).second) throw UsageError(std::string("\"") + what + "\" names " + word + " twice");
}

}  // namespace affectsr
